package simulate

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode"

	"github.com/hedui/hedui/engine/export"
	"github.com/hedui/hedui/engine/household"
)

// byteOrderMark makes spreadsheets read the file as UTF-8.
const byteOrderMark = "\ufeff"

// writeHeader begins the list. It is in both languages: people and programs read it.
func writeHeader(w io.Writer) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // as RFC 4180 has it
	if err := out.Write([]string{"家庭编号 household_id", "地区 region", "原结果 old_outcome", "新结果 new_outcome", "原情况 old_findings", "新情况 new_findings"}); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// writeRow writes a household whose outcome changes.
func writeRow(out *csv.Writer, before, after *household.Verdict, was, is []string) error {
	return out.Write([]string{
		cell(before.HouseholdID), cell(before.Region), before.Outcome.String(), after.Outcome.String(), strings.Join(was, " "), strings.Join(is, " "),
	})
}

// cell is a text of a request, made harmless for a spreadsheet.
func cell(s string) string {
	return export.Guard(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s))
}
