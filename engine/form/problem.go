package form

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/household"
)

// Code says what is wrong.
type Code string

// The codes of problems. Those of a file refuse it whole.
const (
	MissingField     Code = "missing_field"
	BadAmount        Code = "bad_amount"
	NegativeAmount   Code = "negative_amount"
	BadDate          Code = "bad_date"
	BadMonth         Code = "bad_month"
	UnknownCode      Code = "unknown_code"
	BadCount         Code = "bad_count"
	BadDocument      Code = "bad_document"
	BadCode          Code = "bad_code"
	BadText          Code = "bad_text"
	LostValue        Code = "lost_value"
	DatesReversed    Code = "dates_reversed"
	NoSuchMember     Code = "no_such_member"
	NoSuchObligor    Code = "no_such_obligor"
	WhoseAttribute   Code = "whose_attribute"
	TwiceNamed       Code = "twice_named"
	DiffersFromFirst Code = "differs_from_first_row"
	NoMembers        Code = "no_members"
	TooMany          Code = "too_many"
	NoHousehold      Code = "no_household"
	DuplicateID      Code = "duplicate_household"
	Example          Code = "example_row"
	RowTooLong       Code = "row_too_long"
	NotARequest      Code = "not_a_request"
	OtherScheme      Code = "other_scheme"
	LineTooLong      Code = "line_too_long"

	MissingColumn Code = "missing_column"
	DoubleColumn  Code = "double_column"
	NoHeader      Code = "no_header"
	NoSheet       Code = "no_sheet"
	Damaged       Code = "damaged"
	BadEncoding   Code = "bad_encoding"
	OpenQuote     Code = "open_quote"
	TooLarge      Code = "too_large"
	UnknownFormat Code = "unknown_format"
	NotLines      Code = "not_lines"
)

