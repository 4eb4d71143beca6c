package household_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/household"
)

func TestMulDiv(t *testing.T) {
	const down, up, half = household.RoundDown, household.RoundUp, household.RoundHalfUp
	tests := map[string]struct {
		a, num, den int64
		r           household.Rounding
		want        int64
		ok          bool
	}{
		"exact":                    {63200, 3, 1, down, 189600, true},
		"down":                     {7, 1, 2, down, 3, true},
		"up":                       {7, 1, 2, up, 4, true},
		"half up":                  {7, 1, 2, half, 4, true},
		"less than half":           {7, 1, 3, half, 2, true},
		"more than half":           {8, 1, 3, half, 3, true},
		"below 0, down":            {-7, 1, 2, down, -4, true},
		"below 0, up":              {-7, 1, 2, up, -3, true},
		"below 0, half up":         {-7, 1, 2, half, -3, true},
		"below 0, more than half":  {-8, 1, 3, half, -3, true},
		"two signs":                {-7, -1, 2, up, 4, true},
		"nothing":                  {0, 5, 7, up, 0, true},
		"a product past 64 bits":   {math.MaxInt64, 1000, 1000, down, math.MaxInt64, true},
		"the smallest":             {math.MinInt64, 1, 1, up, math.MinInt64, true},
		"the smallest, turned":     {math.MinInt64, -1, 1, up, 0, false},
		"too large":                {math.MaxInt64, 2, 1, down, 0, false},
		"too large by rounding up": {math.MaxInt64, 3, 3 - 1, up, 0, false},
		"divided by 0":             {1, 1, 0, down, 0, false},
		"divided below 0":          {1, 1, -1, down, 0, false},
		"no rounding":              {1, 1, 1, 0, 0, false},
		"unknown rounding":         {1, 1, 1, 4, 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := household.MulDiv(tt.a, tt.num, tt.den, tt.r)
			if got != tt.want || ok != tt.ok {
				t.Errorf("%d × %d ÷ %d %s: got %d %t, want %d %t", tt.a, tt.num, tt.den, tt.r, got, ok, tt.want, tt.ok)
			}
		})
	}
}

// TestMulDivLikeBig compares with numbers of any size.
func TestMulDivLikeBig(t *testing.T) {
	edges := rapid.SampledFrom([]int64{0, 1, -1, 2, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, 1 << 62, -1 << 62})
	number := rapid.OneOf(edges, rapid.Int64(), rapid.Int64Range(-1000, 1000))
	rapid.Check(t, func(t *rapid.T) {
		a, num, den := number.Draw(t, "a"), number.Draw(t, "num"), number.Draw(t, "den")
		r := household.Rounding(rapid.Uint8Range(1, 3).Draw(t, "rounding"))
		got, ok := household.MulDiv(a, num, den, r)
		if den <= 0 {
			if ok {
				t.Fatalf("divided by %d", den)
			}
			return
		}
		want := rounded(new(big.Int).Mul(big.NewInt(a), big.NewInt(num)), big.NewInt(den), r)
		if ok != want.IsInt64() || ok && got != want.Int64() {
			t.Fatalf("%d × %d ÷ %d %s: got %d %t, want %s", a, num, den, r, got, ok, want)
		}
	})
}

// rounded is n ÷ d by the definition: the floor of n ÷ d, of n ÷ d + ½, or the
// negative of the floor of the negative.
func rounded(n, d *big.Int, r household.Rounding) *big.Int {
	floor := func(n, d *big.Int) *big.Int { return new(big.Int).Div(n, d) } // Euclid's: d is above 0
	switch r {
	case household.RoundUp:
		return new(big.Int).Neg(floor(new(big.Int).Neg(n), d))
	case household.RoundHalfUp:
		two := big.NewInt(2)
		return floor(new(big.Int).Add(new(big.Int).Mul(n, two), d), new(big.Int).Mul(d, two))
	default:
		return floor(n, d)
	}
}

func TestRoundTo(t *testing.T) {
	tests := map[string]struct {
		f, unit, want household.Fen
		r             household.Rounding
	}{
		"up to the yuan":            {101, 100, 200, household.RoundUp},
		"whole yuan stay":           {200, 100, 200, household.RoundUp},
		"down to the ten yuan":      {1999, 1000, 1000, household.RoundDown},
		"half a jiao":               {105, 10, 110, household.RoundHalfUp},
		"fen stay":                  {101, 1, 101, household.RoundUp},
		"no unit":                   {101, 0, 101, household.RoundUp},
		"below 0":                   {-101, 100, -200, household.RoundDown},
		"the end of int64 up":       {math.MaxInt64, 100, math.MaxInt64 / 100 * 100, household.RoundUp},
		"the end of int64 down":     {math.MinInt64, 100, math.MinInt64 / 100 * 100, household.RoundDown},
		"a unit as large as an int": {5, math.MaxInt64, math.MaxInt64, household.RoundUp},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := household.RoundTo(tt.f, tt.unit, tt.r); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
