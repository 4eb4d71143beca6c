package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/ledger"
)

// Severity says how much a finding matters.
type Severity string

// The severities, the gravest last.
const (
	OK      Severity = "ok"
	Note    Severity = "note"    // worth knowing
	Warning Severity = "warning" // will be an error if nothing is done
	Error   Severity = "error"   // something does not work, or must not go on
)

func (s Severity) rank() int { return slices.Index([]Severity{OK, Note, Warning, Error}, s) }

// Text is a sentence in both languages.
type Text struct{ En, Zh string }

// Finding is one thing that the doctor found. It holds nothing personal: paths, numbers
// of snapshots and generations, counts and days.
type Finding struct {
	Code     string
	Severity Severity
	What     Text
	Do       Text // what to do about it, empty when nothing
}

// ExamineOptions of Examine. What is nil is not examined, and the doctor says so.
type ExamineOptions struct {
	Data string
	Now  time.Time
	Deep bool // read and prove everything, which takes as long as reading it does
	// KeyFile is that of an encrypted directory, "" when it was not given.
	KeyFile string
	// Ledger opens the ledger when there is one.
	Ledger func(ctx context.Context) (ledger.Ledger, error)
	// Heads were anchored elsewhere; their signatures were checked.
	Heads []audit.Head
	Keys  []*audit.PublicKey // that stubs of the audit log may be signed by
	// Pool is where backups of the directory are; nil when nobody says.
	Pool *Pool
	// Packs are rules in use, by name, and how many of their values nobody has verified.
	Packs map[string]int
	// System says what the machine allows; nil asks it.
	System func(dir string) System
}

// System is what the machine allows this program, as far as it can be known.
type System struct {
	Free       int64 // bytes on the file system of the directory, -1 when not known
	FileSystem string
	Durable    bool  // that file system keeps what it has synced
	Files      int64 // that a process may have open, -1 when not known
	Core       int64 // bytes of memory that a crash writes to a file, -1 when not known
	Alive      func(pid int) bool
}

// examiner collects findings.
type examiner struct {
	o    ExamineOptions
	sys  System
	keys *keyring.Ring
	list []Finding
}

func (x *examiner) add(code string, s Severity, what, do Text) {
	x.list = append(x.list, Finding{code, s, what, do})
}

// text fills both languages with the same values.
func text(en, zh string, args ...any) Text {
	if len(args) == 0 {
		return Text{en, zh}
	}
	return Text{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}
}

// Worst is the gravest severity of findings.
func Worst(list []Finding) Severity {
	worst := OK
	for i := range list {
		if list[i].Severity.rank() > worst.rank() {
			worst = list[i].Severity
		}
	}
	return worst
}

// Examine looks a data directory over and says what is wrong and what to do. It changes
// nothing. Findings are in the order of what is looked at; one of every kind is given
// also when all is well. An error means that there is nothing to look at.
func Examine(ctx context.Context, o ExamineOptions) ([]Finding, error) {
	if info, err := os.Stat(o.Data); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a directory", o.Data)
	}
	if o.System == nil {
		o.System = systemOf
	}
	x := &examiner{o: o, sys: o.System(o.Data)}
	if half := errors.Is(durable.Usable(o.Data), durable.ErrRestoring); half {
		x.add("restore_unfinished", Error,
			text("a backup was being put back and it did not end: nothing here can be used", "恢复未完成：此目录不可使用"),
			text("remove the directory and run hedui restore again", "删除该目录，重新执行 hedui restore"))
		return x.list, nil
	}
	for _, look := range []func(context.Context) error{
		x.modes, x.fileSystem, x.limits, x.locks, x.unfinished, x.keyring, x.snapshots, x.generations, x.audit, x.ledger, x.backups, x.packs,
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := look(ctx); err != nil {
			return nil, err
		}
	}
	return x.list, nil
}

// oldBackup is the age from which a backup is an old one: more than a day lost.
const oldBackup = 26 * time.Hour

