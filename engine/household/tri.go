package household

// Tri is the answer to a question that nobody may be able to answer.
type Tri uint8

// The answers. What nobody has proven or denied is Unknown, never No.
const (
	Unknown Tri = iota
	No
	Yes
)

// Not turns Yes into No and No into Yes.
func (t Tri) Not() Tri {
	switch t {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Unknown
}

func (t Tri) String() string { return [...]string{"unknown", "no", "yes"}[t] }
