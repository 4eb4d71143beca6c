package province_test

import (
	"testing"

	"github.com/hedui/hedui/bench/province"
)

func TestGenerate(t *testing.T) {
	sum, err := province.Generate(t.Context(), province.Options{People: 5000, Seed: 1, Out: t.TempDir(), Dirty: 100, Second: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", sum)
}
