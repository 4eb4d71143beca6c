package conflicts

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/hedui/hedui/engine/export"
)

// header is in both languages: a list is read by people and by their programs.
var header = [...]string{
	"来源 source", "提供方 provider", "快照 snapshot", "数据截至 as_of", "文件序号 file", "文件名 file_name", "数据行（不含表头） row",
	"类别 code", "含义 meaning", "原因代码 reasons", "原因 explanation", "人口登记 register",
}

// byteOrderMark makes spreadsheets read the file as UTF-8.
const byteOrderMark = "\ufeff"

// WriteCSV writes a list as UTF-8 with a byte order mark, lines ending as RFC 4180
// has them. fileName gives the name of a file of a snapshot, or ""; it may be nil.
func WriteCSV(w io.Writer, l *List, lang string, fileName func(snapshot string, file int) string) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(header[:]); err != nil {
		return err
	}
	separator := "; "
	if lang == Zh {
		separator = "；"
	}
	for i := range l.Rows {
		r := &l.Rows[i]
		var codes, words []string
		for reason := range r.Reasons.All() {
			codes, words = append(codes, reason.Code()), append(words, reason.In(lang))
		}
		name := ""
		if fileName != nil {
			name = fileName(r.Snapshot.ID, r.File)
		}
		err := out.Write([]string{
			l.Source.String(), cell(l.Provider), r.Snapshot.ID, r.Snapshot.AsOf.String(), strconv.Itoa(r.File), cell(name), strconv.FormatInt(r.Row, 10),
			r.Code.String(), r.Code.In(lang), strings.Join(codes, " "), strings.Join(words, separator), cell(r.Register.In(lang)),
		})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cell is a text that came from a file, made harmless for a spreadsheet.
func cell(s string) string {
	return export.Guard(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s))
}

// FileName is the name of the file for a list: conflicts-<source>-<provider>.csv,
// with what can't stand in the name of a file everywhere replaced by _.
func (l *List) FileName() string {
	provider := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '_'
	}, l.Provider)
	return "conflicts-" + l.Source.String() + "-" + provider + ".csv"
}
