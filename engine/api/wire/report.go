package wire

// ReportOrder asks for a report (核对报告) of a verdict.
type ReportOrder struct {
	Verdict   string `json:"-"`
	Recipient string `json:"recipient" minLength:"1" maxLength:"100" doc:"To whom it is given, in words and without a document's number; it stands on every page" example:"申请人本人"`
	Lang      string `json:"lang,omitempty" enum:"zh,en" doc:"Chinese when absent" example:"zh"`
}

// Report is a report that was issued, without what it says.
type Report struct {
	Number    string `json:"number" example:"HD340104-20261101-7K2MQ-4T9XZ"`
	Verdict   string `json:"verdict" example:"v-000001"`
	Household string `json:"household" example:"340104-000123"`
	Scheme    string `json:"scheme" example:"dibao"`
	Division  string `json:"division" example:"340104"`
	Recipient string `json:"recipient" example:"申请人本人"`
	Lang      string `json:"lang" example:"zh"`
	Digest    string `json:"digest" doc:"SM3 of its content, the same in whatever form it is printed" example:"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"`
	Code      string `json:"code" doc:"The part of the digest that people compare" example:"1A2B3-C4D5E-F6G7H-J8K9M"`
	IssuedBy  string `json:"issued_by" doc:"Account" example:"verifier01"`
	IssuedAt  string `json:"issued_at" format:"date-time" example:"2026-11-02T09:00:00+08:00"`
}

// ReportQuery selects reports: those of a household, or all that the caller may know of.
type ReportQuery struct {
	Page

	Household string
}

// ReportPrint asks for a report in a form.
type ReportPrint struct {
	Number string
	Form   string // html, pdf or xlsx
}

// PrintedReport is a report as a file.
type PrintedReport struct {
	Report

	Type    string // media type
	Content []byte
}
