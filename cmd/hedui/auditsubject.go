package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/watch"
)

type auditSubjectOptions struct {
	data, number string
	asked        audit.SubjectOptions
	asJSON       bool
}

func newAuditSubjectCommand(a *app) *cobra.Command {
	var o auditSubjectOptions
	cmd := &cobra.Command{
		Use:   "subject --data DIR (--household NUMBER | --id-number-file FILE)",
		Short: "Tell a household or a person who looked at it",
		Long: `subject prints who looked at a household, when, for what purpose, on which authorisation
and with what outcome. It is what the household may ask for: who looked has a number, the
same on one page; --actors names the accounts and is for the auditor. The question is
taken down in the log before it is read.

--id-number-file is for a person who asks (谁查过我): the file, or - for the standard input,
holds the number of their identity card and nothing else, and never a command line. The
ledger says which households they are or were a member of; each of these is told about,
with what was asked about its other members too.
` + exitStatuses,
		Example: "  hedui audit subject --data store --household 340104-000123\n  hedui audit subject --data store --id-number-file - --lang zh < number.txt",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			if (len(o.asked.Households) > 0) == (o.number != "") {
				return wrongUsage("name a household, or the file that a person's number is in", "either --household or --id-number-file")
			}
			return runAuditSubject(cmd, a, o)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringArrayVar(&o.asked.Households, "household", nil, "`number` of the household; may be repeated")
	f.StringVar(&o.number, "id-number-file", "", "`file` with the number of a person's identity card; - is the standard input")
	f.BoolVar(&o.asked.Actors, "actors", false, "name the accounts")
	f.IntVar(&o.asked.Limit, "limit", 0, "`number` of accesses of each household at most; 0 for all")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object an access")
	return cmd
}

func runAuditSubject(cmd *cobra.Command, a *app, o auditSubjectOptions) error {
	if o.number != "" {
		numbers, err := readNumbers(a, o.number)
		if err != nil {
			return err
		}
		if len(numbers) != 1 {
			return fmt.Errorf("%s holds %s, not the one of who asks", o.number, counted(len(numbers), "number"))
		}
		if o.asked.Households, err = householdsOf(cmd.Context(), a, o.data, numbers[0]); err != nil {
			return err
		}
	}
	if err := a.maySubject(cmd.Context(), o.data, o.asked.Households, o.asked.Actors); err != nil {
		return err
	}
	e := audit.Event{Operation: "audit_subject"}
	if o.asked.Actors {
		e.Fields = []string{"actor"}
	}
	for _, h := range o.asked.Households {
		e.Subjects = append(e.Subjects, audit.Subject{Household: h})
	}
	if err := noteAudit(a, o.data, e); err != nil {
		return err
	}
	page, err := audit.Accesses(cmd.Context(), o.data, o.asked)
	if err != nil {
		return err
	}
	if o.asJSON {
		for _, x := range page {
			if err := printJSON(a.stdout, x); err != nil {
				return err
			}
		}
		return nil
	}
	return printReceipt(a.stdout, a.language, o.asked.Households, page, time.Now())
}

// householdsOf asks the ledger which households a person is or was of.
func householdsOf(ctx context.Context, a *app, data, number string) (list []string, err error) {
	l, err := heldLedger(ctx, a, data)
	if err != nil {
		return nil, err
	}
	if l == nil {
		return nil, withHint(fmt.Errorf("%s has no ledger that says which households a person is of", data), "ask about a household: --household NUMBER")
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return watch.Lookup{Ledger: l}.HouseholdsOf(ctx, number)
}

// longestList is what is read of a file of numbers.
const longestList = 1 << 20

// readNumbers reads a file of numbers, one a line; - is the standard input. Errors never
// quote a line.
func readNumbers(a *app, name string) ([]string, error) {
	in := a.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, longestList+1))
	if err != nil {
		return nil, err
	}
	defer clear(text)
	if len(text) > longestList {
		return nil, fmt.Errorf("%s is longer than a list of numbers", name)
	}
	var out []string
	for line := range bytes.Lines(bytes.TrimPrefix(text, []byte("\ufeff"))) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			out = append(out, string(line))
		}
	}
	return out, nil
}

