package household

import (
	"encoding/json"
	"strings"
	"unicode"
)

// MaxAttributeGrade is the highest grade of an attribute (disability has four,
// other scales go up to ten).
const MaxAttributeGrade = 10

// Attribute is something said of a member, an obligor or an asset that no source
// holds: a student, a disability of some grade, a vehicle one works with.
type Attribute struct {
	Code     string // [a-z0-9_]; what codes mean is the rule pack's business
	Denied   bool   // said not to hold
	Proven   bool   // a document is named
	Grade    int    // 0 (not given) to MaxAttributeGrade
	Amount   Fen    // that goes with it, 0 when not given
	From, To Date   // the days between which it holds, both included; 0 for no bound
	Document string // as written
	// Asset is the plate, unit code, certificate or account number of the asset
	// that an asset's attribute is said of, as written. It masks itself whatever
	// kind it is.
	Asset Plate
}

// On says what the attribute is on a date. Without a document it is Unknown, said or
// denied. A denial has no bounds; what holds doesn't hold outside its own.
func (a *Attribute) On(d Date) Tri {
	switch {
	case !a.Proven:
		return Unknown
	case a.Denied, a.From != 0 && d < a.From, a.To != 0 && d > a.To:
		return No
	}
	return Yes
}

// AttributeOn says what an attribute is on a date by all entries of its code: a
// proven one decides, whatever others deny (two certificates, one of which ran out);
// Unknown when no entry knows or there is none.
func AttributeOn(list []Attribute, code string, d Date) Tri {
	out := Unknown
	for i := range list {
		if list[i].Code == code {
			out = max(out, list[i].On(d)) // Unknown < No < Yes
		}
	}
	return out
}

type wireAttribute struct {
	Code     string `json:"code"`
	Holds    *bool  `json:"holds"`
	Grade    int    `json:"grade"`
	Amount   int64  `json:"amount_fen"`
	From     string `json:"from"`
	To       string `json:"to"`
	Document string `json:"document"`
	Asset    string `json:"asset"`
}

// attributes reads the attributes under a field. Those of assets name their asset,
// the others have none.
func (r *Request) attributes(raw json.RawMessage, field string, ofAssets bool) []Attribute {
	var list []wireAttribute
	if !optional(r, raw, field, &list) || len(list) == 0 {
		return nil
	}
	out := make([]Attribute, 0, len(list))
	for i := range list {
		w := &list[i]
		a := Attribute{Code: w.Code, Denied: w.Holds != nil && !*w.Holds, Grade: w.Grade, Amount: Fen(w.Amount), Document: w.Document, Proven: IsDocument(w.Document)}
		if !IsSlug(a.Code) {
			r.invalid(field + ".code")
		}
		if a.Grade < 0 || a.Grade > MaxAttributeGrade {
			r.invalid(field + ".grade")
			a.Grade = 0
		}
		if !isAmount(w.Amount) {
			r.invalid(field + ".amount_fen")
			a.Amount = 0
		}
		var fromRead, toRead bool
		if a.From, fromRead = optionalDate(w.From); !fromRead {
			r.invalid(field + ".from")
		}
		// A span that ends before it begins holds on no day: somebody mixed them up.
		if a.To, toRead = optionalDate(w.To); !toRead || a.To != 0 && a.To < a.From {
			r.invalid(field + ".to")
		}
		if ofAssets {
			if a.Asset = Plate(w.Asset); strings.TrimSpace(w.Asset) == "" {
				r.invalid(field + ".asset")
			}
		}
		out = append(out, a)
	}
	return out
}

// optionalDate reads a date that may be absent, which is 0.
func optionalDate(text string) (Date, bool) {
	if text == "" {
		return 0, true
	}
	return isoDate(text)
}

// IsDocument reports whether a text names a document at all: a dash or an invisible
// character in the field is what people write for none.
func IsDocument(text string) bool {
	return strings.ContainsFunc(text, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) })
}

// IsSlug reports whether a text can be a code: lower-case letters, digits and
// underscores, at least one.
func IsSlug(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return text != ""
}