// backups says how much would be lost with the directory.
func (x *examiner) backups(context.Context) error {
	do := text("hedui backup --data DIR --to POOL, every day by a timer", "每日定时执行 hedui backup --data DIR --to POOL")
	if x.o.Pool == nil {
		x.add("backup_unknown", Note, text("no pool of backups was given (--pool): whether there are backups was not looked at", "未提供备份库（--pool）：未检查备份"), do)
		return nil
	}
	l, err := x.o.Pool.Read("")
	switch {
	case errors.Is(err, ErrNoBackup):
		x.add("backup_none", Error, text("there is no backup", "没有备份"), do)
	case err != nil:
		x.add("backup", Error, text("the newest backup can't be read: %v", "最近的备份无法读取：%v", err), do)
	case x.o.Now.Sub(l.At) > oldBackup:
		x.add("backup_old", Warning, text("the newest backup is of %s", "最近的备份为 %s", l.At.Format(time.RFC3339)), do)
	default:
		x.add("backup", OK, text("the newest backup is of %s", "最近的备份为 %s", l.At.Format(time.RFC3339)), Text{})
	}
	return nil
}

// packs says which rules rest on values that nobody has verified.
func (x *examiner) packs(context.Context) error {
	var names []string
	for name := range x.o.Packs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if n := x.o.Packs[name]; n > 0 {
			x.add("values_unverified", Warning,
				text("rules %s rest on %d values that nobody has verified against the law", "规则 %s 中有 %d 个取值未经核实", name, n),
				text("compare them with the document they cite and set verified in the pack", "对照所引文件核实后，在规则包中标注 verified"))
			continue
		}
		x.add("values", OK, text("every value of rules %s is verified", "规则 %s 的取值均已核实", name), Text{})
	}
	return nil
}

// keyring examines the keys of an encrypted directory.
func (x *examiner) keyring(context.Context) error {
	if !keyring.Encrypted(x.o.Data) {
		x.add("encryption", Note, text("the directory is not encrypted", "数据目录未加密"),
			text("hedui keys init on a new directory, then ingest again", "对新目录执行 hedui keys init，再重新接入数据"))
		return nil
	}
	if x.o.KeyFile == "" {
		x.add("keys_locked", Warning,
			text("the directory is encrypted and no key file was given: its keys and what they seal were not looked at", "目录已加密但未提供密钥文件：未检查密钥及其封存的内容"),
			text("run it again with --key-file FILE", "加上 --key-file FILE 再执行一次"))
		return nil
	}
	ring, err := keyring.Open(x.o.Data, x.o.KeyFile)
	if err == nil {
		_, err = ring.Check()
	}
	if err != nil {
		x.add("keys", Error, text("the keys do not open: %v", "密钥无法打开：%v", err),
			text("name the right key file, readable by its owner only, or put its copy back", "使用正确的密钥文件（仅所有者可读），或恢复其副本"))
		return nil
	}
	x.keys = ring
	masters, err := ring.Masters()
	if err != nil {
		return err
	}
	suite, list, err := keyring.List(x.o.Data)
	if err != nil {
		return err
	}
	x.add("keys", OK, text("%d data keys open (%s)", "%d 个数据密钥均可打开（%s）", len(list), suite), Text{})
	if len(masters) > 1 {
		x.add("keys_old", Note, text("the key file holds %d master keys: a rotation was begun", "密钥文件中有 %d 个主密钥：轮换尚未结束", len(masters)),
			text("copy the key file to its safe place, then hedui keys retire", "先另存密钥文件，再执行 hedui keys retire"))
	}
	return nil
}

