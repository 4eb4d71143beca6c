package ledger

// IssuedReport is a report (核对报告) of a verdict that was given to somebody. Its body is
// the report as it was issued. It is never changed after it was put.
type IssuedReport struct {
	Stored
	Number        string  `json:"number"`
	Verdict       string  `json:"verdict"` // id
	Household     string  `json:"household"`
	Authorization string  `json:"authorization"`
	Scheme        string  `json:"scheme"`
	Division      string  `json:"division"`
	Recipient     string  `json:"recipient,omitempty"` // to whom it was given, in words
	Language      string  `json:"language"`
	Digest        string  `json:"digest"` // of its content, in whatever form it is printed
	Code          string  `json:"code"`   // the part of the digest that people compare
	By            string  `json:"by"`     // account
	At            Instant `json:"at"`
}

// Kind is KindReport.
func (*IssuedReport) Kind() Kind { return KindReport }

// Key is the number.
func (r *IssuedReport) Key() string { return r.Number }

func (r *IssuedReport) check() string {
	return firstBad(isKey("number", r.Number), isKey("verdict", r.Verdict), isKey("household", r.Household), isText("authorization", r.Authorization), isDivision(r.Division))
}

func (r *IssuedReport) indexes(add func(indexKey)) {
	add(index(byHousehold).text(r.Household).down(int64(r.At)))
	for _, level := range levels(r.Division) {
		add(index(byDivision).text(level).down(int64(r.At)))
	}
	add(index(byVerdict).text(r.Verdict).down(int64(r.At)))
}

// ReportsOf asks for the reports of a household, newest first.
func ReportsOf(household string) Query {
	return index(byHousehold).text(household).query(KindReport)
}

// ReportsIn asks for the reports of a division and below it, newest first.
func ReportsIn(division string) Query { return index(byDivision).text(division).query(KindReport) }

// ReportsOn asks for the reports of a verdict, newest first.
func ReportsOn(verdict string) Query { return index(byVerdict).text(verdict).query(KindReport) }
