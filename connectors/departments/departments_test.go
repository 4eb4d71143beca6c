package departments_test

import (
	"os"
	"strings"
	"testing"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/household"
)

func TestAllSourcesInOrder(t *testing.T) {
	all := departments.All()
	if len(all) != household.NumSources-1 {
		t.Fatalf("%d departments", len(all))
	}
	for i, d := range all {
		if d.Source != household.Source(i+1) || departments.Of(d.Source).Source != d.Source {
			t.Errorf("department %d is %v", i, d.Source)
		}
	}
	if departments.Of(0) != nil {
		t.Error("there is a department of no source")
	}
}

// TestDocumented holds docs/connectors.md to the columns, codes and faults there are.
func TestDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/connectors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(data), "## Columns and codes")
	shared, _, _ := strings.Cut(page, "\n### ")
	for _, d := range departments.All() {
		_, section, ok := strings.Cut(page, "### `"+d.Source.String()+"`")
		section, _, _ = strings.Cut(section, "\n### ")
		if !ok {
			t.Errorf("no section for %s", d.Source)
		}
		for _, c := range d.Columns {
			name := "`" + c.Name + "`"
			if c.Required {
				name = "**" + name + "**"
			}
			line := "| " + name + " | " + c.Zh + " |"
			if !strings.Contains(section, line) && !strings.Contains(shared, line) {
				t.Errorf("%s: no line %s", d.Source, line)
			}
			for _, code := range c.Codes {
				if code.Name != "" && !strings.Contains(page, "`"+code.Name+"` "+code.Zh) {
					t.Errorf("%s %s: no code %s", d.Source, c.Name, code.Name)
				}
			}
		}
	}
	for c := connectors.OK + 1; c < connectors.NumCodes; c++ {
		if !strings.Contains(page, "`"+c.String()+"`") {
			t.Errorf("no quarantine code %s", c)
		}
	}
}

// TestDocumentedMapping loads the mapping that the page shows.
func TestDocumentedMapping(t *testing.T) {
	data, err := os.ReadFile("../../docs/connectors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(data), "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	path := t.TempDir() + "/m.yaml"
	if err := os.WriteFile(path, []byte(block), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := connectors.LoadMapping(path)
	if err == nil {
		err = m.Check(departments.Of(household.Insurance))
	}
	if err != nil || m.Provider != "housing-fund-centre" {
		t.Errorf("%v, provider %q", err, m.Provider)
	}
}

// TestLookAlikes gives every department the header of every other.
func TestLookAlikes(t *testing.T) {
	for _, from := range departments.All() {
		var en, zh []string
		for _, c := range from.Columns {
			en, zh = append(en, c.Name), append(zh, c.Zh)
		}
		for _, header := range [][]string{en, zh} {
			path := t.TempDir() + "/f.csv"
			if err := os.WriteFile(path, []byte(strings.Join(header, ",")+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, to := range departments.All() {
				tables, err := connectors.Open(path, to, connectors.Options{})
				if from.Source == to.Source {
					if err != nil {
						t.Error(err)
						continue
					}
					_ = tables[0].Close()
					continue
				}
				if err == nil || !strings.Contains(err.Error(), "looks like one of the "+from.Source.String()+" department") {
					t.Errorf("a %s file as %s: %v", from.Source, to.Source, err)
				}
			}
		}
	}
}
