package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/index"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/match/names"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// linkWorld is a household, what the departments hold under exactly its documents
// and names, and records whose owners are written otherwise.
type linkWorld struct {
	world
	Registered bool // there is a register
	Register   []registered
	Other      []otherRecord
}

// registered is a row of the register.
type registered struct {
	Number, Name, FormerNames, FormerNumbers, Household string
	Died                                                household.Date
}

// kind says how the owner of a record is written.
type kind int

const (
	mistyped   kind = iota // one character of the number
	exchanged              // two neighbours in it
	masked                 // its middle
	numberless             // name, birth date and county
	nameOnly               // not even those
	nameless               // the number alone
	nearName               // the number, and a name like it
	kinds                  // how many are weak: whoever is meant has to be confirmed

	conflict    kind = iota // the number, and another name
	formerOnce              // a registered former number
	variantName             // the number, and another way to write the name: sure where the register has the person
	allKinds
)

// otherRecord is a record meant for a member and filed elsewhere or described
// otherwise.
type otherRecord struct {
	record
	Kind kind
}

func (r *otherRecord) weak() bool { return r.Kind < kinds }

// names3 are the names of the members, and what is near them and what is a variant.
var names3 = [3]struct{ near, variant string }{{"王秀瑛", "王秀渶"}, {"李建果", "李建囶"}, {"李小鸣", "李小眀"}}

func formerNumber(i int) string { return match.ResidentText(34010119800101000 + uint64(i) + 1) }

// owner is the document and the description that a record is written with.
func (w *linkWorld) owner(r *otherRecord) (number string, o profile.Owner) {
	m := &w.Members[r.Member]
	number, o.Name = m.Number, m.Name
	switch r.Kind {
	case mistyped: // the last digit of the sequence
		b := []byte(number)
		b[13] = '0' + (b[13]-'0'+5)%10
		number = string(b)
	case exchanged:
		number = number[:4] + number[5:6] + number[4:5] + number[6:]
	case masked:
		number = number[:6] + "********" + number[14:]
	case numberless:
		number, o.Birth, o.Division = "", 19800101, number[:6]
	case nameOnly:
		number = ""
	case nameless:
		o.Name = ""
	case nearName:
		o.Name = names3[r.Member].near
	case variantName:
		o.Name = names3[r.Member].variant
	case conflict:
		o.Name = "赵无关"
	case formerOnce:
		number = formerNumber(r.Member)
	}
	return number, o
}

// place is the entry that an owner's rows lie in.
func place(number string, o *profile.Owner) (household.PersonKey, match.Form) {
	d := match.ParseDocument(household.ResidentID, []byte(number))
	if !d.Given {
		return household.PersonKey{Num: household.NoDocument, Text: o.Name}, match.FormExact
	}
	return d.Key, d.Form
}

// linkWorlds draws households with records of every kind.
func linkWorlds() *rapid.Generator[linkWorld] {
	return rapid.Custom(func(t *rapid.T) linkWorld {
		w := linkWorld{world: worlds().Draw(t, "world"), Registered: rapid.IntRange(0, 3).Draw(t, "register") > 0}
		n := rapid.IntRange(0, 8).Draw(t, "others")
		for i := 0; i < n && len(w.Snapshots) > 0; i++ {
			r := otherRecord{record: drawRecord(t, &w.world), Kind: kind(rapid.IntRange(0, int(allKinds)-1).Draw(t, "kind"))}
			if r.Kind == kinds {
				continue
			}
			r.File, r.Row = 2, int64(i+1)
			if r.Source == household.Bank {
				// An account that is somebody's already, or one of its own.
				r.Data.Bank.BalanceOn = rapid.SampledFrom([]household.Date{20260401, 20261031}).Draw(t, "newer")
			}
			w.Other = append(w.Other, r)
		}
		if w.Registered { // after all records, which are of departments
			w.register(t)
		}
		return w
	})
}

// balances lists what is known of accounts, for a failed test.
func (w *linkWorld) balances() string {
	var s strings.Builder
	say := func(r *record, what string) {
		if d := &r.Data.Bank; r.Source == household.Bank {
			fmt.Fprintf(&s, "member %d, %s: account %s has %d on %s, share %v, purpose %d, as of %s\n", r.Member, what, d.AccountNo, d.Balance, d.BalanceOn, d.Share, d.Purpose, w.Snapshots[r.Snapshot].AsOf)
		}
	}
	for i := range w.Records {
		say(&w.Records[i], w.Records[i].Name)
	}
	for i := range w.Other {
		say(&w.Other[i].record, fmt.Sprint("written as kind ", w.Other[i].Kind))
	}
	return s.String()
}

func (w *linkWorld) register(t *rapid.T) {
	w.Snapshots = append(slices.Clone(w.Snapshots), store.SnapshotRef{Source: household.Register, Provider: "register", AsOf: 20261031})
	for i, m := range w.Members {
		if rapid.IntRange(0, 5).Draw(t, "unregistered") == 0 {
			continue
		}
		r := registered{Number: m.Number, Name: m.Name, Household: "1"}
		if rapid.Bool().Draw(t, "had another number") {
			r.FormerNumbers = formerNumber(i)
		}
		if rapid.IntRange(0, 9).Draw(t, "died") == 0 {
			r.Died = 20260101
		}
		w.Register = append(w.Register, r)
	}
	// Strangers with a member's name: born the same day, or with the former number.
	for i, m := range w.Members {
		switch rapid.IntRange(0, 7).Draw(t, "stranger") {
		case 0:
			w.Register = append(w.Register, registered{Number: number(100 + i), Name: m.Name})
		case 1:
			w.Register = append(w.Register, registered{Number: formerNumber(i), Name: m.Name})
		}
	}
}

