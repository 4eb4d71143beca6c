package wire

// CorrectionQuery selects what departments must put right.
type CorrectionQuery struct {
	Page

	Department string
	Sent       bool
}

// Correction is a ticket to a department (疑义数据). It says nothing of the household that
// objected.
type Correction struct {
	ID         string `json:"id" example:"k-000001"`
	Department string `json:"department" example:"bank"`
	Source     string `json:"source" example:"bank"`
	Snapshot   string `json:"snapshot" doc:"The delivery that the record is in" example:"437c4d3dd3dbf92637bfe3a3188aa995"`
	AsOf       string `json:"as_of" format:"date" example:"2026-10-31"`
	File       int    `json:"file" example:"1"`
	Row        int64  `json:"row" example:"17"`
	Reason     string `json:"reason" example:"银行出具销户证明"`
	State      string `json:"state" enum:"open,sent" example:"open"`
}

// CorrectionsSent names the tickets that go to their department.
type CorrectionsSent struct {
	IDs []string `json:"ids" minItems:"1" maxItems:"200" doc:"Of tickets of one department" example:"[\"k-000001\"]"`
}

// CorrectionFile is the file that goes to a department, and the tickets in it.
type CorrectionFile struct {
	Items []Correction `json:"items"`
	File  string       `json:"file" doc:"CSV in UTF-8, as it is sent" example:"(file)"`
}
