package export

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
)

// The sheets of a batch's results, behind the cover.
const (
	resultSheet  = "结果 results"
	refusalSheet = "不予受理 refusals"
	summarySheet = "分县汇总 summary"
)

// batchCounts are households by county and outcome.
type batchCounts map[string]*[household.Refused + 1]int64

func (c batchCounts) add(division string, o household.Outcome) {
	county, _ := countyOf(division, 0)
	if c[county] == nil {
		c[county] = new([household.Refused + 1]int64)
	}
	c[county][o]++
}

// total are the households of all counties by outcome.
func (c batchCounts) total() (out [household.Refused + 1]int64) {
	for _, n := range c {
		for o := range n {
			out[o] += n[o]
		}
	}
	return out
}

// batchSheets is the workbook of a batch. As a Writer it takes the rows of the results.
type batchSheets struct {
	of       *BatchBook
	book     *xlsxBook
	results  *xlsxSheet
	refusals *xlsxSheet
}

func newBatchSheets(w io.Writer, of *BatchBook) (s *batchSheets, err error) {
	book, err := newBook(w, of.o.Temp, footSheet, resultSheet, refusalSheet, summarySheet)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, book.drop())
		}
	}()
	s = &batchSheets{of: of, book: book}
	if s.results, err = book.table(resultSheet, of.columns(false)); err != nil {
		return nil, err
	}
	s.refusals, err = book.table(refusalSheet, refusalColumns())
	return s, err
}

func refusalColumns() []Column {
	return []Column{
		{"序号", Number}, {"家庭编号", Text}, {"行政区划代码", Text}, {"工作表", Text}, {"行", Number}, {"列", Text}, {"代码", Text}, {"原因和办法", Text},
	}
}

// refuse lists what a row was refused for, each on a line of its own.
func (s *batchSheets) refuse(r *BatchResult, problems []BatchProblem) error {
	for _, p := range problems {
		at := Cell{}
		if p.Row > 0 {
			at = NumberCell(p.Row)
		}
		if err := s.refusals.put([]Cell{
			NumberCell(r.Row), TextCell(r.Household), TextCell(r.Division), TextCell(p.Sheet), at, TextCell(p.Column), TextCell(p.Code), TextCell(clipped(p.Text)),
		}); err != nil {
			return err
		}
	}
	return nil
}

// Row implements Writer.
func (s *batchSheets) Row(cells []Cell) error { return s.results.put(cells) }

// Finish implements Writer: foot is the cover.
func (s *batchSheets) Finish(foot []string) error {
	err := s.summary()
	if err == nil {
		err = s.book.foot(foot)
	}
	if err != nil {
		return errors.Join(err, s.book.drop())
	}
	return s.book.close()
}

// summary writes the counts, county by county in the order of their codes, and their sum.
func (s *batchSheets) summary() error {
	columns := []Column{{"区划代码", Text}, {"县（市、区）", Text}, {"户数", Number}}
	for o := household.NoDiscrepancy; o <= household.Refused; o++ {
		columns = append(columns, Column{explain.OutcomeTitle(o, explain.Zh), Number})
	}
	sheet, err := s.book.table(summarySheet, columns)
	if err != nil {
		return err
	}
	line := func(code, name string, n *[household.Refused + 1]int64) error {
		sum := int64(0)
		cells := []Cell{TextCell(code), TextCell(name), {}}
		for _, each := range n[household.NoDiscrepancy:] {
			sum += each
			cells = append(cells, NumberCell(each))
		}
		cells[2] = NumberCell(sum)
		return sheet.put(cells)
	}
	counts := s.of.counts
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		_, name := countyOf(code, s.of.o.Cover.On)
		if code == "" {
			name = "区划不明"
		}
		if err := line(code, name, counts[code]); err != nil {
			return err
		}
	}
	total := counts.total()
	return line("", "合计", &total)
}

// cover is what stands on the front below the slip: CSV has it at its end.
func (b *BatchBook) cover() []string {
	c := &b.o.Cover
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(b.o.Where).Format("2006-01-02 15:04:05")
	}
	_, division := countyOf(c.Division, c.On)
	rules := strings.TrimSpace(c.Rules.Name + " " + c.Rules.Version)
	if c.Rules.Digest != "" {
		rules += " (" + c.Rules.Digest + ")"
	}
	total := b.counts.total()
	sum := int64(0)
	var counts []string
	for o := household.NoDiscrepancy; o <= household.Refused; o++ {
		sum += total[o]
		counts = append(counts, explain.OutcomeTitle(o, explain.Zh)+" "+NumberCell(total[o]).Plain())
	}
	out := []string{}
	for _, line := range []struct{ what, is string }{
		{"批次", c.Batch},
		{"名称", c.Name},
		{"提交方", c.Sender},
		{"提交方区划", strings.TrimSpace(c.Division + " " + division)},
		{"提交方式", c.Channel},
		{"救助项目", explain.SchemeTitle(c.Scheme, explain.Zh)},
		{"核对日期", c.On.String()},
		{"数据版本", c.Generation},
		{"规则", rules},
		{"受理时间", at(c.Accepted)},
		{"完成时间", at(c.Done)},
		{"户数", NumberCell(sum).Plain() + "：" + strings.Join(counts, "，")},
	} {
		if line.is != "" {
			out = append(out, line.what+" "+line.is)
		}
	}
	return append(out, "核对结果仅供工作人员研判，不是审批决定")
}