// ledger examines the ledger: opening it reads every table.
func (x *examiner) ledger(ctx context.Context) (err error) {
	if _, err := os.Stat(x.o.Data + "/ledger"); errors.Is(err, fs.ErrNotExist) || x.o.Ledger == nil {
		x.add("ledger_none", Note, text("there is no ledger: nothing was registered yet", "尚无台账：还没有登记"), Text{})
		return nil
	}
	broken := func(err error) {
		do := text("keep it as it is and restore the newest backup elsewhere: hedui restore", "保持原状，用 hedui restore 在别处恢复最近的备份")
		if errors.Is(err, ledger.ErrSpace) {
			do = text("make room on the disk", "清理磁盘空间")
		}
		x.add("ledger", Error, text("the ledger does not stand: %v", "台账异常：%v", err), do)
	}
	l, err := x.o.Ledger(ctx)
	if err != nil {
		broken(err)
		return nil
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if !x.o.Deep {
		if _, err := l.List(ctx, ledger.Every(ledger.KindUser)); err != nil {
			broken(err)
			return nil
		}
		x.add("ledger", OK, text("the ledger opens and answers", "台账可打开"), Text{})
		return nil
	}
	r, err := l.Verify(ctx)
	if err == nil && !r.OK() {
		err = fmt.Errorf("%d faults, the first: %s", len(r.Damage), r.Damage[0])
	}
	if err != nil {
		broken(err)
		return nil
	}
	x.add("ledger", OK, text("the ledger is whole: %d entries, %d of them erased", "台账完整：%d 条，其中 %d 条已按期清除", r.Entries, r.Stubs), Text{})
	return nil
}

// audit examines the audit log: its end, and all of it when asked.
func (x *examiner) audit(ctx context.Context) error {
	if _, err := os.Stat(x.o.Data + "/audit"); errors.Is(err, fs.ErrNotExist) {
		x.add("audit_none", Note, text("there is no audit log: nothing was looked at yet", "尚无审计日志：还没有查询"), Text{})
		return nil
	}
	damaged := func(what string) {
		x.add("audit", Error, text("the audit log is damaged: %s", "审计日志损坏：%s", what),
			text("keep it as it is and find out who could write to it; until then nothing can be looked at", "保持原状并查明何人可写；在此之前不得查询"))
	}
	head, at, err := audit.Newest(x.o.Data)
	if err != nil {
		damaged(err.Error())
		return nil
	}
	if x.o.Deep {
		r, err := audit.Verify(ctx, x.o.Data, audit.VerifyOptions{Heads: x.o.Heads, Keys: x.o.Keys})
		if err != nil {
			return err
		}
		if !r.OK() {
			damaged(fmt.Sprintf("entry %d, %s", r.FirstBad, r.Reason))
			return nil
		}
		x.add("audit", OK, text("the audit log is whole: %d entries", "审计日志完整：%d 条", r.Entries), Text{})
	} else {
		x.add("audit", OK, text("the audit log ends as its head says, at entry %d; --deep reads all of it", "审计日志末尾与头一致，共 %d 条；--deep 检查全部", head.Seq), Text{})
	}
	if ahead := at.Sub(x.o.Now); ahead > 5*time.Minute {
		x.add("clock", Error,
			text("the newest entry of the audit log is %s ahead of the clock", "审计日志最新一条比系统时钟快 %s", ahead.Round(time.Second)),
			text("set the clock (NTP): authorisations are judged by it", "校准系统时钟（NTP）：授权期限以其为准"))
	} else {
		x.add("clock", OK, text("the clock is not behind the audit log", "系统时钟不早于审计日志"), Text{})
	}
	x.anchors(head)
	return nil
}

// anchors says how much of the log could be rewritten without a trace.
func (x *examiner) anchors(head audit.Head) {
	do := text("let hedui serve anchor, or run hedui audit head --data DIR --key FILE every ten minutes to another machine", "由 hedui serve 定时存证，或每十分钟执行 hedui audit head 写到另一台机器")
	if len(x.o.Heads) == 0 {
		x.add("audit_anchors", Note, text("no anchored heads were given (--head): what is anchored was not looked at", "未提供存证文件（--head）：未检查存证"), do)
		return
	}
	newest := x.o.Heads[0]
	for _, h := range x.o.Heads {
		if h.Seq > newest.Seq {
			newest = h
		}
	}
	at, err := time.Parse(time.RFC3339, newest.Time)
	switch open := head.Seq - newest.Seq; {
	case open < 0:
		x.add("audit_anchors", Error, text("entry %d was anchored and the log ends at %d", "第 %d 条已存证，而日志止于第 %d 条", newest.Seq, head.Seq),
			text("the log was cut or put back: keep it as it is and find out by whom", "日志被截断或回退：保持原状并查明原因"))
	case err != nil || open > 0 && x.o.Now.Sub(at) > 6*audit.AnchorEvery:
		x.add("audit_anchors", Warning, text("%d entries since the last anchor of %s", "自上次存证（%[2]s）以来有 %[1]d 条", open, newest.Time), do)
	default:
		x.add("audit_anchors", OK, text("anchored up to entry %d", "已存证至第 %d 条", newest.Seq), Text{})
	}
}

// join makes a short list of names.
func join(names []string) string {
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" … (%d)", len(names))
	}
	return strings.Join(names, ", ")
}
