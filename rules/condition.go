package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/hedui/hedui/engine/household"
)

// Condition is a compiled expression over flat facts, in CEL (github.com/google/cel-spec).
// It is three-valued: what depends on something that nobody knows is Unknown.
type Condition struct {
	Source string
	Vars   []Var // what it reads

	program cel.Program
	gates   []int // Vars that it joins to all else by &&
}

// Var is a variable of conditions.
type Var struct {
	Name   string
	Type   string // int, bool or string
	Kind   VarKind
	Arg    int // attribute, expense (−1: all) or index of the scheme in Words
	Word   string
	Member bool // of one member

	pattern *cel.AttributePatternType
}

// VarKind says what a variable is.
type VarKind uint8

// The kinds of variables. Money is in fen, area in cm².
const (
	VarMembers VarKind = iota + 1
	VarAdults
	VarIncome
	VarDeclaredIncome
	VarFinancial
	VarUndeclaredFinancial
	VarHomeArea
	VarImputed
	VarSupport
	VarDeductions
	VarObligors
	VarObligorsAble
	VarExpenses
	VarAny
	VarResidence
	VarCount
	VarSum
	VarReceiving
	VarSingle
	VarMonthOfCheck
	VarAge
	VarSex
	VarRelation
	VarIs
	VarGrade
	VarAmount
	VarMemberIncome
	VarParameter
)

// Known answers what a condition asks: an int64, a bool or a string. known is false for
// what nobody knows.
type Known interface {
	Var(v *Var, member int) (value any, known bool)
}

// costLimit bounds what one evaluation may cost, in CEL's units: an operator is 1.
const costLimit = 1000

// Eval says whether the condition holds, for a member or, with −1, the household. It
// returns an error when the arithmetic leaves int64 or the cost its limit; nobody can
// be judged then.
func (c *Condition) Eval(f Known, member int) (household.Tri, error) {
	for _, i := range c.gates {
		// Most conditions are about few households: these are the only ones it costs.
		if is, known := f.Var(&c.Vars[i], member); known && is == false {
			return household.No, nil
		}
	}
	out, _, err := c.program.Eval(&activation{c, f, member})
	switch {
	case err != nil:
		return household.Unknown, fmt.Errorf("condition %q: %w", c.Source, err)
	case types.IsUnknown(out):
		return household.Unknown, nil
	case out == types.True:
		return household.Yes, nil
	}
	return household.No, nil
}

// activation hands the facts to CEL.
type activation struct {
	c      *Condition
	f      Known
	member int
}

// ResolveName finds a variable.
func (a *activation) ResolveName(name string) (any, bool) {
	for i := range a.c.Vars {
		if v := &a.c.Vars[i]; v.Name == name {
			return a.f.Var(v, a.member)
		}
	}
	return nil, false
}

// Parent is nil: there is nothing beyond the facts.
func (*activation) Parent() cel.Activation { return nil }

// UnknownAttributePatterns are the variables that nobody knows.
func (a *activation) UnknownAttributePatterns() []*cel.AttributePatternType {
	var out []*cel.AttributePatternType
	for i := range a.c.Vars {
		if _, known := a.f.Var(&a.c.Vars[i], a.member); !known {
			out = append(out, a.c.Vars[i].pattern)
		}
	}
	return out
}

// AsPartialActivation says that some variables may be unknown.
func (a *activation) AsPartialActivation() (cel.PartialActivation, bool) { return a, true }

// mayBeUnknown reports whether the condition reads what most requests do not mention.
func (c *Condition) mayBeUnknown() bool {
	return slices.ContainsFunc(c.Vars, func(v Var) bool {
		switch v.Kind {
		case VarAny, VarIs, VarGrade, VarAmount, VarReceiving, VarHomeArea:
			return true
		}
		return false
	})
}

// readsVar takes down what reading a variable means.
func (l *loader) readsVar(v *Var, x node) {
	switch v.Kind {
	case VarAny, VarIs, VarGrade, VarAmount:
		l.used["attribute "+l.p.Attributes[v.Arg].Code] = true
		l.reads("attributes", x)
	case VarExpenses:
		l.reads("expenses", x)
		if v.Arg >= 0 {
			l.used["expense "+l.p.Expenses[v.Arg].Code] = true
		} else {
			for _, e := range l.p.Expenses {
				l.used["expense "+e.Code] = true
			}
		}
	case VarObligors, VarObligorsAble, VarSupport:
		l.reads("obligors", x)
	case VarSex:
		l.reads("sex", x)
	case VarCount, VarSum:
		l.used["set "+v.Word] = true
	case VarParameter:
		l.refer(v.Word, x)
	}
}

