package household

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
	b = append(b, `,"values":[`...)
	unverified := 0
	for i := range p.Values {
		v := &p.Values[i]
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
		if v.Verified {
			b = append(b, `,"verified":true}`...)
		} else {
			b = append(b, `,"verified":false}`...)
			if v.Unresolved == "" {
				unverified++
			}
		}
	}
	b = append(b, ']')
	if unverified == 0 {
		return b
	}
	b = append(b, `,"unverified":[`...)
	for i := range p.Values {
		if v := &p.Values[i]; !v.Verified && v.Unresolved == "" {
			b = append(b, '"')
			b = append(b, v.Name...)
			b = append(b, `",`...)
		}
	}
	b[len(b)-1] = ']'
	return b
}
