package form

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/xuri/excelize/v2"

	"github.com/hedui/hedui/engine/household"
)

// Sheet is one sheet of a workbook for people to fill in.
type Sheet struct {
	Name    string
	Columns []Column
	Rows    [][]string // filled in already
}

// Column is one column of a sheet.
type Column struct {
	Name     string
	Zh       string
	Help     household.Text
	Values   household.CodeList // for the notes
	Offered  bool               // cells offer the values
	Required bool
}

// WriteTemplate writes the form as a workbook: a sheet for each section, and one that says
// what the columns mean. With example it shows two households of nobody, which Read
// refuses until they are deleted.
func WriteTemplate(w io.Writer, example bool) error {
	var sheets []Sheet
	for _, s := range Sections() {
		sheet := Sheet{Name: s.Sheet()}
		for _, f := range schemas[s].fields {
			sheet.Columns = append(sheet.Columns, Column{f.Name, f.Label.Zh, f.Help, f.Choices, f.Kind == Choice || f.Kind == YesNo, f.Required})
		}
		if example {
			sheet.Rows = exampleRows(s)
		}
		sheets = append(sheets, sheet)
	}
	return WriteSheets(w, sheets)
}

// WriteSheets writes a workbook for people: cells are text, so that no document number
// becomes a float, headings are in Chinese with the name of the column, and a last sheet
// says what the columns mean.
func WriteSheets(w io.Writer, sheets []Sheet) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	for _, s := range append(slices.Clip(sheets), Sheet{Name: notesSheet}) {
		if _, err := f.NewSheet(s.Name); err != nil {
			return err
		}
	}
	if err := f.SetSheetRow(notesSheet, "A1", &[]string{"sheet", "column", "名称", "required", "meaning", "values", "说明"}); err != nil {
		return err
	}
	row := 2
	for _, s := range sheets {
		if err := writeSheet(f, &s, text, bold); err != nil {
			return err
		}
		for _, c := range s.Columns {
			cells := []string{s.Name, c.Name, c.Zh, "", c.Help.En, CodeNames(c.Values), c.Help.Zh}
			if c.Required {
				cells[3] = "required 必填"
			}
			if err := f.SetSheetRow(notesSheet, fmt.Sprintf("A%d", row), &cells); err != nil {
				return err
			}
			row++
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		return err
	}
	f.SetActiveSheet(0)
	return f.Write(w)
}

// offeredRows is how many rows of a sheet offer the lists of values.
const offeredRows = 1000

func writeSheet(f *excelize.File, s *Sheet, text, bold int) error {
	for i, c := range s.Columns {
		col, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		err = errors.Join(
			f.SetColStyle(s.Name, col, text),
			f.SetColWidth(s.Name, col, col, 20),
			f.SetCellStr(s.Name, col+"1", c.Zh+" "+c.Name),
			f.SetCellStyle(s.Name, col+"1", col+"1", bold),
		)
		if err == nil && c.Offered {
			list := excelize.NewDataValidation(true)
			list.SetSqref(fmt.Sprintf("%s2:%s%d", col, col, offeredRows+1))
			var names []string
			for _, code := range c.Values[1:] {
				names = append(names, code.Name)
			}
			err = errors.Join(list.SetDropList(names), f.AddDataValidation(s.Name, list))
		}
		for n := 0; err == nil && n < len(s.Rows); n++ {
			if i < len(s.Rows[n]) && s.Rows[n][i] != "" {
				cell := fmt.Sprintf("%s%d", col, n+2)
				err = errors.Join(f.SetCellStr(s.Name, cell, s.Rows[n][i]), f.SetCellStyle(s.Name, cell, cell, text))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// CodeNames are the values of a list for people, each with its Chinese word.
func CodeNames(list household.CodeList) (names string) {
	for i, code := range list {
		switch i {
		case 0:
		case 1:
			names = code.Name + " " + code.Zh
		default:
			names += ", " + code.Name + " " + code.Zh
		}
	}
	return names
}
