package household

// LinkSheet says how the records of a household were linked to its members. Only
// verdicts of a pack that looks for weaker links have one. It counts descriptions:
// all rows under one number that describe their owner alike are one.
type LinkSheet struct {
	Strong     int // counted
	Review     int // a person has to confirm them; not counted
	Conflicts  int // of nobody for certain; not counted
	Hidden     int // name only; neither shown nor counted
	TurnedDown int // looked at and somebody else's
	TooCommon  int // members whose name is too common to look further

	// Income and Financial are the totals if what has to be confirmed counted too.
	Income, Financial Fen

	// Distinct is what the asset sheet would show if no two assets that may be one
	// and the same were one. Its limit is not set.
	Distinct AssetSheet

	Notes []LinkNote // of links that are not plain, at most 64
}

// LinkNote explains one link without anything personal. Bits are in thousandths;
// those of the parts add up to the total.
type LinkNote struct {
	Member  int    // from 1
	Tier    string // A2 to X2; none for what was turned down
	Use     string
	Total   int64
	Parts   []LinkPart
	Reasons []string
}

// LinkPart is what the comparison of one field adds.
type LinkPart struct {
	Field, Level string
	Bits         int64
}

func (s *LinkSheet) appendJSON(b []byte) []byte {
	b = appendInt(b, `,"links":{"strong":`, int64(s.Strong))
	b = appendInt(b, `,"review":`, int64(s.Review))
	b = appendInt(b, `,"conflicts":`, int64(s.Conflicts))
	b = appendInt(b, `,"hidden":`, int64(s.Hidden))
	b = appendInt(b, `,"turned_down":`, int64(s.TurnedDown))
	b = appendInt(b, `,"too_common":`, int64(s.TooCommon))
	b = appendInt(b, `,"income_fen":`, int64(s.Income))
	b = appendInt(b, `,"financial_fen":`, int64(s.Financial))
	b = appendInt(b, `,"financial_if_distinct_fen":`, int64(s.Distinct.Financial))
	b = appendInt(b, `,"vehicles_if_distinct":`, int64(s.Distinct.Vehicles))
	b = appendInt(b, `,"residential_if_distinct":`, int64(s.Distinct.Residential))
	b = appendInt(b, `,"non_residential_if_distinct":`, int64(s.Distinct.NonResidential))
	b = append(b, `,"notes":[`...)
	for i := range s.Notes {
		n := &s.Notes[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = appendInt(b, `{"member":`, int64(n.Member))
		b = append(b, `,"tier":"`...)
		b = append(b, n.Tier...)
		b = append(b, `","use":"`...)
		b = append(b, n.Use...)
		b = appendInt(b, `","millibits":`, n.Total)
		b = append(b, `,"parts":[`...)
		for j, p := range n.Parts {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"field":"`...)
			b = append(b, p.Field...)
			b = append(b, `","level":"`...)
			b = append(b, p.Level...)
			b = append(appendInt(b, `","millibits":`, p.Bits), '}')
		}
		b = append(b, `],"reasons":[`...)
		for j, r := range n.Reasons {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(b, '"')
			b = append(b, r...)
			b = append(b, '"')
		}
		b = append(b, "]}"...)
	}
	return append(b, "]}"...)
}
