package access_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/household"
)

func all(m access.Mask) access.Masks {
	var out access.Masks
	for f := range out {
		out[f] = m
	}
	return out
}

func TestMasks(t *testing.T) {
	show := map[string]func(access.Masks, string) string{
		"id":      func(m access.Masks, s string) string { return m.IDNumber(household.IDNumber(s)) },
		"name":    func(m access.Masks, s string) string { return m.Name(household.Name(s)) },
		"phone":   access.Masks.Phone,
		"account": func(m access.Masks, s string) string { return m.Account(household.Account(s)) },
		"plate":   func(m access.Masks, s string) string { return m.Plate(household.Plate(s)) },
		"address": access.Masks.Address,
	}
	for _, c := range []struct{ kind, full, masked string }{
		{"id", "34010419900101002X", "3***************2X"},
		{"id", "E12345678", "E******78"},
		{"id", "123", "***"},
		{"id", "1234", "****"},
		{"name", "张三", "张*"},
		{"name", "王秀英", "王**"},
		{"name", "欧阳", "欧*"},
		{"name", "欧阳修", "欧阳*"},
		{"name", "欧阳若兰", "欧阳**"},
		{"name", "𠮷田", "𠮷*"},
		{"name", "阿依古丽·买买提", "阿*******"},
		{"phone", "13812345600", "138****00"},
		{"phone", "110", "***"},
		{"account", "6222021234567890123", "***0123"},
		{"account", "123", "***"},
		{"plate", "浙A12312", "浙A***12"},
		{"address", "安徽省合肥市蜀山区长江西路123号5栋302室", "安徽省合肥市蜀山区长江西路***"},
		{"address", "安徽省合肥市蜀山区三里庵街道龙河路8号", "安徽省合肥市蜀山区三里***"},
		{"address", "合肥市长江中大道幸福小区3栋", "合肥市长江中大道***"},
		{"address", "颍上县慎城镇李庄村2组", "颍上县慎城镇***"},
		{"address", "合肥市蜀山区幸福花园３幢", "合肥市蜀山区***"},
		{"address", "幸福花园", "***"},
	} {
		if got := show[c.kind](all(access.Partly), c.full); got != c.masked {
			t.Errorf("%s: shown as %s, want %s", c.kind, got, c.masked)
		}
		if got := show[c.kind](all(access.Full), c.full); got != c.full {
			t.Errorf("%s in full: %s", c.kind, got)
		}
		if got := show[c.kind](access.Masks{}, c.full); got != "" {
			t.Errorf("%s hidden: %s", c.kind, got)
		}
	}
	for kind, f := range show {
		if got := f(all(access.Partly), ""); got != "" {
			t.Errorf("%s of nothing: %s", kind, got)
		}
	}
}

// TestAddressNeverShowsANumber: whatever is written, what is shown of an address is a
// beginning of it without house numbers.
func TestAddressNeverShowsANumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"安徽省", "路", "街", "街道", "大道", "3", "１２", "号", "栋", "A座", "村", "里", "长江", "市", "区", "\xff",
		})).Draw(t, "address"), "")
		got := all(access.Partly).Address(s)
		shown, ok := strings.CutSuffix(got, "***")
		if s == "" {
			shown, ok = got, true
		}
		if !ok || !strings.HasPrefix(s, shown) || strings.ContainsAny(shown, "0123456789１２号栋A") {
			t.Fatalf("%q is shown as %q", s, got)
		}
	})
}

