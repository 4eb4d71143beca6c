package authorization_test

import (
	"testing"
	"time"

	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
)

// What was registered is the same whatever happened since, and nothing else is.
func TestSameRegistration(t *testing.T) {
	same := map[string]func(a *authorization.Authorization){
		"as it is": func(*authorization.Authorization) {},
		"by another, later": func(a *authorization.Authorization) {
			a.RegisteredBy, a.RegisteredAt, a.Version = "other", time.Now(), 7
		},
		"withdrawn": func(a *authorization.Authorization) {
			a.Withdrawn = &authorization.Withdrawal{At: time.Now(), By: "a", Reason: "b"}
		},
		"somebody left": func(a *authorization.Authorization) { a.Members[0].Left, a.Members[0].LeftWhy = 20260601, "moved" },
		"document type said": func(a *authorization.Authorization) {
			for i := range a.Members {
				if a.Members[i].DocumentType == 0 {
					a.Members[i].DocumentType = household.ResidentID
				}
			}
		},
	}
	for name, change := range same {
		a, b := registered(), registered()
		change(b)
		if !authorization.SameRegistration(a, b) || !authorization.SameRegistration(b, a) {
			t.Errorf("%s: another registration", name)
		}
	}
	other := map[string]func(a *authorization.Authorization){
		"household": func(a *authorization.Authorization) { a.Household += "1" },
		"division":  func(a *authorization.Authorization) { a.Division = "340203" },
		"days":      func(a *authorization.Authorization) { a.To++ },
		"purpose":   func(a *authorization.Authorization) { a.Purposes = append([]string{"other"}, a.Purposes...) },
		"class":     func(a *authorization.Authorization) { a.Classes[household.Bank] = !a.Classes[household.Bank] },
		"scan":      func(a *authorization.Authorization) { a.ScanDigest = "" },
		"signature": func(a *authorization.Authorization) { a.Members[0].Signature.Ref += "9" },
		"name":      func(a *authorization.Authorization) { a.Members[0].Name += "某" },
		"a member":  func(a *authorization.Authorization) { a.Members = a.Members[:len(a.Members)-1] },
	}
	for name, change := range other {
		a, b := registered(), registered()
		change(b)
		if authorization.SameRegistration(a, b) || authorization.SameRegistration(b, a) {
			t.Errorf("%s: the same registration", name)
		}
	}
}
