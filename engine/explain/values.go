package explain

import (
	"strconv"

	"github.com/hedui/hedui/engine/household"
)

// values lists the values of the law that the verdict rests on, each with where it
// stands and whether anybody has verified it.
func (x *writer) values() {
	p := &x.v.Pack
	if len(p.Values) == 0 {
		return
	}
	x.heading(x.say("values"))
	if p.Region != "" {
		x.line(2, x.say("value region", p.Region))
	}
	for i := range p.Values {
		v := &p.Values[i]
		value := "–"
		if v.Unresolved == "" {
			value = Value(v.Value, v.Unit)
			if v.PerYear {
				value += x.say("a year")
			}
		}
		line := x.say("value", v.Name, value, v.From.String(), v.File, v.Line)
		if v.From.Year() == 1 { // as long as the pack judges
			line = x.say("value always", v.Name, value, v.File, v.Line)
		}
		switch {
		case v.Unresolved != "":
			line += x.say("semicolon") + x.say("value unresolved", v.Unresolved)
		case !v.Verified:
			line += x.say("semicolon") + x.say("value unverified")
		}
		x.line(2, line)
		x.line(4, x.say("law")+": "+v.Law)
	}
}

// Value is a value of the law in a unit as rule packs name it: money in yuan, areas in
// m², the rest as it is.
func Value(n int64, unit string) string {
	switch unit {
	case "fen":
		return household.Fen(n).Yuan()
	case "percent":
		return strconv.FormatInt(n, 10) + " %"
	case "permille":
		return strconv.FormatInt(n, 10) + " ‰"
	case "area": // cm²; two decimals of m² are 100 of them
		return household.Fen(n/100).Yuan() + " m²"
	}
	return strconv.FormatInt(n, 10)
}
