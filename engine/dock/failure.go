package dock

// The codes of failures.
const (
	Unreachable = "unreachable" // no connection, or TLS refused one side
	Slow        = "slow"        // no answer in time
	Refused     = "refused"     // by an answer that is not signed: see Detail
	Denied      = "denied"      // by the node's own judgement of the authorisation: see Detail
	Later       = "later"       // it will answer, and can't now
	Outdated    = "outdated"    // it reads another generation than its catalogue said
	Signature   = "signature"   // not by the key that is configured
	Nonce       = "nonce"       // an answer to an earlier question
	Another     = "another"     // an answer to another question
	Time        = "time"        // signed too long ago, or in the future
	Persons     = "persons"     // not every person asked about, or others, or nothing said of one
	Form        = "form"        // not in the form of an answer
	Version     = "version"     // of another version of the program
)

// Failure is why there is no answer. Whatever it is, nothing may be concluded of anybody.
type Failure struct {
	Code   string
	Detail string // the code of a refusal; "" otherwise
	Err    error  // nil when there is no more to say
}

func (f *Failure) Error() string {
	text := "the upper node: " + f.Code
	if f.Detail != "" {
		text += " (" + f.Detail + ")"
	}
	if f.Err != nil {
		text += ": " + f.Err.Error()
	}
	return text
}

// Unwrap is the cause.
func (f *Failure) Unwrap() error { return f.Err }

func fail(code string) *Failure { return &Failure{Code: code} }
