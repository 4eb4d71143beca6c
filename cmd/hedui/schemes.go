package main

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
)

// severalReport is what hedui verify --scheme --json prints.
type severalReport struct {
	Out        string                      `json:"out"`
	Generation string                      `json:"generation"`
	On         string                      `json:"on"`
	RowsIn     int64                       `json:"rows_in"`
	Verdicts   int64                       `json:"verdicts"` // lines written, each with a verdict of every scheme
	Schemes    []schemeReport              `json:"schemes"`
	Best       map[string]map[string]int64 `json:"best"`      // scheme → certainty → households
	Attention  map[string]int64            `json:"attention"` // flag → households
	Resumed    int64                       `json:"resumed"`
}

type schemeReport struct {
	Scheme string  `json:"scheme"`
	Rank   int     `json:"rank"`
	Rules  packRef `json:"rules"`
	batch.Counts
}

// schemeWords are the words of answers by several schemes: Chinese, English.
var schemeWords = map[string][2]string{
	"line":                             {"%d 户请求，%d 份核对结果（每份含各项目），写入 %s\n\n", "%d requests, %d answers of every scheme in %s\n\n"},
	"scheme":                           {"项目", "scheme"},
	"pack":                             {"规则", "pack"},
	"best":                             {"保障最多的项目", "best scheme"},
	"none":                             {"均不适用", "none of them"},
	string(batch.Qualifies):            {"未见不符", "qualifies"},
	string(batch.MayQualify):           {"须先核实", "may qualify"},
	string(batch.EligibleNotReceiving): {"疑似应保未保（由工作人员核实）", "may be entitled to more than is received (a person decides)"},
	string(batch.ReceivingNotEligible): {"疑似应退未退（由工作人员核实）", "receives and may not qualify (a person decides)"},
	"attention":                        {"需要关注", "attention"},
	"number":                           {"户数", "households"},
}

func (a *app) schemeWord(key string) string {
	if a.language == chinese {
		return schemeWords[key][0]
	}
	return schemeWords[key][1]
}

// outcomeWord is an outcome in the language.
func (a *app) outcomeWord(o household.Outcome) string {
	code := household.Outcomes.At(uint8(o))
	if a.language == chinese {
		return code.Zh
	}
	return strings.ReplaceAll(code.Name, "_", " ")
}

// printSeveral prints what a batch came to by several schemes: outcomes of each, which
// helps most, and what needs attention.
func printSeveral(a *app, o verifyOptions, d *looking, r batch.Result) error {
	if o.asJSON {
		out := severalReport{
			Out: o.out, Generation: d.generation.Manifest().ID, On: d.schemes[0].Verifier.On().String(), RowsIn: r.RowsIn, Verdicts: r.Verdicts,
			Best: r.Several.Best, Attention: r.Several.Attention, Resumed: r.Resumed,
		}
		for i, s := range d.schemes {
			out.Schemes = append(out.Schemes, schemeReport{s.Name, s.Rank, refOf(s.Verifier.Pack()), r.Several.Schemes[i].Counts})
		}
		return printJSON(a.stdout, out)
	}
	var b strings.Builder
	fmt.Fprintf(&b, a.schemeWord("line"), r.RowsIn, r.Verdicts, o.out)
	w := newTable()
	head := table.Row{a.schemeWord("scheme"), a.schemeWord("pack")}
	for outcome := household.NoDiscrepancy; outcome <= household.Refused; outcome++ {
		head = append(head, a.outcomeWord(outcome))
	}
	w.AppendHeader(head)
	for i, s := range d.schemes {
		p := s.Verifier.Pack()
		row := table.Row{s.Name, p.Name + " " + p.Version}
		for outcome := household.NoDiscrepancy; outcome <= household.Refused; outcome++ {
			row = append(row, r.Several.Schemes[i].Outcomes[outcome.String()])
		}
		w.AppendRow(row)
	}
	b.WriteString(w.Render() + "\n\n")
	w = newTable()
	w.AppendHeader(table.Row{a.schemeWord("best"), a.schemeWord(string(batch.Qualifies)), a.schemeWord(string(batch.MayQualify))})
	for _, s := range d.schemes {
		n := r.Several.Best[s.Name]
		w.AppendRow(table.Row{s.Name, n[string(batch.Qualifies)], n[string(batch.MayQualify)]})
	}
	b.WriteString(w.Render() + "\n\n")
	w = newTable()
	w.AppendHeader(table.Row{a.schemeWord("attention"), a.schemeWord("number")})
	for _, flag := range []batch.Attention{batch.EligibleNotReceiving, batch.ReceivingNotEligible} {
		w.AppendRow(table.Row{a.schemeWord(string(flag)), r.Several.Attention[string(flag)]})
	}
	b.WriteString(w.Render() + "\n")
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}

// printAnswer says which scheme helps a household most, below the verdicts of all.
func printAnswer(a *app, answer *batch.Answer) error {
	colon := ": "
	if a.language == chinese {
		colon = "："
	}
	best := a.schemeWord("none")
	if answer.Best != "" {
		best = answer.Best + " (" + a.schemeWord(string(answer.Certainty)) + ")"
	}
	text := "\n" + a.schemeWord("best") + colon + best + "\n"
	if answer.Attention != "" {
		text += a.schemeWord("attention") + colon + a.schemeWord(string(answer.Attention)) + "\n"
	}
	_, err := fmt.Fprint(a.stdout, text)
	return err
}
