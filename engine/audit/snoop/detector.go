package snoop

import (
	"slices"
	"strings"
	"time"
)

// Detector takes accesses in the order of the log. It is not safe for use by several
// goroutines. It holds the last weeks of every actor's daily numbers and one day of
// what was looked at.
type Detector struct {
	c      Context
	o      Options
	day    int // of the newest access, days since 1970 where days begin
	actors map[string]*actor
	peers  map[string][]int   // role → daily numbers of actors, of past days, oldest first
	closed map[[2]string]int  // actor, household → looks after the case was closed
	asked  map[[2]string]bool // actor, household of the day: one alert is enough
	seen   map[visit]bool     // of the day: work on one household is many looks and counts as one
}

// visit is an actor at a household, let in or not.
type visit struct {
	actor, household string
	denied           bool
}

// actor is what is remembered of one account.
type actor struct {
	role   string
	day    int
	looks  int  // households of the day
	tries  int  // of them without a case, and denied
	volume bool // alarmed for the day
	night  int  // households looked at out of hours since the last in them
	row    row
}

// row is a run of household numbers, each the next of the one before.
type row struct {
	prefix string
	number int64
	step   int64
	length int
	bare   int // without a case
	at     time.Time
}

// peerNumbers of a role are remembered at most.
const peerNumbers = 400

// New returns a detector that has seen nothing.
func New(c Context, o Options) *Detector {
	return &Detector{c: c, o: o.withDefaults(), actors: map[string]*actor{}, peers: map[string][]int{}, closed: map[[2]string]int{}, asked: map[[2]string]bool{}, seen: map[visit]bool{}}
}

// Observe takes an access and returns an alert when it is one. One actor and household
// count and alarm once a day, but honey each time.
func (d *Detector) Observe(a Access) (Alert, bool) {
	d.turn(a.Time)
	if a.Rows > 0 {
		return d.rows(a)
	}
	if a.Batch || a.Household == "" {
		if a.Household == "" || !d.c.Honey(a.Household) {
			return Alert{}, false
		}
		return a.alert([]Sign{Honey}, 0), true
	}
	at := visit{a.Actor, a.Household, a.Denied}
	if d.seen[at] && !d.c.Honey(a.Household) {
		return Alert{}, false
	}
	// Who is refused and then reads what may be read is one visit still.
	again := d.seen[at] || d.seen[visit{a.Actor, a.Household, !a.Denied}]
	d.seen[at] = true
	who := d.actors[a.Actor]
	if who == nil {
		who = &actor{}
		d.actors[a.Actor] = who
	}
	if who.day != d.day {
		*who = actor{day: d.day, row: who.row, night: who.night}
	}
	who.role = a.Role
	signs := d.signs(a, who, again)
	key := [2]string{a.Actor, a.Household}
	strong := slices.ContainsFunc(signs, func(s Sign) bool { return !s.weak() })
	switch {
	case !strong && (len(signs) < 2 || d.c.Case(a.Household, a.Time) == CaseOpen):
		return Alert{}, false
	case d.asked[key] && !slices.Contains(signs, Honey) && !slices.Contains(signs, Volume):
		return Alert{}, false
	}
	d.asked[key] = true
	slices.SortStableFunc(signs, func(a, b Sign) int {
		switch {
		case a.weak() == b.weak():
			return 0
		case b.weak():
			return -1
		}
		return 1
	})
	return a.alert(signs, who.looks), true
}

// rows alerts of a sender of batches who asked about households that are not theirs: once a
// day, for a wrong file has thousands of them.
func (d *Detector) rows(a Access) (Alert, bool) {
	key := [2]string{a.Actor, ""}
	if d.asked[key] {
		return Alert{}, false
	}
	d.asked[key] = true
	out := a.alert([]Sign{AnotherRegion}, 0)
	out.Count = a.Rows
	return out, true
}

func (a Access) alert(signs []Sign, looks int) Alert {
	out := Alert{
		Seq: a.Seq, Time: a.Time.Format(time.RFC3339), Actor: a.Actor, Role: a.Role, Division: a.Division, Operation: a.Operation, Household: a.Household,
		Signs: signs, Urgent: slices.Contains(signs, Honey),
	}
	if slices.Contains(signs, Volume) {
		out.Count = looks
	}
	return out
}

