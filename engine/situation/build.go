package situation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/profile"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// world is a situation as the engine sees it.
type world struct {
	line     []byte
	manifest *store.Manifest
	people   map[household.PersonKey]*profile.Builder
	known    map[household.PersonKey]bool // to the register
	linked   bool                         // the pack looks for weaker links
}

// build makes the request, the manifest and the packed profiles.
func (s *Situation) build(p *rules.Pack) (*world, error) {
	w := &world{
		manifest: &store.Manifest{ID: "situation", ProfileVersion: profile.Version},
		people:   map[household.PersonKey]*profile.Builder{}, known: map[household.PersonKey]bool{}, linked: p.Identity != nil,
	}
	if s.Raw != nil {
		w.line = []byte(*s.Raw)
	} else {
		line, err := s.request()
		if err != nil {
			return nil, err
		}
		w.line = line
	}
	first, err := s.snapshots(p, w.manifest)
	if err != nil {
		return nil, err
	}
	row := int64(0)
	for i := range s.Records {
		if err := s.add(w, first, &s.Records[i], &row); err != nil {
			return nil, fmt.Errorf("record %d: %w", i+1, err)
		}
	}
	for i := range s.Register {
		if err := s.register(w, first, &s.Register[i], int64(i+1)); err != nil {
			return nil, fmt.Errorf("register row %d: %w", i+1, err)
		}
	}
	for _, m := range s.Marks {
		source, ok := household.ParseSource(m.Source)
		if !ok {
			return nil, fmt.Errorf("mark of unknown source %q", m.Source)
		}
		key, _, err := s.person(m.Member, "", true)
		if err != nil {
			return nil, err
		}
		ordinal, err := first.ordinal(source, m.Snapshot)
		if err != nil {
			return nil, err
		}
		w.person(key).AddMark(profile.Mark{Source: source, Snapshot: ordinal})
	}
	return w, nil
}

func (w *world) person(key household.PersonKey) *profile.Builder {
	if w.people[key] == nil {
		w.people[key] = &profile.Builder{}
		w.people[key].Reset()
	}
	return w.people[key]
}

// number is the document of member i (from 0) when none is given: valid, born on
// the right day, different for each.
func (s *Situation) number(i int) string {
	m := &s.Request.Members[i]
	if m.Number != nil {
		return s.reference(*m.Number)
	}
	return residentNumber(m.Born, m.Sex, i+1)
}

// residentNumber is a valid document number. A sex that is named has its parity.
func residentNumber(born date, sex string, sequence int) string {
	if born == 0 {
		born = 19800101
	}
	if sex == "male" && sequence%2 == 0 || sex == "female" && sequence%2 == 1 {
		sequence += 301 // beyond those of other people
	}
	// 17 digits of division, birth date and sequence; the check character follows.
	return match.ResidentText(340104*100_000_000_000 + uint64(born)*1000 + uint64(sequence))
}

// reference replaces @2 by the number of member 2, and @o2 by that of obligor 2.
func (s *Situation) reference(text string) string {
	var n int
	if _, err := fmt.Sscanf(text, "@o%d", &n); err == nil && n >= 1 && n <= len(s.Request.Obligors) && (s.Request.Obligors[n-1].Number == nil || !strings.HasPrefix(*s.Request.Obligors[n-1].Number, "@")) {
		return s.obligorNumber(n - 1)
	}
	if _, err := fmt.Sscanf(text, "@%d", &n); err == nil && n >= 1 && n <= len(s.Request.Members) && (s.Request.Members[n-1].Number == nil || !strings.HasPrefix(*s.Request.Members[n-1].Number, "@")) {
		return s.number(n - 1)
	}
	return text
}

func (s *Situation) name(i int) string {
	if n := s.Request.Members[i].Name; n != nil {
		return *n
	}
	return [...]string{"王秀英", "李建国", "李小明", "李小红"}[i%4]
}

