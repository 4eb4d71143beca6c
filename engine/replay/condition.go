package replay

import (
	"strings"

	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/rules"
	"github.com/hedui/hedui/rules/trace"
)

const parameterPrefix = "parameter."

// parameterOf is the parameter that a variable of conditions reads.
func parameterOf(variable string) (name string, is bool) {
	return strings.CutPrefix(variable, parameterPrefix)
}

// holds says whether a rule speaks of a member, or the household, at all.
func (j *judgement) holds(place string, x *trace.Rule, a *trace.Application) (household.Tri, error) {
	out := household.Yes
	if x.Who {
		var ok bool
		if out, ok = tri(a.Who); !ok {
			return 0, wrong(place, "whether the rule speaks of the member is not recorded")
		}
	} else if a.Who != "" {
		return 0, wrong(place, "the rule speaks of everybody")
	}
	if x.Condition == "" {
		if len(x.Reads)+len(a.Facts) > 0 {
			return 0, wrong(place, "variables without a condition")
		}
		return out, nil
	}
	known, vars, err := j.variables(place, x, a)
	if err != nil || out == household.No {
		return out, err
	}
	c, err := j.r.compile(x.Condition, vars)
	if err != nil {
		return 0, wrong(place, "the condition can't be compiled over the recorded variables")
	}
	is, failed := c.Eval(known, -1)
	switch {
	case failed != nil:
		// The arithmetic has left the numbers there are: a person has to look.
		return household.Unknown, nil //nolint:nilerr // as the verifier judges it: no error of the trace
	case is == household.No || out == household.Yes:
		return is, nil
	}
	return out, nil
}

func tri(name string) (household.Tri, bool) {
	for t := household.Unknown; t <= household.Yes; t++ {
		if t.String() == name {
			return t, true
		}
	}
	return 0, false
}

// variables are those that a condition reads: of the member, of the household, and the
// values of the law.
func (j *judgement) variables(place string, x *trace.Rule, a *trace.Application) (recorded, []rules.Var, error) {
	known := recorded{}
	var vars []rules.Var
	used := 0
	for _, name := range x.Reads {
		v := j.facts[name]
		if parameter, is := parameterOf(name); is {
			value := j.values[parameter]
			if x.Unresolved == "" {
				var err error
				if value, err = j.value(place, parameter); err != nil {
					return nil, nil, err
				}
			}
			// Of a rule that is unresolved the value may be what nobody knows.
			if value == nil || value.Unresolved != "" {
				v = &trace.Variable{Name: name, Unknown: "int"}
			} else {
				v = told(name, value)
			}
		}
		for i := range a.Facts {
			if f := &a.Facts[i]; f.Name == name {
				if err := j.alike(place, a.Member, f); err != nil {
					return nil, nil, err
				}
				v = f
				used++
			}
		}
		if v == nil {
			return nil, nil, &MissingError{place, name}
		}
		kind := known.take(v)
		if kind == "" {
			return nil, nil, wrong(place, "%s has no value, or several", name)
		}
		vars = append(vars, rules.Var{Name: name, Type: kind})
	}
	if used != len(a.Facts) {
		return nil, nil, wrong(place, "a variable that the condition does not read, or twice")
	}
	return known, vars, nil
}

// told is what a condition is told of a value: money for a year is given for a month.
func told(name string, v *household.CitedValue) *trace.Variable {
	n := v.Value
	if v.PerYear {
		var ok bool
		if n, ok = rules.Monthly(n); !ok {
			return &trace.Variable{Name: name, Unknown: "int"}
		}
	}
	return &trace.Variable{Name: name, Int: &n}
}

// recorded answers conditions from the trace.
type recorded map[string]any

// take takes a variable in and gives its type; "" for one that has not exactly one value.
func (r recorded) take(v *trace.Variable) string {
	kind, given := v.Unknown, 0
	if v.Unknown != "" {
		given++
	}
	if v.Int != nil {
		r[v.Name], kind = *v.Int, "int"
		given++
	}
	if v.Bool != nil {
		r[v.Name], kind = *v.Bool, "bool"
		given++
	}
	if v.String != nil {
		r[v.Name], kind = *v.String, "string"
		given++
	}
	if given != 1 {
		return ""
	}
	return kind
}

// Var is what the trace holds of a variable.
func (r recorded) Var(v *rules.Var, _ int) (value any, known bool) {
	value, known = r[v.Name]
	return value, known
}

// maxCompiled bounds the conditions that are kept. A pack has far fewer.
const maxCompiled = 4096

// compile is a condition over variables of these types, compiled once.
func (r *Replayer) compile(source string, vars []rules.Var) (*rules.Condition, error) {
	var key strings.Builder
	key.WriteString(source)
	for _, v := range vars {
		key.WriteString("\x00" + v.Name + "\x00" + v.Type)
	}
	if c := r.compiled[key.String()]; c != nil {
		return c, nil
	}
	c, err := rules.Recompile(source, vars)
	if err != nil {
		return nil, err
	}
	if r.compiled == nil || len(r.compiled) >= maxCompiled {
		r.compiled = map[string]*rules.Condition{}
	}
	r.compiled[key.String()] = c
	return c, nil
}