// words say what to do.
var words = map[Code]household.Text{
	MissingField:     say("必填，请补填", "fill it in, it is required"),
	BadAmount:        say("填写以元为单位的金额，最多两位小数", "give an amount in yuan with at most two decimals"),
	NegativeAmount:   say("金额不能为负", "give an amount that is not negative"),
	BadDate:          say("日期写作 2026-01-02、20260102 或 2026/1/2", "write the date as 2026-01-02, 20260102 or 2026/1/2"),
	BadMonth:         say("月份写作 2026-01 或 202601", "write the month as 2026-01 or 202601"),
	UnknownCode:      say("从“notes 说明”表列出的值中选填", "choose one of the values that the sheet of notes lists"),
	BadCount:         say("填写允许范围内的整数", "give a whole number within the range"),
	BadDocument:      say("证件号码与证件类型不符或有误，请对照证件", "the number is none of such a document: compare it with the document"),
	BadCode:          say("只用小写字母、数字和下划线，按规则中的名称", "use small letters, digits and underscores only, as the rules name it"),
	BadText:          say("含有无法读取的字符，请重新输入", "it holds characters that can't be read: type it again"),
	LostValue:        say("表格中已失去原值（数字超过 15 位、公式无结果或错误值），请把该列设为文本后重新输入", "the spreadsheet lost its value (more than 15 digits, or a formula without a result): format the column as text and type it again"),
	DatesReversed:    say("止日早于起日，请更正", "it ends before it begins: correct the days"),
	NoSuchMember:     say("户内没有这个序号的成员", "the household has no member of that number"),
	NoSuchObligor:    say("户内没有这个序号的义务人", "the household has no obligor of that number"),
	WhoseAttribute:   say("成员序号、义务人序号、资产标识三者填写一项", "give one of member, obligor and asset"),
	TwiceNamed:       say("同一项写了两次，请删去一次", "it is named twice: delete one"),
	DiffersFromFirst: say("与本户第一行不一致；家庭的各项只填在第一行", "it differs from the household's first row: give what is of the household there only"),
	NoMembers:        say("本户没有成员，请至少填写一名", "the household has no member: give at least one"),
	TooMany:          say("本户的行数超过允许的最多行数", "the household has more of these rows than a form may have"),
	NoHousehold:      say("家庭表中没有这个家庭编号", "no row on the sheet of households has this number"),
	DuplicateID:      say("同一家庭编号出现多次，各行均不收；请只留一户", "several households have this number and none is taken: keep one"),
	Example:          say("这是示例行，请删除", "this is the example: delete it"),
	RowTooLong:       say("该行内容过长，请删减", "the row holds too much: shorten it"),
	OtherScheme:      say("与本批的救助项目不同，请更正，或另行提交", "it asks for another scheme than the batch: correct it, or submit it apart"),
	LineTooLong:      say("该行超过 1 MiB，请检查换行", "the line has more than 1 MiB: look whether line breaks were lost"),
	NotARequest:      say("该项的值不能用于核对请求，请更正", "its value is none a request may have: correct it"),

	MissingColumn: say("缺少必需的列，请用 hedui template 生成的表", "a required column is missing: use the form that hedui template writes"),
	DoubleColumn:  say("该列出现两次，请删去一列", "the column is there twice: delete one"),
	NoHeader:      say("没有找到列名所在的行；列名上方最多有 10 行标题", "no row names the columns; above it there may be ten rows of titles"),
	NoSheet:       say("没有家庭表，请用 hedui template 生成的表", "there is no sheet of households: use the form that hedui template writes"),
	Damaged:       say("文件损坏或不是表格文件，请重新保存为 .xlsx 或 .csv", "the file is damaged or no table: save it again as .xlsx or .csv"),
	BadEncoding:   say("文字既不是 UTF-8 也不是 GB18030，请另存为 CSV UTF-8", "the text is neither UTF-8 nor GB18030: save it as CSV UTF-8"),
	OpenQuote:     say("引号没有配对，其后各行无法分清", "a quotation mark is not closed, so that the rows behind it can't be told apart"),
	TooLarge:      say("文件过大，请分成几个", "the file is too large: split it"),
	NotLines:      say("每行应为一个完整的 JSON 请求，文件却是一个跨行的 JSON 值", "write one request of JSON on each line; the file is one value over several lines"),
	UnknownFormat: say("只读 .xlsx、.csv、.tsv、.txt", "give a file ending in .xlsx, .csv, .tsv or .txt"),
}

// Problem is one thing that is wrong, and where. It holds nothing that stood in a cell.
type Problem struct {
	Sheet  string `json:"sheet,omitempty"`  // the form's name of the sheet; empty in a file of one table
	Row    int64  `json:"row,omitempty"`    // as the spreadsheet counts, from 1; 0 for the file
	Column string `json:"column,omitempty"` // the form's name of the column; empty for the row
	Key    string `json:"key,omitempty"`    // of the field of a page, as m1_name
	Code   Code   `json:"code"`

	section Section
}

// Do says what to do, in Chinese and English.
func (p Problem) Do() household.Text { return words[p.Code] }

// Label is what the column is called on a page; empty without one.
func (p Problem) Label() household.Text {
	if i, ok := schemas[p.section].index[p.Column]; ok {
		return schemas[p.section].fields[i].Label
	}
	return household.Text{}
}

// Error implements error for a problem that refuses a file whole.
func (p Problem) Error() string {
	var at []string
	if p.Sheet != "" {
		at = append(at, "sheet "+p.Sheet)
	}
	if p.Row > 0 {
		at = append(at, fmt.Sprintf("row %d", p.Row))
	}
	if p.Column != "" {
		at = append(at, "column "+p.Column)
	}
	at = append(at, string(p.Code)+": "+p.Do().En)
	return strings.Join(at, ", ")
}

// order sorts problems as somebody goes through the file: sheet by sheet, row by row.
func order(list []Problem) {
	slices.SortStableFunc(list, func(a, b Problem) int {
		if a.Sheet == "" {
			return cmp.Compare(a.Row, b.Row)
		}
		return cmp.Or(cmp.Compare(a.section, b.section), cmp.Compare(a.Row, b.Row))
	})
}