// table and policy are decoded once for all worlds.
var (
	table  = sync.OnceValue(func() *names.Table { return must(names.Embedded()) })
	policy = sync.OnceValue(func() *identity.Policy { return must(identity.Default()) })
)

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// seal makes a generation of the world, with an index.
func (w *linkWorld) seal() store.Generation {
	people, known := map[household.PersonKey]*profile.Builder{}, map[household.PersonKey]bool{}
	at := func(key household.PersonKey) *profile.Builder {
		if people[key] == nil {
			people[key] = &profile.Builder{}
			people[key].Reset()
		}
		return people[key]
	}
	add := func(r *record, number string, o profile.Owner) {
		o.Name = string(match.NormalName([]byte(o.Name)))
		key, form := place(number, &o)
		at(key).Add(r.Source, profile.Origin{Snapshot: r.Snapshot + 1, File: r.File, Row: r.Row, Form: form},
			profile.AppendOwner(nil, o), profile.AppendContent(nil, r.Source, &r.Data))
	}
	for i := range w.Records {
		r := &w.Records[i]
		add(r, w.Members[r.Member].Number, profile.Owner{Name: r.Name})
	}
	for i := range w.Other {
		number, o := w.owner(&w.Other[i])
		add(&w.Other[i].record, number, o)
	}
	for _, k := range w.Marks {
		if s := w.Snapshots[k.Snapshot].Source; s != household.Register {
			key, _ := place(w.Members[k.Member].Number, &profile.Owner{})
			at(key).AddMark(profile.Mark{Source: s, Snapshot: k.Snapshot + 1})
		}
	}
	for i := range w.Register {
		x := &w.Register[i]
		r := record{Source: household.Register, Snapshot: len(w.Snapshots) - 1, File: 1, Row: int64(i + 1), Data: household.Record{Register: household.RegisterRecord{
			FormerNames: []byte(x.FormerNames), FormerNumbers: []byte(x.FormerNumbers), DeceasedOn: x.Died, HouseholdNo: []byte(x.Household),
		}}}
		key, _ := place(x.Number, &profile.Owner{})
		known[key] = true
		add(&r, x.Number, profile.Owner{Name: x.Name, Birth: 19800101})
	}
	gen, err := sealed(people, known, w.Registered, w.manifest().Snapshots)
	if err != nil {
		panic(err)
	}
	return gen
}

// sealed puts entries into a store in memory.
func sealed(people map[household.PersonKey]*profile.Builder, known map[household.PersonKey]bool, register bool, snapshots []store.SnapshotRef) (_ store.Generation, err error) {
	keys, err := index.NewBuilder(table(), index.BuildOptions{Memory: 1 << 16})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	feed := index.NewFeed(keys, register)
	m := store.NewMemory()
	b, err := m.Begin(store.BuildOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Abort()) }()
	var all []household.PersonKey
	for key := range people {
		all = append(all, key)
	}
	slices.SortFunc(all, household.PersonKey.Compare)
	for _, name := range []string{store.SectionPeople, store.SectionUnlinked} {
		section, err := b.Section(name, profile.Version)
		if err != nil {
			return nil, err
		}
		for _, key := range all {
			if key.Linked() != (name == store.SectionPeople) {
				continue
			}
			entry := people[key].Append(nil)
			if err := errors.Join(section.Add(key, entry), feed.Add(key, known[key], entry)); err != nil {
				return nil, err
			}
		}
		if err := section.Close(); err != nil {
			return nil, err
		}
	}
	if err := keys.WriteTo(context.Background(), b); err != nil {
		return nil, err
	}
	manifest, err := b.Seal(store.Contents{ProfileVersion: profile.Version, Snapshots: snapshots})
	if err != nil {
		return nil, err
	}
	return m.Open(manifest.ID)
}

// linkAnswer verifies a world with weaker links; tests plant bugs in it. The trace
// says what became of every row that was looked at.
type linkAnswer func(w linkWorld) (*household.Verdict, []engine.Traced)

func linksBy(p *rules.Pack) linkAnswer {
	return func(w linkWorld) (*household.Verdict, []engine.Traced) {
		ctx := context.Background()
		gen := w.seal()
		defer gen.Close()
		v, err := engine.NewVerifier(gen.Manifest(), p, w.On)
		if err != nil {
			panic(err)
		}
		if err := v.LinkBy(ctx, gen, policy(), table()); err != nil {
			panic(err)
		}
		worker := v.Worker()
		var traced []engine.Traced
		worker.Trace(func(t engine.Traced) { traced = append(traced, t) })
		var plan engine.Plan
		worker.Prepare(w.line("world"), 1, &plan)
		out, err := worker.Look(ctx, gen, &plan)
		if err != nil {
			panic(err)
		}
		out.Generation = "" // of the bytes, which differ
		return out, traced
	}
}

func referenceLinks() *rules.Pack { return must(rules.Load("reference_links")) }
