package rules

import (
	"fmt"

	"cel.dev/cel-go/cel"
)

// Recompile compiles the text of a condition of a loaded pack once more, over variables
// of which only Name and Type are given. What the loader refuses of a condition is not
// looked for again.
func Recompile(source string, vars []Var) (*Condition, error) {
	c := &Condition{Source: source}
	var options []cel.EnvOption
	for _, v := range vars {
		t, ok := celTypes()[v.Type]
		if !ok {
			return nil, fmt.Errorf("variable %s has no type", v.Name)
		}
		v.pattern = cel.AttributePattern(v.Name)
		options = append(options, cel.Variable(v.Name, t))
		c.Vars = append(c.Vars, v)
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, err
	}
	tree, issues := env.Compile(source)
	if issues.Err() != nil {
		return nil, fmt.Errorf("condition %q: %s", source, firstLine(issues.Errors()[0].Message))
	}
	if !tree.OutputType().IsExactType(cel.BoolType) {
		return nil, fmt.Errorf("condition %q is not true or false", source)
	}
	c.program, err = program(env, tree)
	return c, err
}

// program is a compiled condition with what it may cost.
func program(env *cel.Env, tree *cel.Ast) (cel.Program, error) {
	return env.Program(tree, cel.EvalOptions(cel.OptPartialEval), cel.CostLimit(costLimit))
}

// celTypes are the types of variables by their names.
func celTypes() map[string]*cel.Type {
	return map[string]*cel.Type{"int": cel.IntType, "bool": cel.BoolType, "string": cel.StringType}
}