// signs are those of one access, in a fixed order. One that belongs to a visit that was
// counted is not counted again.
func (d *Detector) signs(a Access, who *actor, again bool) []Sign {
	var out []Sign
	add := func(s Sign, is bool) {
		if is {
			out = append(out, s)
		}
	}
	state := d.c.Case(a.Household, a.Time)
	add(Honey, d.c.Honey(a.Household))
	r := d.c.Related(a.Actor, a.Household)
	add(Relative, r&(SameAddress|Self) != 0)
	add(CoWorker, r&Colleague != 0)
	add(AnotherRegion, d.c.Outside(a))
	// A number that was mistyped is refused as one that nobody has is: only several tell.
	if state == CaseNever && a.Denied {
		who.tries++
	}
	add(NoCase, state == CaseNever && (!a.Denied || who.tries >= d.o.Tries))
	switch key := [2]string{a.Actor, a.Household}; state {
	case CaseClosed:
		if !again {
			d.closed[key]++
		}
		add(RepeatClosed, d.closed[key] >= d.o.Repeats)
	case CaseOpen:
		delete(d.closed, key)
	default:
	}
	if !again {
		who.looks++
	}
	if !who.volume && d.volume(who) {
		who.volume = true
		add(Volume, true)
	}
	add(Sequential, who.row.take(a, state, d.o))
	working := d.c.Working(a.Time)
	switch {
	case working:
		who.night = 0
	case !again:
		who.night++
	}
	add(NightWork, !working && !again && who.night == d.o.Night)
	add(AfterClosure, state == CaseClosed)
	add(OutOfHours, !working)
	add(Surname, r&SameSurname != 0)
	return out
}

// turn closes the days that are over: what each actor looked at goes to the peers.
func (d *Detector) turn(at time.Time) {
	day := int(floorDiv(at.Unix()+offset(at.In(d.o.Location)), 24*60*60))
	if day <= d.day {
		return // the same, or a clock that was put back
	}
	names := make([]string, 0, len(d.actors))
	for name, who := range d.actors {
		if who.day == d.day && who.looks > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		who := d.actors[name]
		all := append(d.peers[who.role], who.looks)
		d.peers[who.role] = all[max(0, len(all)-peerNumbers):]
	}
	for name, who := range d.actors {
		if day-who.day > 31 {
			delete(d.actors, name)
		}
	}
	clear(d.asked)
	clear(d.seen)
	d.day = day
}

func offset(t time.Time) int64 {
	_, seconds := t.Zone()
	return int64(seconds)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// volume reports whether an actor looks far more often than the peers of the role do.
func (d *Detector) volume(who *actor) bool {
	if who.looks < d.o.AtLeast {
		return false
	}
	days := d.peers[who.role]
	if len(days) < d.o.PeerDays {
		return false
	}
	sorted := slices.Sorted(slices.Values(days))
	return who.looks > d.o.Times*sorted[len(sorted)/2]
}

// take goes on with the row or begins another, and reports whether it is as long as
// alarms.
func (r *row) take(a Access, state CaseState, o Options) bool {
	prefix, number, ok := split(a.Household)
	bare := 0
	if state != CaseOpen && state != CaseUnknown {
		bare = 1
	}
	step := number - r.number
	switch {
	case !ok:
		*r = row{}
		return false
	case prefix == r.prefix && step == 0:
		return false // looked at again: neither goes on nor ends
	case prefix == r.prefix && (step == 1 || step == -1) && (r.length == 1 || step == r.step) && a.Time.Sub(r.at) <= o.RowWithin:
		r.length++
		r.step = step
		r.bare += bare
	default:
		*r = row{prefix: prefix, length: 1, bare: bare}
	}
	r.number, r.at = number, a.Time
	return r.length >= o.Row && r.bare >= 2 || r.length == o.LongRow
}

// split parts a household's number into the digits at its end and what is before them.
func split(household string) (prefix string, number int64, ok bool) {
	prefix = strings.TrimRight(household, "0123456789")
	digits := household[len(prefix):]
	if digits == "" || len(digits) > 18 {
		return "", 0, false
	}
	for i := range len(digits) {
		number = number*10 + int64(digits[i]-'0')
	}
	return prefix, number, true
}
