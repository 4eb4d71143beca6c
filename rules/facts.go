package rules

import "github.com/hedui/hedui/engine/household"

// Scope is what a finding is about: the whole household, one member, or one line
// of income (a member and a type, summed over the months of the window).
type Scope uint8

// The scopes of findings.
const (
	PerHousehold Scope = iota + 1
	PerMember
	PerLine
)

func (s Scope) String() string { return scopes.At(uint8(s)).Name }

var scopes = household.CodeList{{}, {Name: "household"}, {Name: "member"}, {Name: "line"}}

// Unit is what a fact, a parameter or a limit is counted in.
type Unit uint8

// The units.
const (
	UnitFen      Unit = iota + 1 // money
	UnitCount                    // things or months
	UnitPercent                  // hundredths
	UnitPermille                 // thousandths
	UnitArea                     // cm², written in m²
)

func (u Unit) String() string { return units.At(uint8(u)).Name }

var units = household.CodeList{{}, {Name: "fen"}, {Name: "count"}, {Name: "percent"}, {Name: "permille"}, {Name: "area"}}

// FactID names a fact in compiled rules.
type FactID uint8

// The facts. FactSet is the number of assets in a set of the pack, FactSum the money in
// one of accounts, FactCondition whether a condition holds.
const (
	FactIncome FactID = iota + 1
	FactFinancial
	FactUndeclaredFinancial
	FactLineFound
	FactLineUndeclared
	FactConflicts
	FactUnplaced
	FactOneOff
	FactUnexplainedMonths
	FactSet
	FactDeceased
	FactRegisteredApart
	FactUndeclaredResidents
	FactPossibleDuplicates
	FactSum
	FactCondition
	FactNotByLaw
	FactExclusions
	FactHomeArea
	FactMonthsAtWork
)

// Fact is one thing the engine computes and a rule can compare.
type Fact struct {
	ID    FactID
	Name  string
	Scope Scope // a finding about the fact is about this
	Unit  Unit
	Doc   string
	// Source is the source without which the fact is always 0; 0 when there is none.
	Source household.Source
	// Identity says that the fact is only known to a pack with an identity.yaml.
	Identity bool
}

// Facts returns the facts that rules can compare with a limit, besides the counts
// of a pack's own sets of assets.
func Facts() []Fact {
	return []Fact{
		{FactIncome, "household.income", PerHousehold, UnitFen, "all counted lines of the counted members: per line the larger of declared and found", 0, false},
		{FactFinancial, "household.financial_assets", PerHousehold, UnitFen, "balances that count: newest of each member and account, times the share, an account never above its balance", household.Bank, false},
		{FactUndeclaredFinancial, "household.undeclared_financial_assets", PerHousehold, UnitFen, "household.financial_assets less what the household declared", household.Bank, false},
		{FactLineFound, "line.found", PerLine, UnitFen, "what the sources show for one member and type in the months of the window", 0, false},
		{FactLineUndeclared, "line.undeclared", PerLine, UnitFen, "line.found less what the member declared for the months of the window", 0, false},
		{FactConflicts, "member.identity_conflicts", PerMember, UnitCount, "records under the member's document with another name", 0, false},
		{FactUnplaced, "member.income_without_period", PerMember, UnitCount, "income records above 0 of a bare year that touches the window without being it", household.Tax, false},
		{FactOneOff, "member.one_off_receipts", PerMember, UnitCount, "one-off receipts above 0 in the window", household.Tax, false},
		{FactUnexplainedMonths, "member.unexplained_employment_months", PerMember, UnitCount, "months of the window with a contribution as an employee and no wage record", household.Insurance, false},
		{FactMonthsAtWork, "member.months_at_work", PerMember, UnitCount, "months of the window with a wage record or a contribution as an employee", 0, false},
		{FactDeceased, "member.deceased", PerMember, UnitCount, "1 when the register says that the member died on or before the day of the check", 0, true},
		{FactRegisteredApart, "member.registered_apart", PerMember, UnitCount, "1 when the register has the member in another household than the head", 0, true},
		{FactUndeclaredResidents, "household.undeclared_residents", PerHousehold, UnitCount, "living people whom the register has in the household of a member and the request does not list", 0, true},
		{FactNotByLaw, "member.not_in_household_by_law", PerMember, UnitCount, "1 when no class of members.yaml takes the member in; unknown when an attribute that would is", 0, false},
		{FactExclusions, "household.exclusions_without_ground", PerHousehold, UnitCount, "members left out for a reason that the law does not have, or without proof where it asks for some", 0, false},
		{FactHomeArea, "household.home_area", PerHousehold, UnitArea, "floor area of the homes that the sheet counts, times the shares of the members; unknown when a home has none", household.Property, false},
		{FactPossibleDuplicates, "household.possible_duplicates", PerHousehold, UnitCount, "assets counted once that may be one and the same as another that counts", 0, true},
	}
}

