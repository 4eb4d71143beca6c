package export

import (
	"io"
	"strconv"

	"github.com/hedui/hedui/engine/explain"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/divisions"
)

// NoticeEntry is one household on a public notice (公示). It is the whitelist: what has no
// field here can't stand on one. No number of a document or of the household, no address
// below the village or community, no income, no asset, no name of another member.
type NoticeEntry struct {
	Applicant household.Name // exactly as declared, rare characters too
	Scheme    string
	Members   int
	Place     string // of the village or community, or of what is above it
}

// Notice is what a notice says beside its entries.
type Notice struct {
	From, To household.Date // in which it came out that all is in order
	Days     int            // how long it is up
	Objects  string         // where to object, for people
}

// NoticeColumns are the columns of a public notice.
func NoticeColumns() []Column {
	return []Column{{"申请人", Text}, {"救助类别", Text}, {"家庭人口", Number}, {"村（社区）", Text}}
}

// Cells are an entry as a row.
func (e *NoticeEntry) Cells() []Cell {
	return []Cell{TextCell(e.Applicant.Reveal()), TextCell(explain.SchemeTitle(e.Scheme, explain.Zh)), NumberCell(int64(e.Members)), TextCell(e.Place)}
}

// Foot is what people read below a notice.
func (n *Notice) Foot() []string {
	return []string{
		"本名单所涉核对结果日期 " + n.From.String() + " 至 " + n.To.String(),
		"公示期 " + strconv.Itoa(n.Days) + " 日，自张贴之日起算",
		"公示期内如有异议，请向以下单位提出：" + n.Objects,
	}
}

// WriteNotice writes a notice whose entries are in the order of its recipient, with what is
// read below it.
func WriteNotice(w io.Writer, f Format, entries []NoticeEntry, foot []string) error {
	out, err := NewWriter(w, f, Table{Name: "公示名单", Columns: NoticeColumns()})
	if err != nil {
		return err
	}
	for i := range entries {
		if err := out.Row(entries[i].Cells()); err != nil {
			return err
		}
	}
	return out.Finish(foot)
}

// Place is the name of a division for a notice. names holds villages and communities, towns
// too, by code; nil knows none. What it does not know is named by its county, and by its
// code, which says the village to who knows it.
func Place(code string, on household.Date, names map[string]string) string {
	if name := names[code]; name != "" {
		return name
	}
	if len(code) < 6 {
		return code
	}
	d, ok := divisions.Lookup(code[:6], on)
	switch {
	case !ok:
		return code
	case len(code) == 6:
		return d.Name
	}
	if name := names[code[:min(9, len(code))]]; name != "" {
		return d.Name + name + " " + code
	}
	if _, err := strconv.ParseUint(code, 10, 64); err != nil {
		return d.Name
	}
	return d.Name + " " + code
}
