package ledger

import (
	"encoding/base64"
	"slices"
)

// Case is one verdict that people decide on: where it stands. Its history is in the
// body.
type Case struct {
	Stored
	ID        string  `json:"id"`
	Household string  `json:"household"`
	Scheme    string  `json:"scheme"`
	Division  string  `json:"division"`
	Verdict   string  `json:"verdict"` // id of the newest
	State     string  `json:"state"`
	Severity  int     `json:"severity"` // larger is worse
	Assignee  string  `json:"assignee,omitempty"`
	Opened    Instant `json:"opened"`
}

// Kind is KindCase.
func (*Case) Kind() Kind { return KindCase }

// Key is the id.
func (c *Case) Key() string { return c.ID }

func (c *Case) check() string {
	return firstBad(isKey("id", c.ID), isKey("household", c.Household), isKey("state", c.State),
		isDivision(c.Division), isText("assignee", c.Assignee), isText("verdict", c.Verdict))
}

func (c *Case) indexes(add func(indexKey)) {
	order := func(k indexKey) indexKey { return k.down(int64(c.Severity)).up(int64(c.Opened)) }
	// One key for each level of the division: a queue is read in its order for any
	// of them.
	for _, level := range levels(c.Division) {
		add(order(index(byState).text(c.State).text(level)))
	}
	if c.Assignee != "" {
		add(order(index(byAssignee).text(c.Assignee).text(c.State)))
	}
	add(index(byHousehold).text(c.Household).down(int64(c.Opened)))
	if c.Verdict != "" {
		add(index(byVerdict).text(c.Verdict))
	}
}

// CasesIn asks for the cases in one state of a division and below it, the most
// severe first, of equal ones the oldest. An empty division is the whole province.
func CasesIn(division, state string) Query {
	return index(byState).text(state).text(division).query(KindCase)
}

// CasesWith asks for the cases of an assignee in one state, in the same order.
func CasesWith(assignee, state string) Query {
	return index(byAssignee).text(assignee).text(state).query(KindCase)
}

// CasesAfter is a query of CasesIn or CasesWith that goes on behind a case in its order, be
// that one of this query or of another: so several are read side by side.
func CasesAfter(q Query, severity int, opened Instant, id string) Query {
	at := append(indexKey(slices.Clone(q.Prefix)).down(int64(severity)).up(int64(opened)), id...)
	at = append(at, 0xff, 0xff, 0xff, 0xff, 0xff) // behind every version
	q.Cursor = base64.RawURLEncoding.EncodeToString(at)
	return q
}

// CasesOf asks for the cases of a household, newest first.
func CasesOf(household string) Query {
	return index(byHousehold).text(household).query(KindCase)
}

// CasesOn asks for the cases whose newest verdict is this one.
func CasesOn(verdict string) Query { return index(byVerdict).text(verdict).query(KindCase) }

// Objection says that a household contests a record.
type Objection struct {
	Stored
	ID        string    `json:"id"`
	Case      string    `json:"case"`
	Household string    `json:"household"`
	Division  string    `json:"division"`
	Record    Pseudonym `json:"record"`
	State     string    `json:"state"`
	At        Instant   `json:"at"`
}

// Kind is KindObjection.
func (*Objection) Kind() Kind { return KindObjection }

// Key is the id.
func (o *Objection) Key() string { return o.ID }

func (o *Objection) check() string {
	return firstBad(isKey("id", o.ID), isText("case", o.Case), isKey("household", o.Household),
		isKey("state", o.State), isDivision(o.Division))
}

func (o *Objection) indexes(add func(indexKey)) {
	for _, level := range levels(o.Division) {
		add(index(byState).text(o.State).text(level).up(int64(o.At)))
	}
	add(index(byHousehold).text(o.Household).down(int64(o.At)))
	if o.Case != "" {
		add(index(byCase).text(o.Case).up(int64(o.At)))
	}
	add(index(byRecord).pseudonym(o.Record))
}

// ObjectionsIn asks for the objections in one state of a division and below it,
// oldest first.
func ObjectionsIn(division, state string) Query {
	return index(byState).text(state).text(division).query(KindObjection)
}

// ObjectionsOf asks for the objections of a household, newest first.
func ObjectionsOf(household string) Query {
	return index(byHousehold).text(household).query(KindObjection)
}

// ObjectionsTo asks for the objections in a case, oldest first.
func ObjectionsTo(caseID string) Query { return index(byCase).text(caseID).query(KindObjection) }

// ObjectionsOn asks for the objections to a record.
func ObjectionsOn(record Pseudonym) Query {
	return index(byRecord).pseudonym(record).query(KindObjection)
}

// Correction is a ticket to a department: a record that turned out to be wrong.
type Correction struct {
	Stored
	ID         string    `json:"id"`
	Department string    `json:"department"`
	Record     Pseudonym `json:"record"`
	Objection  string    `json:"objection,omitempty"`
	State      string    `json:"state"`
	At         Instant   `json:"at"`
}

// Kind is KindCorrection.
func (*Correction) Kind() Kind { return KindCorrection }

// Key is the id.
func (c *Correction) Key() string { return c.ID }

func (c *Correction) check() string {
	return firstBad(isKey("id", c.ID), isKey("department", c.Department), isKey("state", c.State))
}

func (c *Correction) indexes(add func(indexKey)) {
	add(index(byState).text(c.Department).text(c.State).up(int64(c.At)))
	add(index(byRecord).pseudonym(c.Record))
}

// CorrectionsFor asks for the tickets to a department in one state, oldest first.
func CorrectionsFor(department, state string) Query {
	return index(byState).text(department).text(state).query(KindCorrection)
}

// CorrectionsOn asks for the tickets about a record.
func CorrectionsOn(record Pseudonym) Query {
	return index(byRecord).pseudonym(record).query(KindCorrection)
}

// Task is one item of a queue of work: a household to verify again, a change of
// outcome to look at.
type Task struct {
	Stored
	ID        string  `json:"id"`
	Queue     string  `json:"queue"`
	State     string  `json:"state"`
	Household string  `json:"household,omitempty"`
	Division  string  `json:"division"`
	Severity  int     `json:"severity"`
	At        Instant `json:"at"`
}

// Kind is KindTask.
func (*Task) Kind() Kind { return KindTask }

// Key is the id.
func (t *Task) Key() string { return t.ID }

func (t *Task) check() string {
	return firstBad(isKey("id", t.ID), isKey("queue", t.Queue), isKey("state", t.State),
		isText("household", t.Household), isDivision(t.Division))
}

func (t *Task) indexes(add func(indexKey)) {
	for _, level := range levels(t.Division) {
		add(index(byState).text(t.Queue).text(t.State).text(level).down(int64(t.Severity)).up(int64(t.At)))
	}
	if t.Household != "" {
		add(index(byHousehold).text(t.Household).down(int64(t.At)))
	}
}

// TasksIn asks for the tasks of a queue in one state, of a division and below it,
// the most severe first, of equal ones the oldest.
func TasksIn(queue, state, division string) Query {
	return index(byState).text(queue).text(state).text(division).query(KindTask)
}

// TasksOf asks for the tasks about a household, newest first.
func TasksOf(household string) Query {
	return index(byHousehold).text(household).query(KindTask)
}
