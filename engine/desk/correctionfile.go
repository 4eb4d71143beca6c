package desk

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/export"
)

// correctionColumns head the file that goes to a department.
var correctionColumns = []string{"编号", "数据来源", "快照", "数据日期", "文件", "行号", "疑义说明"}

// WriteCorrections writes tickets as the file that goes to their department (疑义数据):
// CSV in UTF-8 with a mark of its order, so that spreadsheets read it. Nothing in it is
// run by a spreadsheet.
func WriteCorrections(w io.Writer, list []Correction) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(correctionColumns); err != nil {
		return err
	}
	for i := range list {
		c := &list[i]
		row := []string{c.ID, c.SourceName, c.Snapshot, c.AsOf, strconv.Itoa(c.File), strconv.FormatInt(c.Row, 10), c.Reason}
		for j := range row {
			row[j] = inert(row[j])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// inert is a cell on one line that no spreadsheet takes for a formula: people write the
// reasons.
func inert(s string) string {
	return export.Guard(strings.NewReplacer("\t", " ", "\r", " ", "\n", " ").Replace(s))
}
