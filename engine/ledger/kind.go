package ledger

import "fmt"

// Kind says what an entry is. The numbers are part of the format.
type Kind uint8

// The kinds of entries.
const (
	KindAuthorization Kind = 1 + iota
	KindRequest
	KindVerdict
	KindHousehold
	KindCase
	KindObjection
	KindCorrection
	KindTask
	KindUser
	KindToken
	KindSession
	KindPosition
	KindCounter
	KindReport
	KindBatch
	KindPart
	kindEnd
)

// String is the name of the kind.
func (k Kind) String() string {
	switch k {
	case KindAuthorization:
		return "authorization"
	case KindRequest:
		return "request"
	case KindVerdict:
		return "verdict"
	case KindHousehold:
		return "household"
	case KindCase:
		return "case"
	case KindObjection:
		return "objection"
	case KindCorrection:
		return "correction"
	case KindTask:
		return "task"
	case KindUser:
		return "user"
	case KindToken:
		return "token"
	case KindSession:
		return "session"
	case KindPosition:
		return "position"
	case KindCounter:
		return "counter"
	case KindReport:
		return "report"
	case KindBatch:
		return "batch"
	case KindPart:
		return "part"
	default:
		return fmt.Sprintf("kind %d", uint8(k))
	}
}

// blank is an empty entry of a kind, nil for a kind there is not.
func blank(k Kind) Entry {
	switch k {
	case KindAuthorization:
		return new(Authorization)
	case KindRequest:
		return new(Request)
	case KindVerdict:
		return new(Verdict)
	case KindHousehold:
		return new(Household)
	case KindCase:
		return new(Case)
	case KindObjection:
		return new(Objection)
	case KindCorrection:
		return new(Correction)
	case KindTask:
		return new(Task)
	case KindUser:
		return new(User)
	case KindToken:
		return new(Token)
	case KindSession:
		return new(Session)
	case KindPosition:
		return new(Position)
	case KindCounter:
		return new(Counter)
	case KindReport:
		return new(IssuedReport)
	case KindBatch:
		return new(Batch)
	case KindPart:
		return new(Part)
	default:
		return nil
	}
}
