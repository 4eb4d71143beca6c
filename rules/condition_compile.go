package rules

import (
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"github.com/goccy/go-yaml/ast"

	"github.com/hedui/hedui/engine/household"
)

// condition compiles a condition. Household conditions know no variable of a member.
func (l *loader) condition(x node, perMember bool) *Condition {
	s := x.text()
	if s == "" || l.forbiddenInside(x) {
		return nil
	}
	env, vars, err := l.environment()
	if err != nil {
		x.fail("conditions can't be compiled: "+err.Error(), "")
		return nil
	}
	tree, issues := env.Compile(s)
	if issues.Err() != nil {
		for _, e := range issues.Errors() {
			l.failInside(x, nameStart(s, e.Location), firstLine(e.Message), "a condition over "+l.varNames(perMember))
		}
		return nil
	}
	if !tree.OutputType().IsExactType(cel.BoolType) {
		x.fail("the condition is not true or false but "+tree.OutputType().String(), "a comparison")
		return nil
	}
	before := len(l.errs)
	c := &Condition{Source: s}
	refs := tree.NativeRep().ReferenceMap()
	for _, id := range ids(refs) {
		i := slices.IndexFunc(vars, func(v Var) bool { return v.Name == refs[id].Name })
		if i < 0 {
			continue
		}
		v := vars[i]
		if v.Member && !perMember {
			l.failInside(x, nameStart(s, tree.NativeRep().SourceInfo().GetStartLocation(id)), "a rule of a household can't read "+v.Name, "per: member, or a fact of the household")
		}
		if slices.ContainsFunc(c.Vars, func(o Var) bool { return o.Name == v.Name }) {
			continue
		}
		v.pattern = cel.AttributePattern(v.Name)
		l.readsVar(&v, x)
		c.Vars = append(c.Vars, v)
	}
	slices.SortFunc(c.Vars, func(a, b Var) int { return strings.Compare(a.Name, b.Name) })
	c.gate(tree.NativeRep(), tree.NativeRep().Expr())
	l.checkExpression(x, tree, c)
	if len(c.Vars) == 0 && len(l.errs) == before {
		x.fail("the condition reads no fact, so it is always the same", "a condition over "+l.varNames(perMember))
	}
	if len(l.errs) > before {
		return nil
	}
	// What a condition costs is known beforehand, since it has no loops.
	if most, err := env.EstimateCost(tree, textSizes{}); err != nil || most.Max > costLimit {
		x.fail("the condition is too long to be judged by: it may cost "+strconv.FormatUint(most.Max, 10), "a cost of at most "+strconv.Itoa(costLimit))
		return nil
	}
	c.program, err = program(env, tree)
	if err != nil {
		x.fail("the condition can't be compiled: "+err.Error(), "")
		return nil
	}
	return c
}

// ids are the parts of an expression that refer to something, in a fixed order.
func ids(refs map[int64]*celast.ReferenceInfo) []int64 {
	var out []int64
	for id := range refs {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// nameStart is where the name at a place begins. CEL places a.b.c at its last dot.
func nameStart(source string, at common.Location) common.Location {
	lines := strings.Split(source, "\n")
	if at.Line() < 1 || at.Line() > len(lines) {
		return at
	}
	line, column := []rune(lines[at.Line()-1]), at.Column()
	if column >= len(line) || line[column] != '.' {
		return at
	}
	for column > 0 && partOfName(line[column-1]) {
		column--
	}
	return common.NewLocation(at.Line(), column)
}

func partOfName(r rune) bool {
	return r == '.' || r == '_' || r >= 0x80 || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// checkExpression refuses what CEL can say and a rule may not.
func (l *loader) checkExpression(x node, tree *cel.Ast, c *Condition) {
	native := tree.NativeRep()
	at := func(e celast.Expr) common.Location { return native.SourceInfo().GetStartLocation(e.ID()) }
	known := c.texts()
	loops := false
	celast.PreOrderVisit(native.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		switch e.Kind() {
		case celast.ComprehensionKind:
			if !loops { // what is inside it, too, is no condition over flat facts
				l.failInside(x, at(e), "a condition may not loop", "facts compared one by one")
			}
			loops = true
		case celast.LiteralKind:
			if text, ok := e.AsLiteral().(types.String); ok && !slices.Contains(known, string(text)) {
				l.failInside(x, at(e), strconv.Quote(string(text))+" is no value of what the condition reads", oneOf(known, string(text)))
			}
		case celast.CallKind:
			if fn := e.AsCall().FunctionName(); fn == operators.Divide || fn == operators.Modulo {
				l.failInside(x, at(e), "a condition may not divide", "the other side times the divisor")
				return
			}
		default:
		}
		if t := native.TypeMap()[e.ID()]; t != nil && t.Kind() == types.DoubleKind {
			l.failInside(x, at(e), "a number with a point: no float may touch money", "whole numbers, in fen")
		}
	}))
}

// texts are what the variables of a condition that are texts can be.
func (c *Condition) texts() []string {
	var out []string
	for _, v := range c.Vars {
		switch v.Kind {
		case VarResidence:
			out = append(out, names(household.Residences)...)
		case VarSex:
			out = append(out, names(household.Sexes)...)
		case VarRelation:
			out = append(out, names(household.Relations)...)
		default:
		}
	}
	return out
}

// forbiddenInside reports names in a condition that no rule may look at, before CEL says
// that it does not know them.
func (l *loader) forbiddenInside(x node) bool {
	found := false
	for i, line := range strings.Split(x.text(), "\n") {
		column := 0
		for name := range strings.FieldsFuncSeq(line, func(r rune) bool { return !partOfName(r) }) {
			at := strings.Index(line[column:], name) + column
			column = at + len(name)
			if problem, expected := forbiddenName(name); problem != "" {
				l.failInside(x, common.NewLocation(i+1, len([]rune(line[:at]))), problem, expected)
				found = true
			}
		}
	}
	return found
}

// failInside reports a problem at a place of a text, which is one line or a block of
// lines.
func (l *loader) failInside(x node, in common.Location, problem, expected string) {
	x.fail(problem, expected)
	e := l.errs[len(l.errs)-1]
	if _, block := x.n.(*ast.LiteralNode); block {
		if line := e.Line + in.Line(); line <= len(x.f.lines) {
			x.f.place(e, line, 0)
			e.Column = len(e.Source) - len(strings.TrimLeft(e.Source, " ")) + in.Column() + 1
		}
		return
	}
	if at := strings.Index(e.Source, x.text()); at >= 0 {
		e.Column = len([]rune(e.Source[:at])) + in.Column() + 1
	}
}

// textSizes tells CEL how long the texts are that conditions read: relations and the like.
type textSizes struct{}

// longestText is more than the longest of them.
const longestText = 32

// EstimateSize is the length of a text.
func (textSizes) EstimateSize(cost.AstNode) *cost.SizeEstimate {
	return &cost.SizeEstimate{Min: 0, Max: longestText}
}

// EstimateCallCost leaves the cost of operators to CEL.
func (textSizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// gate finds the variables without which a condition is false whatever the rest says.
func (c *Condition) gate(tree *celast.AST, e celast.Expr) {
	if e.Kind() == celast.CallKind && e.AsCall().FunctionName() == operators.LogicalAnd {
		for _, part := range e.AsCall().Args() {
			c.gate(tree, part)
		}
		return
	}
	ref, ok := tree.ReferenceMap()[e.ID()]
	if i := slices.IndexFunc(c.Vars, func(v Var) bool { return ok && v.Name == ref.Name }); i >= 0 {
		c.gates = append(c.gates, i)
	}
}
