package household

import "strconv"

// appendAmounts appends a list of amounts under a key, or nothing.
func appendAmounts(b []byte, key string, list []AmountOf) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(b, key...)
	for i := range list {
		a := &list[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"code":"`...)
		b = append(b, a.Code...)
		b = append(b, '"')
		if a.Member != 0 {
			b = appendInt(b, `,"member":`, int64(a.Member))
		}
		if a.Obligor != 0 {
			b = appendInt(b, `,"obligor":`, int64(a.Obligor))
		}
		b = appendInt(b, `,"amount_fen":`, int64(a.Amount))
		b = appendText(append(b, `,"law":`...), a.Law)
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendCited appends the region and the values that a pack cites, or nothing.
func (p *PackRef) appendCited(b []byte) []byte {
	if p.Region != "" {
		b = append(b, `,"region":"`...)
		b = append(b, p.Region...)
		b = append(b, '"')
	}
	if len(p.Values) == 0 {
		return b
	}
	b = AppendValues(append(b, `,"values":`...), p.Values)
	// What nobody has verified. What nobody knows has no value that could be.
	before := len(b)
	for i := range p.Values {
		if v := &p.Values[i]; !v.Verified && v.Unresolved == "" {
			if len(b) == before {
				b = append(b, `,"unverified":[`...)
			} else {
				b = append(b, ',')
			}
			b = append(append(append(b, '"'), v.Name...), '"')
		}
	}
	if len(b) > before {
		b = append(b, ']')
	}
	return b
}

// AppendValues appends values as verdicts cite them, as a JSON array.
func AppendValues(b []byte, list []CitedValue) []byte {
	b = append(b, '[')
	for i := range list {
		v := &list[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":"`...)
		b = append(b, v.Name...)
		b = append(b, `","unit":"`...)
		b = append(b, v.Unit...)
		b = append(b, '"')
		if v.PerYear {
			b = append(b, `,"per":"year"`...)
		}
		if v.Unresolved == "" {
			b = appendInt(b, `,"value":`, v.Value)
		} else {
			b = appendText(append(b, `,"unresolved":`...), v.Unresolved)
		}
		b = append(b, `,"from":"`...)
		b, _ = v.From.AppendText(b)
		b = appendText(append(b, `","file":`...), v.File)
		b = appendInt(b, `,"line":`, int64(v.Line))
		if v.Region != "" {
			b = append(b, `,"region":"`...)
			b = append(b, v.Region...)
			b = append(b, '"')
		}
		b = appendText(append(b, `,"law":`...), v.Law)
		b = strconv.AppendBool(append(b, `,"verified":`...), v.Verified)
		b = append(b, '}')
	}
	return append(b, ']')
}
