package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/conflicts"
	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/store"
)

type conflictsOptions struct {
	data, out string
	on        dateFlag
	asJSON    bool
}

// newMatchConflictsCommand lists what the departments have to clear up.
func newMatchConflictsCommand(a *app) *cobra.Command {
	var o conflictsOptions
	cmd := &cobra.Command{
		Use:   "conflicts --data DIR --out DIR",
		Short: "List for each department the rows whose number and name conflict",
		Long: `conflicts walks the whole current generation once and writes a CSV file for each
provider, conflicts-SOURCE-PROVIDER.csv, with the rows that can't be right as they are:

  X1  the row names somebody else than the register has under its number, or, where
      the register has nobody, the rows of one number name different people
  X2  the row fits two people of the register, or the register has two people
      under its number

Such rows are counted for nobody. A file holds no name and no number: the department
finds its rows by file and data row (from 1, without the header), and what the register
says is masked. A provider without conflicts gets a file with the header only; files of
an earlier run are replaced, each at once.

That everything is looked at is written into the audit log first; if that can't be
done, nothing is read. --on is the day that stands there.
` + exitStatuses,
		Example: `  hedui match conflicts --data store --out conflicts --lang zh
  hedui match conflicts --data store --out conflicts --on 2026-11-01 --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data", "out"); err != nil {
				return err
			}
			return runMatchConflicts(cmd.Context(), a, o)
		},
	}
	dataFlag(cmd, &o.data)
	cmd.Flags().StringVar(&o.out, "out", "", "`folder` for the files (required)")
	cmd.Flags().Var(&o.on, "on", "`date` of the look, for the audit log")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// conflictsReport is what hedui match conflicts --json prints.
type conflictsReport struct {
	Generation string          `json:"generation"`
	Register   bool            `json:"register"` // whether there was one to compare with
	Numbers    int64           `json:"numbers"`
	Conflicts  int64           `json:"conflicts"`
	Lists      []conflictsList `json:"lists"`
}

type conflictsList struct {
	Source   string           `json:"source"`
	Provider string           `json:"provider"`
	File     string           `json:"file"`
	X1       int64            `json:"x1"`
	X2       int64            `json:"x2"`
	Reasons  map[string]int64 `json:"reasons"`
}

func runMatchConflicts(ctx context.Context, a *app, o conflictsOptions) (err error) {
	who, err := a.actor()
	if err != nil {
		return err
	}
	st, err := a.openStore(o.data)
	if err != nil {
		return err
	}
	id, err := st.Current()
	if err != nil {
		return err
	}
	g, err := st.Open(id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	var disk durable.Disk
	if err := disk.MkdirAll(o.out); err != nil {
		return err
	}
	log, err := audit.Open(o.data, audit.Options{Actor: who, Now: time.Now})
	if err != nil {
		return err
	}
	token, err := log.Begin(audit.Look{Action: "conflicts", Generation: id, On: o.on.date})
	if err != nil {
		return withHint(fmt.Errorf("the audit log can't be written, so nothing was read: %w", err),
			"whoever lists conflicts needs the right to write into "+o.data)
	}
	r, err := listConflicts(ctx, a, o, g)
	if err != nil {
		return errors.Join(err, log.Fail(token))
	}
	if err := log.End(token, nil); err != nil {
		return fmt.Errorf("the audit log can't be written: %w", err)
	}
	if o.asJSON {
		return printJSON(a.stdout, r)
	}
	return printConflicts(a, r, o.out)
}

// listConflicts walks the generation and writes the files.
func listConflicts(ctx context.Context, a *app, o conflictsOptions, g store.Generation) (r *conflictsReport, err error) {
	t := a.track("conflicts", "numbers")
	found, err := conflicts.Find(ctx, g, conflicts.Options{Progress: t.update})
	t.stop()
	if err != nil {
		if errors.Is(err, index.ErrNoIndex) {
			err = withHint(err, "publish again: the generation was made without the keys by which former numbers are found")
		}
		return nil, err
	}
	names := &fileNames{app: a, data: o.data, of: map[string][]string{}}
	r = &conflictsReport{Generation: found.Generation, Register: found.Register, Numbers: found.Numbers, Lists: []conflictsList{}}
	taken := map[string]bool{}
	for i := range found.Lists {
		l := &found.Lists[i]
		file := l.FileName()
		for n := 2; taken[file]; n++ {
			file = strings.TrimSuffix(l.FileName(), ".csv") + "-" + strconv.Itoa(n) + ".csv"
		}
		taken[file] = true
		var b bytes.Buffer
		if err := errors.Join(conflicts.WriteCSV(&b, l, a.language, names.name), names.err); err != nil {
			return nil, err
		}
		if err := (durable.Disk{}).WriteFile(filepath.Join(o.out, file), b.Bytes(), 0o600); err != nil {
			return nil, err
		}
		line := conflictsList{
			Source: l.Source.String(), Provider: l.Provider, File: file,
			X1: l.Count(conflicts.X1), X2: l.Count(conflicts.X2), Reasons: map[string]int64{},
		}
		for j := range l.Rows {
			for reason := range l.Rows[j].Reasons.All() {
				line.Reasons[reason.Code()]++
			}
		}
		r.Conflicts += line.X1 + line.X2
		r.Lists = append(r.Lists, line)
	}
	return r, nil
}

// fileNames are what the departments call their files. A snapshot that is held no
// more has none: the ordinal of the file has to do.
type fileNames struct {
	app  *app
	data string
	dir  *snapshot.Dir
	of   map[string][]string
	err  error
}

func (n *fileNames) name(id string, file int) string {
	list, ok := n.of[id]
	if !ok {
		list = n.read(id)
		n.of[id] = list
	}
	if file < 1 || file > len(list) {
		return ""
	}
	return list[file-1]
}

func (n *fileNames) read(id string) (list []string) {
	if n.dir == nil {
		if n.dir, n.err = n.app.openSnapshots(n.data); n.err != nil {
			return nil
		}
	}
	s, err := n.dir.Open(id)
	if err != nil {
		if !errors.Is(err, snapshot.ErrUnknown) {
			n.err = errors.Join(n.err, err)
		}
		return nil
	}
	for _, f := range s.Manifest().Files {
		list = append(list, f.Name)
	}
	n.err = errors.Join(n.err, s.Close())
	return list
}

func printConflicts(a *app, r *conflictsReport, out string) error {
	head, columns := "%d numbers looked at, %s in conflict, listed in %s\n", table.Row{"source", "provider", "X1", "X2", "file"}
	bare := "There is no register to compare with: only numbers whose rows contradict each other are listed.\n"
	rows := counted(int(r.Conflicts), "row")
	if a.language == chinese {
		head, columns = "查看号码 %d 个，身份冲突 %s，清单写入 %s\n", table.Row{"来源", "提供方", "X1", "X2", "文件"}
		bare = "没有人口登记数据可比：仅列出同一号码下姓名互不一致的记录。\n"
		rows = strconv.FormatInt(r.Conflicts, 10) + " 行"
	}
	w := newTable()
	w.AppendHeader(columns)
	for _, l := range r.Lists {
		source := l.Source
		if s, ok := household.Sources.Named(source); ok && a.language == chinese {
			source = household.Sources[s].Zh
		}
		w.AppendRow(table.Row{source, l.Provider, l.X1, l.X2, l.File})
	}
	text := fmt.Sprintf(head, r.Numbers, rows, out)
	if !r.Register {
		text += bare
	}
	_, err := io.WriteString(a.stdout, text+"\n"+w.Render()+"\n"+codeMeanings(a.language))
	return err
}

// codeMeanings says what the columns X1 and X2 are.
func codeMeanings(language string) string {
	var b strings.Builder
	b.WriteByte('\n')
	for c := conflicts.X1; c <= conflicts.X2; c++ {
		fmt.Fprintf(&b, "%s  %s\n", c, c.In(language))
	}
	return b.String()
}