func TestAmounts(t *testing.T) {
	band := all(access.Partly)
	for _, c := range []struct {
		fen household.Fen
		zh  string
	}{
		{-1, "0元"},
		{0, "0元"},
		{1, "不足1千元"},
		{99_999, "不足1千元"},
		{100_000, "1千元至5千元"},
		{499_999, "1千元至5千元"},
		{500_000, "5千元至1万元"},
		{99_999_999, "50万元至100万元"},
		{100_000_000, "100万元及以上"},
	} {
		got := band.Amount(c.fen)
		if got.Mask != access.Partly || got.Fen != 0 || got.Band.Text().Zh != c.zh {
			t.Errorf("%d fen: %+v %s, want %s", c.fen, got, got.Band.Text().Zh, c.zh)
		}
	}
	if diff := cmp.Diff(access.Amount{Mask: access.Full, Fen: 5}, all(access.Full).Amount(5)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(access.Amount{}, access.Masks{}.Amount(5)); diff != "" {
		t.Error(diff)
	}
	rapid.Check(t, func(t *rapid.T) {
		f := household.Fen(rapid.Int64Range(1, 1<<40).Draw(t, "fen"))
		if b := access.BandOf(f); f < b.From || b.To != 0 && f >= b.To {
			t.Fatalf("%d lies outside its band %+v", f, b)
		}
	})
}

func TestDivisions(t *testing.T) {
	for _, c := range []struct {
		code, scope string
		within      bool
	}{
		{"340104", "340104", true},
		{"340104002", "340104", true},
		{"340104002007", "34", true},
		{"340104", "340000", true},
		{"340104", "340100", true},
		{"340104000", "340104", true},
		{"340104", "340104000000", true},
		{"340100", "340104", false},
		{"34", "340104", false},
		{"340104", "340103", false},
		{"3401040", "340104", false},
		{"340104", "", false},
		{"", "", false},
		{"", "34", false},
		{"00", "00", false},
		{"000000", "00", false},
		{"３４", "34", false},
		{"340104 ", "34", false},
		{"349001", "34", true},
		{"340823", "3408", true}, // 枞阳县 of 安庆 until 2015
		{"340823", "340722", true},
		{"340823105", "3407", true}, // 铜陵 since
		{"340722", "3408", false},   // the reverse is never assumed
		{"341421", "340124", true},
		{"341421", "340122", false},
		{"341421", "340124001", false}, // what a township became is in no list
	} {
		if got := access.Within(c.code, c.scope); got != c.within {
			t.Errorf("%q within %q: %v", c.code, c.scope, got)
		}
	}
}

// TestLessNeverAllowsMore: taking something from a subject, or moving the object out of
// its reach, never turns a denial into leave.
func TestLessNeverAllowsMore(t *testing.T) {
	codes := []string{"", "34", "3401", "340104", "340104002", "340103", "32"}
	schemes := []string{"dibao", "housing"}
	rapid.Check(t, func(t *rapid.T) {
		s := access.Subject{
			Account:  rapid.SampledFrom([]string{"", "wang"}).Draw(t, "account"),
			Person:   rapid.SampledFrom([]string{"", "P1"}).Draw(t, "person"),
			Roles:    access.Roles(rapid.Uint16().Draw(t, "roles")),
			Division: rapid.SampledFrom(codes).Draw(t, "division"),
			Purposes: rapid.SliceOfN(rapid.SampledFrom(schemes), 0, 2).Draw(t, "purposes"),
			Classes:  access.AllClasses(),
		}
		if rapid.Bool().Draw(t, "one role") {
			s.Roles = access.RolesOf(rapid.SampledFrom(access.AllRoles()).Draw(t, "role"))
		}
		op := access.Operation(rapid.IntRange(0, len(access.Policy)+1).Draw(t, "operation"))
		o := access.Object{
			Division: rapid.SampledFrom(codes).Draw(t, "place"), Purpose: rapid.SampledFrom(schemes).Draw(t, "scheme"),
			Owner: rapid.SampledFrom([]string{"", "wang", "li"}).Draw(t, "owner"), Adverse: rapid.Bool().Draw(t, "adverse"),
			Persons: rapid.SliceOfN(rapid.SampledFrom([]string{"P1", "P2", ""}), 0, 2).Draw(t, "persons"),
		}
		if access.Decide(s, op, o).Allow {
			return
		}
		for what, less := range map[string]access.Subject{
			"division": {s.Account, s.Person, s.Roles, s.Division + "01", s.Purposes, s.Classes, s.Scopes, s.Certificate},
			"purposes": {s.Account, s.Person, s.Roles, s.Division, nil, s.Classes, s.Scopes, s.Certificate},
			"classes":  {s.Account, s.Person, s.Roles, s.Division, s.Purposes, access.Classes{}, s.Scopes, s.Certificate},
			"scopes":   {s.Account, s.Person, s.Roles, s.Division, s.Purposes, s.Classes, []access.Operation{}, s.Certificate},
			"account":  {"", s.Person, s.Roles, s.Division, s.Purposes, s.Classes, s.Scopes, s.Certificate},
		} {
			if what == "division" && s.Division == "" {
				continue
			}
			if access.Decide(less, op, o).Allow {
				t.Fatalf("%v denied to %+v is allowed with less %s", op, s, what)
			}
		}
	})
}

func TestAllClasses(t *testing.T) {
	for s, given := range access.AllClasses() {
		if want := s > 0 && household.Source(s) != household.Register; given != want {
			t.Errorf("%v: %v", household.Source(s), given)
		}
	}
}
