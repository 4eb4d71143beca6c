package assets

import (
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match/documents"
)

// BankAccount is the key of an account within an institution. Accounts have no
// common check; a right Luhn digit only suggests a card.
func BankAccount(institution, number string) Key {
	// The separator of the key can occur in neither part.
	number = without(normal(number), "-/")
	k := Key{Kind: Account}
	if number == "" {
		return nothing(k)
	}
	bank := strings.ReplaceAll(normal(institution), "/", "")
	k.Text = bank + "/" + number
	if bank == "" {
		k.Notes.add(NoInstitution)
		k.Weak = true
	}
	if strings.ContainsAny(number, "*#?") {
		k.Notes.add(Masked)
		k.Weak = true
	} else if _, ok := BIN(number); ok {
		k.Notes.add(Card)
	}
	return k
}

// BIN is the issuer's first six digits of a card number: 16–19 digits with a
// right Luhn digit.
func BIN(number string) (string, bool) {
	if len(number) < 16 || len(number) > 19 || !digits(number) {
		return "", false
	}
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return number[:6], sum%10 == 0
}

// accountsCompatible compares keys of accounts of which one may be masked or
// lack its institution: what both show must agree, the last four at least.
func accountsCompatible(a, b string) bool {
	bankA, x, _ := strings.Cut(a, "/")
	bankB, y, _ := strings.Cut(b, "/")
	if bankA != bankB && bankA != "" && bankB != "" {
		return false
	}
	if x == y {
		return true
	}
	hx, tx, mx := shown(x)
	hy, ty, my := shown(y)
	if !mx && !my {
		return false
	}
	n := min(len(tx), len(ty))
	h := min(len(hx), len(hy))
	return n >= 4 && tx[len(tx)-n:] == ty[len(ty)-n:] && hx[:h] == hy[:h]
}

// shown are the characters before and after the hidden ones.
func shown(s string) (head, tail string, masked bool) {
	i, j := strings.IndexAny(s, "*#?"), strings.LastIndexAny(s, "*#?")
	if i < 0 {
		return s, s, false
	}
	return s[:i], s[j+1:], true
}

// EmployerCode is the key of an employer: a unified social credit code, an old
// tax number of 15 characters or an organisation code of 9.
func EmployerCode(code string) Key {
	k := Key{Kind: Employer, Text: strings.ReplaceAll(normal(code), "-", "")}
	if k.Text == "" {
		return nothing(k)
	}
	switch len(k.Text) {
	case 18:
		c := documents.Inspect(household.USCC, []byte(k.Text), documents.Options{}).Candidates[0]
		if !c.Valid {
			k.Notes.add(CheckFailed)
			k.Weak = true
		}
		if c.Notes.Has(documents.SoleTrader) {
			k.Notes.add(SoleTrader)
		}
	case 15, 9:
		if !alnum(k.Text) {
			k.Notes.add(FormUnknown)
			k.Weak = true
		}
	default:
		k.Notes.add(FormUnknown)
		k.Weak = true
	}
	return k
}
