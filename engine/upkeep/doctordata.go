package upkeep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

// What is old and what is much, for a department's deliveries.
const (
	oldDays          = 45 // a delivery a month, and half a month late
	quarantineNotice = 10 // per mille of the rows
	quarantineMuch   = 50
)

// snapshots examines the deliveries.
func (x *examiner) snapshots(ctx context.Context) error {
	dir, err := snapshot.OpenDirWith(x.o.Data, snapshot.Options{Keys: x.keys})
	if err != nil {
		return err
	}
	entries, err := dir.List()
	if errors.Is(err, snapshot.ErrNoData) {
		x.add("snapshots_none", Note, text("nothing was ingested yet", "尚未接入数据"), text("hedui ingest --data DIR …", "执行 hedui ingest --data DIR …"))
		return nil
	}
	restore := text("restore the newest backup, or ingest the department's files again", "恢复最近的备份，或重新接入部门文件")
	if err != nil {
		x.add("snapshots", Error, text("the catalogue can't be read: %v", "目录表无法读取：%v", err), restore)
		return nil
	}
	pins, err := dir.Pins()
	if err != nil {
		pins = nil // generations says what is wrong with them
	}
	var held, superseded, unpublished []string
	newest := map[household.Source]household.Date{}
	for _, e := range entries {
		switch {
		case e.State == snapshot.Held:
			held = append(held, e.ID)
		case e.State == snapshot.Superseded && pins[e.ID] == "":
			superseded = append(superseded, e.ID)
		case e.State == snapshot.Active && pins != nil && pins[e.ID] == "":
			unpublished = append(unpublished, e.ID)
		}
		if e.State == snapshot.Active {
			newest[e.Source] = max(newest[e.Source], e.AsOf)
		}
	}
	if x.o.Deep && (x.keys != nil || !keyring.Encrypted(x.o.Data)) {
		if err := dir.Verify(ctx, nil); err != nil {
			x.add("snapshots", Error, text("a snapshot is damaged: %v", "快照损坏：%v", err), restore)
		}
	}
	x.add("snapshots_held", severityIf(len(held) > 0, Warning), text("%d snapshots are held back because they shrank too much %s", "%d 个快照因数据骤减被搁置 %s", len(held), join(held)),
		doIf(len(held) > 0, text("ask the department; then hedui ingest again with --accept-shrink", "向部门核实后，用 --accept-shrink 重新接入")))
	x.add("snapshots_superseded", severityIf(len(superseded) > 0, Note), text("%d snapshots are superseded and in no generation", "%d 个快照已被替代且不在任何一代数据中", len(superseded)),
		doIf(len(superseded) > 0, text("hedui retention plan says when they go", "用 hedui retention plan 查看清理时间")))
	x.add("snapshots_unpublished", severityIf(len(unpublished) > 0, Note), text("%d snapshots are in no generation", "%d 个快照未进入任何一代数据", len(unpublished)),
		doIf(len(unpublished) > 0, text("hedui publish, unless a newer one of the same provider was published", "执行 hedui publish（除非同一来源已发布更新的快照）")))
	today, _ := household.ParseDate([]byte(x.o.Now.Format(time.DateOnly)))
	for s := household.Tax; s < household.NumChecked; s++ {
		x.age(s, newest[s], today)
	}
	return x.quarantines(dir, entries)
}

func severityIf(bad bool, s Severity) Severity {
	if bad {
		return s
	}
	return OK
}

func doIf(bad bool, t Text) Text {
	if bad {
		return t
	}
	return Text{}
}

