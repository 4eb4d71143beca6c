package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/report/press"
)

// reportVerifyOptions are those of hedui report verify.
type reportVerifyOptions struct {
	keys     []string
	text     string
	unsigned bool
	asJSON   bool
}

func newReportVerifyCommand(a *app) *cobra.Command {
	var o reportVerifyOptions
	cmd := &cobra.Command{
		Use:   "verify --key PUBLIC.pem {FILE… | --text TEXT}",
		Short: "Say whether a report is as its centre made it",
		Long: `verify reads the seal of report files, HTML, PDF or XLSX, and says whether a byte was changed
since, and by which key they are signed. It needs no data and no network. With --text it checks
what a telephone reads of the square code on a paper, and says what the paper must say.

A file without a signature may be as it was made, and proves nothing of its origin: that is an
error unless --unsigned is given.
` + exitStatuses,
		Example: "  hedui report verify --key report.pub report.pdf\n  hedui report verify --key report.pub --text 'HEDUI1|…'",
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) > 0) == (o.text != "") {
				return wrongUsage("name files, or give --text", "there is nothing to check, or too much")
			}
			if len(o.keys) == 0 && !o.unsigned {
				return requireFlags(cmd, "key")
			}
			return runReportVerify(a, o, args)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.keys, "key", nil, "public key `file` of a centre, of hedui audit keygen; may be given again")
	f.StringVar(&o.text, "text", "", "`text` of a square code")
	f.BoolVar(&o.unsigned, "unsigned", false, "take what nobody signed, if it is unchanged")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// checkedReport is what is said of one report.
type checkedReport struct {
	File    string `json:"file,omitempty"`
	Good    bool   `json:"good"`
	Problem string `json:"problem,omitempty"`
	Number  string `json:"number,omitempty"`
	Code    string `json:"code,omitempty"`
	Form    string `json:"form,omitempty"`
	Key     string `json:"key,omitempty"`
	// Of a square code.
	Household  string `json:"household,omitempty"`
	Scheme     string `json:"scheme,omitempty"`
	Outcome    string `json:"outcome,omitempty"`
	On         string `json:"on,omitempty"`
	Generation string `json:"generation,omitempty"`
	Rules      string `json:"rules,omitempty"`
}

func runReportVerify(a *app, o reportVerifyOptions, files []string) error {
	public, _, err := readKeysAndHeads(a, o.keys, nil)
	if err != nil {
		return err
	}
	var keys []press.Verifier
	for _, key := range public {
		keys = append(keys, key)
	}
	var all []checkedReport
	judge := func(c checkedReport, err error) {
		c.Good = err == nil || o.unsigned && errors.Is(err, press.ErrUnsigned)
		if err != nil {
			c.Problem = err.Error()
		}
		all = append(all, c)
	}
	if o.text != "" {
		s, err := press.ReadSlip(o.text, keys)
		judge(checkedReport{
			Number: s.Number, Code: s.Code, Key: s.Key, Household: s.Household, Scheme: s.Scheme, Outcome: s.Outcome, On: s.On, Generation: s.Generation, Rules: s.Pack,
		}, err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := press.Verify(file, keys)
		judge(checkedReport{File: filepath.Base(name), Number: f.Number, Code: f.Code, Form: string(f.Form), Key: f.Key}, err)
	}
	good := true
	for i := range all {
		good = good && all[i].Good
	}
	if err := printChecked(a, o, all); err != nil {
		return err
	}
	if !good {
		return errTold
	}
	return nil
}

func printChecked(a *app, o reportVerifyOptions, all []checkedReport) error {
	if o.asJSON {
		return printJSON(a.stdout, struct {
			Reports []checkedReport `json:"reports"`
		}{all})
	}
	words := func(zh, en string) string {
		if a.language == chinese {
			return zh
		}
		return en
	}
	for i := range all {
		c := &all[i]
		what := c.File
		if what == "" {
			what = words("核验码", "square code")
		}
		verdict := words("真实，未被改动", "genuine, unchanged")
		switch {
		case !c.Good:
			verdict = words("不能确认：", "not confirmed: ") + c.Problem
		case c.Problem != "":
			verdict = words("完整，但没有签名，不能证明出自哪个中心", "unchanged, but nobody signed it: it proves no origin")
		}
		fmt.Fprintf(a.stdout, "%s: %s\n", what, verdict)
		for _, line := range [][2]string{
			{words("报告编号", "number"), c.Number},
			{words("核验码", "code"), c.Code},
			{words("密钥", "key"), c.Key},
			{words("家庭", "household"), c.Household},
			{words("救助项目", "scheme"), c.Scheme},
			{words("结果", "outcome"), c.Outcome},
			{words("核对日期", "date"), c.On},
			{words("数据代次", "generation"), c.Generation},
			{words("规则摘要", "rules"), c.Rules},
		} {
			if line[1] != "" && c.Number != "" {
				fmt.Fprintf(a.stdout, "  %s %s\n", line[0], line[1])
			}
		}
	}
	return nil
}
