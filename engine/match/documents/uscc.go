package documents

// usccAlphabet is the alphabet of GB 32100: no I, O, Z, S, V. The place of a
// character is its value.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// readUSCC explains a unified social credit code.
func readUSCC(c *Candidate, text string) {
	if len(text) != 18 {
		c.Notes.add(WrongLength)
		return
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := usccValue(text[i])
		if v < 0 {
			c.Notes.add(BadCharacter)
			return
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	switch last := usccValue(text[17]); {
	case last < 0 || !digits(text[2:8]):
		c.Notes.add(BadCharacter)
		return
	case last != (31-sum%31)%31:
		c.Notes.add(CheckFailed)
		return
	}
	c.Valid = true
	if text[:2] == "92" {
		c.Notes.add(SoleTrader)
	}
	if !orgCodeHolds(text[8:17]) {
		c.Notes.add(OrgCodeCheck)
	}
}

func usccValue(b byte) int {
	for i := range len(usccAlphabet) {
		if usccAlphabet[i] == b {
			return i
		}
	}
	return -1
}

// orgCodeHolds checks the organisation code of GB 11714: eight characters and
// a check character, 0–9 or X.
func orgCodeHolds(s string) bool {
	sum := 0
	for i, w := range [...]int{3, 7, 9, 10, 5, 8, 4, 2} {
		v := int(s[i] - '0')
		if s[i] >= 'A' {
			v = int(s[i]-'A') + 10
		}
		sum += v * w
	}
	return s[8] == "0X987654321"[sum%11]
}