func (x *examiner) age(s household.Source, asOf, today household.Date) {
	days := 0
	if asOf != 0 {
		days = today.Days() - asOf.Days()
	}
	zh := household.Sources.At(uint8(s)).Zh
	both := func(en, chinese string, args ...any) Text {
		return Text{fmt.Sprintf(en, append([]any{s}, args...)...), fmt.Sprintf(chinese, append([]any{zh}, args...)...)}
	}
	deliver := both("ask the department for its delivery of %s: without it verdicts say so, or can't be given", "催要%s数据：缺少时核对结果会注明或无法作出")
	switch {
	case asOf == 0:
		x.add("source_missing", Warning, both("there is no data of %s", "没有%s数据"), deliver)
	case days < 0:
		x.add("source_future", Warning, both("the data of %s are of %s, which is not yet", "%s数据的截止日期 %s 尚未到来", asOf),
			text("look at --as-of of that delivery, and at the clock", "检查该批数据的 --as-of 和系统时钟"))
	case days > oldDays:
		x.add("source_old", Warning, both("the newest data of %s are of %s, %d days ago", "%s最新数据截至 %s，已过 %d 天", asOf, days), deliver)
	default:
		x.add("source", OK, both("the newest data of %s are of %s", "%s最新数据截至 %s", asOf), Text{})
	}
}

// quarantines says which deliveries had many rows that could not be read.
func (x *examiner) quarantines(dir *snapshot.Dir, entries []snapshot.Entry) error {
	if x.keys == nil && keyring.Encrypted(x.o.Data) {
		return nil // keys_locked says that they were not looked at
	}
	worst, of := int64(-1), ""
	for _, e := range entries {
		if e.State != snapshot.Active {
			continue
		}
		s, err := dir.Open(e.ID)
		if err != nil {
			x.add("snapshots", Error, text("snapshot %s does not open: %v", "快照 %s 无法打开：%v", e.ID, err),
				text("restore the newest backup, or ingest the department's files again", "恢复最近的备份，或重新接入部门文件"))
			continue
		}
		m := s.Manifest()
		if m.Counts.RowsIn > 0 {
			if share := m.Counts.Quarantined * 1000 / m.Counts.RowsIn; share > worst {
				worst, of = share, fmt.Sprintf("%s (%s)", e.ID, e.Source)
			}
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	if worst < 0 {
		return nil
	}
	do := text("hedui snapshots quarantine says which rows: give it to the department, or write a mapping", "用 hedui snapshots quarantine 查看明细，反馈部门或编写映射")
	what := text("at most %d.%d %% of a delivery was quarantined: %s", "各批数据的隔离比例最高为 %d.%d %%：%s", worst/10, worst%10, of)
	switch {
	case worst > quarantineMuch:
		x.add("quarantine", Warning, what, do)
	case worst > quarantineNotice:
		x.add("quarantine", Note, what, do)
	default:
		x.add("quarantine", OK, what, Text{})
	}
	return nil
}

// generations examines what is published.
func (x *examiner) generations(ctx context.Context) error {
	publish := text("hedui publish --data DIR", "执行 hedui publish --data DIR")
	st, err := store.OpenDirWith(x.o.Data, store.DirOptions{Keys: x.keys})
	if err != nil {
		return err
	}
	ids, err := st.List()
	if err != nil {
		return err
	}
	current, err := st.Current()
	switch {
	case errors.Is(err, store.ErrNoCurrent):
		x.add("generation_none", Note, text("nothing was published yet", "尚未发布数据"), publish)
	case err != nil:
		x.add("generation", Error, text("the current generation can't be told: %v", "无法确定当前一代数据：%v", err), publish)
	default:
		x.add("generation", OK, text("generation %s is current, %d are held", "当前一代数据为 %s，共保存 %d 代", current, len(ids)), Text{})
	}
	if x.keys == nil && keyring.Encrypted(x.o.Data) {
		return nil
	}
	for _, id := range ids {
		err := x.generation(ctx, st, id)
		switch {
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			return err
		case errors.Is(err, store.ErrFormat):
			x.add("generation_format", Error, text("generation %s is of a format that this program does not read", "第 %s 代数据的格式本程序无法读取", id),
				text("use the program that wrote it, or publish again", "使用写入它的程序版本，或重新发布"))
		case err != nil:
			x.add("generation_damaged", Error, text("generation %s is damaged: %v", "第 %s 代数据损坏：%v", id, err),
				text("restore the newest backup, or publish again", "恢复最近的备份，或重新发布"))
		}
	}
	return nil
}

func (x *examiner) generation(ctx context.Context, st store.Store, id string) error {
	if x.o.Deep {
		return sweep(ctx, st, id)
	}
	g, err := st.Open(id)
	if err != nil {
		return err
	}
	return g.Close()
}
