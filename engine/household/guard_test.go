package household_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Money is divided in prorate.go and nowhere else: what is divided, rounded and
// multiplied again comes out wrong by fen or by yuan, and nobody sees it. This guard
// reads every package of the module and refuses a quotient or a remainder of an
// amount outside package household. It follows an amount through conversions, sums,
// products and local variables; an amount hidden in a field of another type or
// handed to a function as a number gets past it.
const householdPath = "github.com/hedui/hedui/engine/household"

func TestMoneyIsDividedInOnePlace(t *testing.T) {
	type exception struct {
		why  string
		used bool
	}
	exact := map[string]*exception{
		"github.com/hedui/hedui/engine/explain/sheet.go": {why: "writes a limit as a product, only when nothing is left over"},
	}
	g := newGuard(t)
	checked := 0
	for _, p := range g.listed {
		if p.Module == nil || !p.Module.Main || p.ImportPath == householdPath {
			continue
		}
		// Reading the folder makes a cached result of this test depend on it.
		if _, err := os.ReadDir(p.Dir); err != nil {
			t.Fatal(err)
		}
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(g.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		for _, found := range g.divisions(t, p.ImportPath, files) {
			if file := p.ImportPath + "/" + filepath.Base(found.Filename); exact[file] != nil {
				exact[file].used = true
				continue
			}
			t.Errorf("%s: money is divided by household.MulDiv or RoundTo only", found)
		}
		checked++
	}
	for file, e := range exact {
		if !e.used {
			t.Errorf("%s no longer divides (%s): take it off the list", file, e.why)
		}
	}
	t.Logf("read %d packages", checked)
	if checked < 20 {
		t.Errorf("only %d packages were read", checked)
	}
}

// TestGuardFinds proves that the guard can fail.
func TestGuardFinds(t *testing.T) {
	const planted = `package planted

import "github.com/hedui/hedui/engine/household"

type sheet struct{ total household.Fen }

func planted(f household.Fen, s *sheet, months int64, n int) {
	_ = f / 12               // line 8
	_ = f % 100              // line 9
	f /= 2                   // line 10
	s.total %= 7             // line 11
	_ = int64(f) / months    // line 12
	_ = (int(s.total)) / n   // line 13
	_ = (int64(f) * 3) / 12  // line 14
	_ = float64(f)           // line 15
	each := int64(f)
	_ = -each / months       // line 17
	var sum = f + s.total
	_ = sum / 2              // line 19

	_ = int64(f) * months    // a product is none
	_ = months / int64(n)    // numbers are none
	_ = int64(12) / int64(f) // how often, not how much
	_ = float64(n) / 2
	_ = f == 2
}
`
	g := newGuard(t)
	f, err := parser.ParseFile(g.fset, "planted.go", planted, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, found := range g.divisions(t, "planted", []*ast.File{f}) {
		lines = append(lines, found.Line)
	}
	if diff := cmp.Diff([]int{8, 9, 10, 11, 12, 13, 14, 15, 17, 19}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

type listedPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	Module                  *struct{ Main bool }
}

type guard struct {
	fset     *token.FileSet
	listed   []listedPackage
	importer types.Importer
}

// newGuard asks the go command for the packages and for what the compiler exported
// of each; both come from the build cache, not from the network.
func newGuard(t *testing.T) *guard {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Module", "./...")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "GOPROXY=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	g := &guard{fset: token.NewFileSet()}
	exports := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		g.listed = append(g.listed, p)
	}
	g.importer = importer.ForCompiler(g.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	return g
}

// divisions are the places of a package where an amount is divided or becomes a
// float, in the order of the files.
func (g *guard) divisions(t *testing.T, path string, files []*ast.File) []token.Position {
	t.Helper()
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: g.importer}
	if _, err := conf.Check(path, g.fset, files, info); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	m := money{info, map[types.Object]bool{}}
	for _, f := range files {
		ast.Inspect(f, m.follow)
	}
	var found []token.Position
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			var at token.Pos
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if (n.Op == token.QUO || n.Op == token.REM) && m.is(n.X) {
					at = n.OpPos
				}
			case *ast.AssignStmt:
				if (n.Tok == token.QUO_ASSIGN || n.Tok == token.REM_ASSIGN) && m.is(n.Lhs[0]) {
					at = n.TokPos
				}
			case *ast.CallExpr:
				if to, ok := m.converts(n); ok && to.Info()&types.IsFloat != 0 && m.is(n.Args[0]) {
					at = n.Pos()
				}
			}
			if at.IsValid() {
				found = append(found, g.fset.Position(at))
			}
			return true
		})
	}
	return found
}

// money knows which expressions of a package are amounts.
type money struct {
	info *types.Info
	vars map[types.Object]bool // local variables that hold one as a number
}

// follow remembers the variables that an amount is assigned to.
func (m money) follow(n ast.Node) bool {
	remember := func(name ast.Expr, value ast.Expr) {
		id, ok := name.(*ast.Ident)
		if !ok || !m.is(value) {
			return
		}
		for _, o := range []types.Object{m.info.Defs[id], m.info.Uses[id]} {
			if o != nil {
				m.vars[o] = true
			}
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) == len(n.Rhs) && (n.Tok == token.DEFINE || n.Tok == token.ASSIGN) {
			for i := range n.Lhs {
				remember(n.Lhs[i], n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		if len(n.Names) == len(n.Values) {
			for i := range n.Names {
				remember(n.Names[i], n.Values[i])
			}
		}
	}
	return true
}

// is reports whether an expression is an amount: of type Fen, made a number from
// one, or a sum or product with one.
func (m money) is(x ast.Expr) bool {
	tv := m.info.Types[x]
	if named, ok := tv.Type.(*types.Named); ok && tv.Value == nil {
		if o := named.Obj(); o.Name() == "Fen" && o.Pkg() != nil && o.Pkg().Path() == householdPath {
			return true
		}
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return m.is(x.X)
	case *ast.UnaryExpr:
		return (x.Op == token.SUB || x.Op == token.ADD) && m.is(x.X)
	case *ast.BinaryExpr:
		return (x.Op == token.ADD || x.Op == token.SUB || x.Op == token.MUL) && (m.is(x.X) || m.is(x.Y))
	case *ast.Ident:
		return m.vars[m.info.Uses[x]]
	case *ast.CallExpr:
		_, ok := m.converts(x)
		return ok && m.is(x.Args[0])
	}
	return false
}

// converts returns the numeric type that a call converts to.
func (m money) converts(x *ast.CallExpr) (*types.Basic, bool) {
	tv := m.info.Types[x.Fun]
	if !tv.IsType() || len(x.Args) != 1 {
		return nil, false
	}
	to, ok := tv.Type.Underlying().(*types.Basic)
	return to, ok && to.Info()&types.IsNumeric != 0
}
