package province

// Ways in which a department wrote a number wrongly or otherwise.

// appendOld15 turns an 18-character number of a birth in 19xx into the 15 digits of
// before 1999.
func appendOld15(number []byte) []byte {
	copy(number[6:], number[8:17])
	return number[:15]
}

// can15 says whether a number has a form of 15 digits.
func can15(number []byte) bool { return len(number) == 18 && number[6] == '1' && number[7] == '9' }

// signs returns the positions that a typing error can hit: digits, and the check
// character X.
func signs(at []int, number []byte) []int {
	for i, c := range number {
		if c >= '0' && c <= '9' || c == 'X' && i == len(number)-1 {
			at = append(at, i)
		}
	}
	return at
}

// retype replaces the character at a position by another digit.
func retype(number []byte, at int, r *stream) {
	if number[at] == 'X' {
		number[at] = byte('0' + r.n(10))
		return
	}
	number[at] = '0' + (number[at]-'0'+byte(1+r.n(9)))%10
}

// swap exchanges two neighbours that differ, and says whether there are any. The
// check character X stays where it is, because nobody takes it for a digit.
func swap(number []byte, at []int, r *stream) bool {
	start := r.n(len(at))
	for k := range at {
		i := at[(start+k)%len(at)]
		if i+1 < len(number) && number[i+1] >= '0' && number[i+1] <= '9' && number[i] != number[i+1] {
			number[i], number[i+1] = number[i+1], number[i]
			return true
		}
	}
	return false
}

// maskForm is what a mask leaves to be seen of a resident's number.
type maskForm int

const (
	mask6and4     maskForm = iota // division and the last four
	mask4and4                     // province, city and the last four
	mask6andBirth                 // division and birth date
	maskForms
)

// mask stars a number: of a resident's as the form says, of another document's all
// digits but the first two and the last two.
func mask(number []byte, resident bool, form maskForm) {
	from, to := 6, len(number)-4
	switch {
	case !resident:
		at := signs(nil, number)
		for _, i := range at[min(2, len(at)):max(2, len(at)-2)] {
			number[i] = '*'
		}
		return
	case form == mask4and4:
		from = 4
	case form == mask6andBirth && len(number) == 18:
		from, to = 14, 18
	case form == mask6andBirth:
		from, to = 12, 15
	}
	for i := from; i < to; i++ {
		number[i] = '*'
	}
}

// writeOtherwise writes a number in a form that loses nothing: a lower-case x,
// full-width signs, or spaces.
func writeOtherwise(number []byte, r *stream) []byte {
	form := r.n(4)
	if last := len(number) - 1; form < 2 && number[last] == 'X' {
		number[last] = 'x'
		return number
	}
	plain := string(number)
	number = number[:0]
	switch form % 2 {
	case 0: // spaces around, or between the parts
		if form == 0 {
			return append(append(append(number, ' '), plain...), ' ')
		}
		cut := min(6, len(plain)/2)
		for cut > 0 && plain[cut]&0xc0 == 0x80 {
			cut--
		}
		return append(append(append(number, plain[:cut]...), ' '), plain[cut:]...)
	default:
		for _, c := range plain {
			if c > ' ' && c < 0x7f {
				c += '０' - '0'
			}
			number = append(number, string(c)...)
		}
		return number
	}
}