// receiptWords are the texts of the page that a household or a person is given.
type receiptWords struct {
	title, of, none, printed, count, unmasked string
	columns                                   table.Row
	notes                                     []string
}

func receiptIn(language string) receiptWords {
	if language == chinese {
		return receiptWords{
			title: "查询记录告知单", of: "家庭编号：", none: "没有登记过包含本人的家庭。", printed: "打印时间：", count: "共 %d 次查询。\n", unmasked: "（显示明文）",
			columns: table.Row{"时间", "家庭编号", "机构区划", "岗位", "查询人", "事项", "用途", "授权书", "结果"},
			notes: []string{
				"查询人以编号代替，同一页上同一编号是同一人。",
				"每次查询在发生之前即记入审计日志，日志不能修改。保存期满的记录已依规删除。",
				"如认为某次查询没有正当理由，可向本中心的审计人员提出。",
			},
		}
	}
	return receiptWords{
		title: "Who looked", of: "household ", none: "No household with this person was ever registered.", printed: "printed ", count: "%d looks\n", unmasked: ", unmasked",
		columns: table.Row{"time", "household", "body", "role", "who", "operation", "purpose", "authorisation", "outcome"},
		notes: []string{
			"Who looked has a number, the same person the same number on one page.",
			"Every look is taken down before it happens, in a log that can't be changed. Entries past their term are gone.",
			"Whoever thinks that a look had no reason may ask the centre's auditor.",
		},
	}
}

// printReceipt prints the page that a household or a person is given.
func printReceipt(w io.Writer, language string, households []string, page []audit.Access, now time.Time) error {
	words := receiptIn(language)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s%s\n", words.title, words.printed, now.In(centreZone()).Format("2006-01-02 15:04"))
	if len(households) == 0 {
		fmt.Fprintln(&b, words.none)
		_, err := io.WriteString(w, b.String())
		return err
	}
	for _, h := range slices.Compact(slices.Sorted(slices.Values(households))) {
		fmt.Fprintln(&b, words.of+h)
	}
	b.WriteByte('\n')
	if len(page) > 0 {
		t := newTable()
		t.AppendHeader(words.columns)
		for i := range page {
			t.AppendRow(words.row(&page[i], language))
		}
		fmt.Fprintf(&b, "%s\n\n", t.Render())
	}
	fmt.Fprintf(&b, words.count, len(page))
	for _, note := range words.notes {
		fmt.Fprintln(&b, note)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (words *receiptWords) row(x *audit.Access, language string) table.Row {
	at, role, who, operation, outcome := x.Time, x.Role, x.Actor, x.Operation, x.Outcome
	if t, err := time.Parse(time.RFC3339, x.Time); err == nil {
		at = t.In(centreZone()).Format(time.DateTime)
	}
	if language == chinese {
		if number, ok := strings.CutPrefix(who, "person "); ok {
			who = "人员" + number
		}
		role, operation, outcome = chineseRoles(role), chineseOperation(operation), chineseOutcome(outcome)
	}
	if x.Reveal || len(x.Fields) > 0 {
		outcome += words.unmasked
	}
	return table.Row{at, x.Household, x.Division, role, who, operation, x.Purpose, x.Authorization, outcome}
}

// chineseRoles are the names of roles that are joined by slashes.
func chineseRoles(roles string) string {
	list := strings.Split(roles, "/")
	for i, name := range list {
		if r, ok := access.ParseRole(name); ok {
			list[i] = r.Text().Zh
		}
	}
	return strings.Join(list, "、")
}

// chineseOperation is the name of an operation of the policy or of a command.
func chineseOperation(name string) string {
	if op, ok := access.ParseOperation(strings.Replace(name, "audit_", "audit.", 1)); ok {
		if rule, ok := op.Rule(); ok {
			return rule.Zh
		}
	}
	switch name {
	case "verify":
		return "批量核对"
	case "benefit":
		return "救助金试算"
	}
	return name
}

func chineseOutcome(name string) string {
	if v, ok := household.Outcomes.Named(name); ok {
		return household.Outcomes.At(v).Zh
	}
	switch name {
	case audit.Done:
		return "完成"
	case audit.Denied:
		return "未获准许"
	case audit.Failed:
		return "失败"
	case audit.Unended:
		return "未完成"
	}
	return name
}