func (s *Situation) request() ([]byte, error) {
	scheme, residence := "dibao", "urban"
	if s.Request.Scheme != nil {
		scheme = *s.Request.Scheme
	}
	if s.Request.Residence != nil {
		residence = *s.Request.Residence
	}
	var members []object
	for i := range s.Request.Members {
		m := &s.Request.Members[i]
		o := object{"name": s.name(i), "id_number": s.number(i), "declared_income": []object{}}
		o.text("id_type", m.Type)
		o.text("birth_date", m.Birth)
		o.text("sex", m.Sex)
		o.text("country", m.Country)
		o.text("division", m.Division)
		o.text("relation", m.Relation)
		o.text("excluded", m.Excluded)
		o.attributes(m.Attributes)
		var types []string
		for t := range m.Declared {
			types = append(types, t)
		}
		slices.Sort(types)
		var declared []object
		for _, t := range types {
			declared = append(declared, object{"type": t, "monthly_fen": int64(m.Declared[t])})
		}
		o["declared_income"] = declared
		members = append(members, o)
	}
	declared := object{
		"financial_fen": int64(s.Request.Assets.Financial), "vehicles": s.Request.Assets.Vehicles, "properties": s.Request.Assets.Properties,
	}
	declared.assetAttributes(s.Request.Assets.Attributes)
	r := object{"household_id": "situation", "scheme": scheme, "residence": residence, "members": members, "declared_assets": declared}
	s.optional(r)
	from, to := consentYears(household.Date(s.On))
	signed := s.signers()
	a := object{"number": "SQ1", "valid_from": from, "valid_to": to}
	if x := s.Request.Authorization; x != nil {
		if x.From != nil {
			a["valid_from"] = *x.From
		}
		if x.To != nil {
			a["valid_to"] = *x.To
		}
		if x.Purpose != nil {
			a["purpose"] = *x.Purpose
		}
		if x.Purposes != nil {
			a["purposes"] = append([]string{}, *x.Purposes...) // none is not null
		}
		if x.Classes != nil {
			a["data_classes"] = *x.Classes
		}
		if x.SignedBy != nil {
			signed = nil
			for _, t := range *x.SignedBy {
				signed = append(signed, s.reference(t))
			}
		}
	}
	a["signed_by"] = signed
	if s.Request.Authorization == nil || !s.Request.Authorization.None {
		r["authorization"] = a
	}
	return json.Marshal(r)
}

// ordinals are the ordinals of each source's first snapshot and their number.
type ordinals [household.NumSources]struct{ first, n int }

func (o *ordinals) ordinal(s household.Source, n int) (int, error) {
	n = max(n, 1)
	if n > o[s].n {
		return 0, fmt.Errorf("%s has no snapshot %d", s, n)
	}
	return o[s].first + n - 1, nil
}

func (s *Situation) snapshots(p *rules.Pack, m *store.Manifest) (*ordinals, error) {
	var out ordinals
	for name := range s.Sources {
		if _, ok := household.ParseSource(name); !ok {
			return nil, fmt.Errorf("unknown source %q", name)
		}
	}
	window, err := s.window(p)
	if err != nil {
		return nil, err
	}
	for source := household.Tax; source < household.NumSources; source++ {
		if source == household.Register && len(s.Register) == 0 {
			continue
		}
		list, given := s.Sources[source.String()]
		if !given {
			list = []deliver{{}}
		}
		out[source].first, out[source].n = len(m.Snapshots)+1, len(list)
		for _, d := range list {
			ref := store.SnapshotRef{Ordinal: len(m.Snapshots) + 1, Source: source, Provider: d.Provider, AsOf: household.Date(d.AsOf)}
			ref.ID = fmt.Sprintf("snapshot-%d", ref.Ordinal)
			if ref.Provider == "" {
				ref.Provider = source.String()
			}
			if ref.AsOf == 0 {
				ref.AsOf = household.Date(s.On)
			}
			if source.IsFlow() {
				ref.Covers = window
				if d.Covers != "" {
					var ok bool
					if ref.Covers, ok = household.ParseMonths(d.Covers); !ok {
						return nil, fmt.Errorf("covers %q is not a range like 2025-01..2026-10", d.Covers)
					}
				}
				ref.Supplies = []household.Months{ref.Covers}
			}
			m.Snapshots = append(m.Snapshots, ref)
		}
	}
	return &out, nil
}

// person is the key and the form of a member's document: their own, or the one
// given.
func (s *Situation) person(n int, number string, valid bool) (household.PersonKey, match.Form, error) {
	return s.key(holder{n: n}, number, valid)
}

// key is the key and the form of a record's document: the holder's own, or the one
// given.
func (s *Situation) key(h holder, number string, valid bool) (household.PersonKey, match.Form, error) {
	t, own, _, err := s.holderOf(h)
	if err != nil {
		return household.PersonKey{}, 0, err
	}
	if number == "" {
		number = own
	}
	d := match.ParseDocument(t, []byte(number))
	if !d.Valid && (valid || !d.Given) {
		return household.PersonKey{}, 0, fmt.Errorf("%s has no valid document, so nothing can lie under it", h)
	}
	return d.Key, d.Form, nil
}

// add packs one record, or one for each of its periods.
func (s *Situation) add(w *world, first *ordinals, x *record, row *int64) error {
	source, h := household.Source(0), holder{}
	for i, v := range []holder{x.Tax, x.Vehicle, x.Property, x.Bank, x.Insurance} {
		if v == (holder{}) {
			continue
		}
		if source != 0 {
			return fmt.Errorf("of two sources")
		}
		source, h = household.Source(i+1), v
	}
	if source == 0 {
		return fmt.Errorf("of no source: name the member under tax, vehicle, property, bank or insurance")
	}
	_, _, name, err := s.holderOf(h)
	if err != nil {
		return err
	}
	if x.Name != nil {
		name = *x.Name
	}
	owner := profile.Owner{Name: string(match.NormalName([]byte(name))), Birth: household.Date(x.Birth), Division: x.Division, Country: x.Country}
	owner.Sex, _ = household.Sexes.Find(x.Sex)
	key, form := household.PersonKey{Num: household.NoDocument, Text: owner.Name}, match.FormExact
	if x.Number != "none" {
		// Only a pack that looks for weaker links looks under what is no document.
		if key, form, err = s.key(h, s.reference(x.Number), !w.linked); err != nil {
			return err
		}
	}
	ordinal, err := first.ordinal(source, x.Snapshot)
	if err != nil {
		return err
	}
	periods := x.Periods
	if len(periods) == 0 {
		periods = []string{""}
		if source.IsFlow() {
			return fmt.Errorf("no periods")
		}
	}
	for _, period := range periods {
		*row++
		r, err := x.typed(source, period, *row, household.Date(s.On))
		if err != nil {
			return err
		}
		o := profile.Origin{Snapshot: ordinal, File: 1, Row: *row, Form: form}
		w.person(key).Add(source, o, profile.AppendOwner(nil, owner), profile.AppendContent(nil, source, r))
	}
	return nil
}

