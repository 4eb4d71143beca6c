package rules

import "testing"

// A digest covers the pack.yaml of the other pack as far as anything is left of it.
func TestDigestOfInheritedPackYaml(t *testing.T) {
	of := func(base, own string) string {
		f := []*folder{
			{pack: "base", files: map[string][]byte{"pack.yaml": []byte(base)}, keys: keys([]byte(base))},
			{files: map[string][]byte{"pack.yaml": []byte(own)}, keys: keys([]byte(own))},
		}
		return digest(f)
	}
	const own, more = "name: x\nwindow: 1\n", "rank: 2\n"
	for _, c := range []struct {
		name, a, b, own string
		same            bool
	}{
		{"something inherited", "window: 3\nrank: 1\n", "window: 3\nrank: 2\n", own, false},
		{"everything said", "window: 3\nrank: 1\n", "window: 3\nrank: 2\n", own + more, true},
		{"only the name differs", "name: a\nwindow: 3\n", "name: b\nwindow: 3\n", own, true},
	} {
		if got := of(c.a, c.own) == of(c.b, c.own); got != c.same {
			t.Errorf("%s: the same digest: %v, want %v", c.name, got, c.same)
		}
	}
}
