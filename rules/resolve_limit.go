package rules

import "github.com/hedui/hedui/engine/household"

// limit resolves the right side of a rule.
func (r *resolution) limit(d *ruleDef, x *Rule) limit {
	out := limit{den: 1}
	v := r.value(d.limit.parameter)
	if v == nil {
		return out
	}
	x.values = append(x.values, r.law.named[d.limit.parameter])
	x.Op = d.limit.op
	switch {
	case v.Unresolved != "":
		x.Unresolved = v.Unresolved
		return out
	case x.Op == 0 && v.Allowed == 0:
		r.fail(d.limit.at, "the value ("+v.Place.String()+") does not say how it compares", "allowed: below or up_to beside the value, or at_least or more_than here")
		x.Op = MoreThan
	case x.Op == 0:
		x.Op = v.Allowed
	}
	factor := [3]int64{1, 1, 1}
	if v.Parameter.PerYear {
		out.den = monthsOfYear
	}
	for i, f := range d.limit.factors {
		switch {
		case f == "window_months":
			for res := range factor {
				factor[res] = times(factor[res], int64(r.law.Windows[res].Months))
			}
		case f == "counted_members":
			out.perOne = true
		case f[0] >= '0' && f[0] <= '9':
			n := number(f)
			for res := range factor {
				factor[res] = times(factor[res], n)
			}
		default:
			w := r.value(f)
			if w == nil {
				return out
			}
			x.values = append(x.values, r.law.named[f])
			if w.Unresolved != "" {
				x.Unresolved = w.Unresolved
				return out
			}
			if len(w.Sizes) > 0 {
				r.fail(d.limit.factorsAt[i], "a factor that depends on the size of the household", "a value for everybody or by residence")
			}
			out.den = times(out.den, w.Parameter.Unit.per())
			if w.Value[household.Urban] == 0 || w.Value[household.Rural] == 0 {
				r.fail(d.limit.factorsAt[i], "a factor that is 0 ("+w.Place.String()+"): nothing is below the limit", "a factor of at least 1")
			}
			for res := range factor {
				factor[res] = times(factor[res], w.Value[res])
			}
		}
	}
	for res := range factor {
		out.fixed[res] = times(v.Value[res], factor[res])
	}
	for _, s := range v.Sizes {
		z := sizeLimit{upTo: s.UpTo}
		for res := range factor {
			z.fixed[res] = times(s.Value, factor[res])
		}
		out.sizes = append(out.sizes, z)
	}
	out.up = x.Op == AtLeast
	return out
}

func number(s string) int64 {
	n := int64(0)
	for _, c := range s {
		n = times(n, 10)
		n = household.Add(n, int64(c-'0'))
	}
	return n
}