// typed is the record as a connector would hand it over, for a check on a day.
func (x *record) typed(source household.Source, period string, row int64, check household.Date) (*household.Record, error) {
	var unknown string
	code := func(l household.CodeList, text, absent string) uint8 {
		if text == "" {
			text = absent
		}
		if text == "" {
			return 0
		}
		v, ok := l.Find(text)
		if !ok {
			unknown = text
		}
		return v
	}
	or := func(text, absent string) []byte {
		if text == "" {
			text = absent
		}
		return []byte(text)
	}
	var share household.Share
	if x.Share != "" {
		var err error
		if share, err = household.ParseShare([]byte(x.Share)); err != nil {
			return nil, err
		}
	}
	r := &household.Record{Row: row}
	number := strconv.FormatInt(row, 10)
	switch source {
	case household.Tax:
		p, ok := household.ParsePeriod([]byte(period))
		if !ok {
			return nil, fmt.Errorf("%q is not a period", period)
		}
		r.Tax = household.TaxRecord{
			RecordNo: []byte(number), Period: p, IncomeType: code(household.IncomeTypes, x.IncomeType, "wage"),
			Income: household.Fen(x.Income), OwnInsurance: household.Fen(x.Own), Tax: household.Fen(x.TaxPaid),
		}
	case household.Vehicle:
		r.Vehicle = household.VehicleRecord{
			VIN: or(x.VIN, "VIN"+number), Plate: or(x.Plate, "皖A0000"+number), Class: code(household.VehicleClasses, x.Class, "car"),
			Status: code(household.VehicleStatuses, x.Status, "normal"), Use: code(household.VehicleUses, x.Use, ""),
			RegisteredOn: household.Date(x.RegisteredOn), InspectionDue: household.Date(x.Inspection), Value: household.Fen(x.Value),
		}
	case household.Property:
		r.Property = household.PropertyRecord{
			UnitCode: []byte(x.Unit), CertificateNo: []byte(x.Certificate), Kind: code(household.PropertyKinds, x.Kind, "residential"),
			Status: code(household.PropertyStatuses, x.Status, "current"), Share: share, Area: int64(x.Area) * 100, RegisteredOn: household.Date(x.RegisteredOn),
			Value: household.Fen(x.Value),
		}
		if x.Unit == "" && x.Certificate == "" {
			r.Property.UnitCode = []byte("U" + number)
		}
	case household.Bank:
		on := household.Date(x.BalanceOn)
		if on == 0 {
			on = monthEnd(check)
		}
		r.Bank = household.BankRecord{
			Institution: or(x.Institution, "甲银行"), AccountNo: or(x.Account, "622200000"+number), Kind: code(household.AccountKinds, x.Kind, "demand"),
			Balance: household.Fen(x.Balance), BalanceOn: on, AverageBalance: household.Fen(x.Average), Share: share, Purpose: code(household.BalancePurposes, x.Purpose, ""),
		}
	case household.Insurance:
		m, ok := household.ParseMonth([]byte(period))
		if !ok {
			return nil, fmt.Errorf("%q is not a month", period)
		}
		r.Insurance = household.InsuranceRecord{
			RecordNo: []byte(number), Month: m, Scheme: code(household.InsuranceSchemes, x.Scheme, "employee_pension"),
			Role: code(household.InsuranceRoles, x.Role, "contributing"), Identity: code(household.InsuranceIdentities, x.Identity, ""),
			Base: household.Fen(x.Base), Benefit: household.Fen(x.Benefit),
		}
	}
	if unknown != "" {
		return nil, fmt.Errorf("unknown value %q", unknown)
	}
	return r, nil
}

// window is the months that the check looks at.
func (s *Situation) window(p *rules.Pack) (household.Months, error) {
	law, err := p.On(household.Date(s.On), s.Request.Region)
	if err != nil {
		return household.Months{}, err
	}
	residence := household.Urban
	if r := s.Request.Residence; r != nil && *r == "rural" {
		residence = household.Rural
	}
	on := household.Date(s.On)
	if applied := household.Date(s.Request.AppliedOn); law.Anchor == rules.AnchorApplication && applied != 0 && applied < on {
		on = applied
	}
	return law.Windows[residence].On(on), nil
}