// String is the fact's name; "" for the sets of a pack and for conditions.
func (id FactID) String() string {
	for _, f := range Facts() {
		if f.ID == id {
			return f.Name
		}
	}
	return ""
}

// Kind is a kind of asset.
type Kind uint8

// The kinds of assets that sets can select from.
const (
	KindVehicle Kind = iota + 1
	KindUnit
	KindAccount
)

func (k Kind) String() string { return kinds.At(uint8(k)).Name }

var kinds = household.CodeList{{}, {Name: "vehicle"}, {Name: "unit"}, {Name: "account"}}

// Source is the department that knows of assets of the kind.
func (k Kind) Source() household.Source {
	return [...]household.Source{KindVehicle: household.Vehicle, KindUnit: household.Property, KindAccount: household.Bank}[k]
}

// Attributes of an asset, by position. Declared is only an attribute of vehicles
// and units.
const (
	AttrKind     = 0 // class of a vehicle, kind of a unit or an account
	AttrStatus   = 1 // status of a vehicle or a unit, purpose of a balance
	AttrDeclared = 2
	AttrUse      = 3 // use of a vehicle
	NumAttrs     = 4
)

// Values of AttrDeclared.
const (
	DeclaredNo  uint8 = 1
	DeclaredYes uint8 = 2
)

type attribute struct {
	name  string
	at    int
	codes household.CodeList
}

// AssetAttribute is one thing by which sets select assets.
type AssetAttribute struct {
	Name  string
	At    int // index into Filter
	Codes household.CodeList
}

// AssetAttributes are those of the assets of a kind.
func AssetAttributes(k Kind) []AssetAttribute {
	var out []AssetAttribute
	for _, a := range attributes(k) {
		out = append(out, AssetAttribute{a.name, a.at, a.codes})
	}
	return out
}

var yesNo = household.CodeList{{}, {Name: "no"}, {Name: "yes"}}

func attributes(k Kind) []attribute {
	switch k {
	case KindVehicle:
		return []attribute{
			{"class", AttrKind, household.VehicleClasses},
			{"status", AttrStatus, household.VehicleStatuses},
			{"declared", AttrDeclared, yesNo},
			{"use", AttrUse, household.VehicleUses},
		}
	case KindUnit:
		return []attribute{
			{"kind", AttrKind, household.PropertyKinds},
			{"status", AttrStatus, household.PropertyStatuses},
			{"declared", AttrDeclared, yesNo},
		}
	case KindAccount:
		return []attribute{{"kind", AttrKind, household.AccountKinds}, {"purpose", AttrStatus, household.BalancePurposes}}
	}
	return nil
}

// Mask is a set of values of one code list; bit 0 is "not given".
type Mask uint32

// Has reports whether the value is in the set.
func (m Mask) Has(v uint8) bool { return m>>v&1 != 0 }

// Filter selects assets by their attributes.
type Filter [NumAttrs]Mask

// Match reports whether an asset with these attributes is selected.
func (f *Filter) Match(a *[NumAttrs]uint8) bool {
	return f[0].Has(a[0]) && f[1].Has(a[1]) && f[2].Has(a[2]) && f[3].Has(a[3])
}

// Set is a named selection of assets of one kind.
type Set struct {
	Name  string
	Kind  Kind
	Where Filter
	// ValueOver and AreaOver select what is above a value (fen, by residence) or an area
	// (cm²), SharesFrom what a member holds a share of; 0 selects all. What a record does
	// not say is above.
	ValueOver, AreaOver [3]int64
	SharesFrom          int64 // percent
	Exempt              []Exemption
	Unresolved          string // why nobody knows what is in the set
	Place               Place
}

// Plain reports whether a set selects by its filter alone.
func (s *Set) Plain() bool {
	return len(s.Exempt) == 0 && s.SharesFrom == 0 && s.ValueOver == [3]int64{} && s.AreaOver == [3]int64{}
}

// Exemption takes assets out of a set: those with one of the attributes, proven by a
// document. An asset of which the attribute is neither proven nor denied is in the set
// as derived evidence only.
type Exemption struct {
	Attributes []int    // indexes into Pack.Attributes
	ValueUpTo  [3]int64 // only assets up to this value, by residence; 0: any
	AreaUpTo   [3]int64 // likewise, cm²
	AtMost     int64    // only when a household has no more things in the set; 0: any number
	Law        string
}

// Op is how a fact is compared with its limit.
type Op uint8

// The comparisons.
const (
	AtLeast Op = iota + 1
	MoreThan
)

func (o Op) String() string { return ops.At(uint8(o)).Name }

var ops = household.CodeList{{}, {Name: "at_least"}, {Name: "more_than"}}

// Value is a fact: on evidence of grade A alone, on grades A and B, and with records
// whose link a person has to confirm. What a household declared counts in all. Derived
// comes on top of All: what was imputed or computed by a formula, and things whose
// exemption nobody has proven or denied.
type Value struct{ Strong, All, Linked, Derived int64 }
