package access

// Field is a kind of personal data that is shown more or less of.
type Field uint8

// The fields.
const (
	FieldIDNumber Field = iota
	FieldName
	FieldPhone
	FieldAccount
	FieldPlate
	FieldAddress
	FieldAmount

	NumFields
)

// Mask is how much of a field is shown.
type Mask uint8

// How much is shown. The zero value shows nothing.
const (
	Hidden Mask = iota
	Partly      // masked; an amount as a band
	Full
)

// Masks is how each field is shown. The zero value shows nothing.
type Masks [NumFields]Mask

// Shows is what an operation lets be seen of a household.
type Shows uint8

// What is seen.
const (
	// ShowsNothing is of operations that speak of no household's content.
	ShowsNothing Shows = iota
	// ShowsCase masks every field; amounts are full for those who judge a case that is
	// assigned to them, and bands for all others.
	ShowsCase
	// ShowsField is ShowsCase with the one field that was asked for in full.
	ShowsField
	// ShowsAll masks nothing.
	ShowsAll
	// ShowsReport is what stands in a household's own report: the names that it declared
	// and every amount in full, for it can object only to what it can read; numbers of
	// documents, accounts and plates stay masked, for paper goes astray.
	ShowsReport
	// ShowsNotice is the whitelist of a public notice: names, and nothing else.
	ShowsNotice
)

// ReportMasks are those of ShowsReport, whoever reads it.
func ReportMasks() (m Masks) {
	for f := range m {
		m[f] = Partly
	}
	m[FieldName], m[FieldAmount] = Full, Full
	return m
}

func (v Shows) masks(s Subject, roles Roles, o Object) Masks {
	var m Masks
	switch v {
	case ShowsCase, ShowsField:
		for f := range m {
			m[f] = Partly
		}
		if roles&deciders != 0 && s.Person != "" && o.Assignee == s.Person {
			m[FieldAmount] = Full
		}
		if v == ShowsField && o.Field < NumFields {
			m[o.Field] = Full
		}
	case ShowsAll:
		for f := range m {
			m[f] = Full
		}
	case ShowsReport:
		return ReportMasks()
	case ShowsNotice:
		m[FieldName] = Full
	}
	return m
}