// environment is what conditions can speak of.
func (l *loader) environment() (*cel.Env, []Var, error) {
	if l.env != nil {
		return l.env, l.vars, nil
	}
	var options []cel.EnvOption
	add := func(v Var, t *cel.Type) {
		v.Type = t.String()
		l.vars = append(l.vars, v)
		options = append(options, cel.Variable(v.Name, t))
	}
	for _, v := range []Var{
		{Name: "household.members", Kind: VarMembers},
		{Name: "household.adults", Kind: VarAdults},
		{Name: "household.income", Kind: VarIncome},
		{Name: "household.declared_income", Kind: VarDeclaredIncome},
		{Name: "household.financial_assets", Kind: VarFinancial},
		{Name: "household.undeclared_financial_assets", Kind: VarUndeclaredFinancial},
		{Name: "household.home_area", Kind: VarHomeArea},
		{Name: "household.imputed", Kind: VarImputed},
		{Name: "household.support", Kind: VarSupport},
		{Name: "household.deductions", Kind: VarDeductions},
		{Name: "household.obligors", Kind: VarObligors},
		{Name: "household.obligors_able", Kind: VarObligorsAble},
		{Name: "household.expenses.all", Kind: VarExpenses, Arg: -1},
		{Name: "household.month_of_check", Kind: VarMonthOfCheck},
		{Name: "member.age", Kind: VarAge, Member: true},
		{Name: "member.income", Kind: VarMemberIncome, Member: true},
	} {
		add(v, cel.IntType)
	}
	add(Var{Name: "household.residence", Kind: VarResidence}, cel.StringType)
	add(Var{Name: "household.single_person", Kind: VarSingle}, cel.BoolType)
	add(Var{Name: "member.sex", Kind: VarSex, Member: true}, cel.StringType)
	add(Var{Name: "member.relation", Kind: VarRelation, Member: true}, cel.StringType)
	for i, e := range l.p.Expenses {
		add(Var{Name: "household.expenses." + e.Code, Kind: VarExpenses, Arg: i}, cel.IntType)
	}
	for i, a := range l.p.Attributes {
		if a.Of != OfMember {
			continue
		}
		add(Var{Name: "household.any." + a.Code, Kind: VarAny, Arg: i}, cel.BoolType)
		add(Var{Name: "member.is." + a.Code, Kind: VarIs, Arg: i, Member: true}, cel.BoolType)
		add(Var{Name: "member.grade." + a.Code, Kind: VarGrade, Arg: i, Member: true}, cel.IntType)
		add(Var{Name: "member.amount." + a.Code, Kind: VarAmount, Arg: i, Member: true}, cel.IntType)
	}
	for _, name := range setNames(l.p.layers) {
		add(Var{Name: "household.count." + name, Kind: VarCount, Word: name}, cel.IntType)
		add(Var{Name: "household.sum." + name, Kind: VarSum, Word: name}, cel.IntType)
	}
	for _, name := range l.parameterNames() {
		add(Var{Name: "parameter." + name, Kind: VarParameter, Word: name}, cel.IntType)
	}
	for _, s := range knownSchemes() {
		add(Var{Name: "household.receiving." + s, Kind: VarReceiving, Word: s}, cel.BoolType)
	}
	var err error
	l.env, err = cel.NewEnv(options...)
	return l.env, l.vars, err
}

// knownSchemes are the schemes of social assistance that conditions can name.
func knownSchemes() []string {
	return []string{"dibao", "dibao_edge", "tekun", "rigid_expenditure", "medical", "temporary", "housing", "education", "employment"}
}

func (l *loader) varNames(perMember bool) string {
	var out []string
	for i := range l.vars {
		if v := &l.vars[i]; !v.Member || perMember {
			out = append(out, v.Name)
		}
	}
	if len(out) > 24 {
		out = append(out[:24], "… ("+strconv.Itoa(len(out))+" names)")
	}
	return strings.Join(out, ", ")
}
