package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/authorization"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ledger"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// What is shown of a planted case beside its records: it must look like any other's, and
// nothing of it may be anybody's.

// plantedNames are names that many people have.
const plantedNames = "王芳 李伟 张敏 刘洋 陈静 杨军 赵磊 黄丽 周强 吴娟"

// declared is the declaration that the household of a template would have made: one
// person, with the name that stands in the records, who declared nothing. The number of
// the document has a check digit that is wrong, so it is nobody's.
func (t *Template) declared() ([]byte, error) {
	sum := hashID("planted", t.Household)
	pick := func(i, n int) int { return int(sum[i]) * 7 % n }
	names := []rune(plantedNames)
	name := string(names[3*pick(0, 10) : 3*pick(0, 10)+2])
	for i := range t.Records {
		for _, f := range t.Records[i].Fields {
			if f.Name == "name" && f.Value != "" {
				name = f.Value
			}
		}
	}
	number := fmt.Sprintf("%s%04d%02d%02d%03d", access.County(t.Division), 1948+pick(1, 40), 1+pick(2, 12), 1+pick(3, 28), 100+pick(4, 800))
	const ends = "0123456789X"
	for i := range len(ends) { // the first that is wrong
		if full := number + ends[i:i+1]; !match.ParseDocument(household.ResidentID, []byte(full)).Valid {
			number = full
			break
		}
	}
	type member struct {
		Name     string `json:"name"`
		IDNumber string `json:"id_number"`
		Relation string `json:"relation"`
	}
	return json.Marshal(map[string]any{
		"household_id": t.Household, "region": t.Division, "scheme": t.Scheme, "residence": "urban",
		"authorization":   map[string]string{"number": t.Authorization},
		"members":         []member{{name, number, "head"}},
		"declared_assets": map[string]int{"financial_fen": 0},
	})
}

// fillSheets writes the sums that a verdict of the template would have, as far as its
// records tell.
func (t *Template) fillSheets(v *household.Verdict, pack *rules.Pack) {
	law, err := pack.On(t.On, t.Division)
	if err != nil {
		return // then a real one would have none either
	}
	v.Income.Window, v.Income.Members = law.Windows[household.Urban].On(t.On), 1
	if law.IncomeLimit >= 0 {
		v.Income.Limit = household.Fen(law.Of(law.IncomeLimit, household.Urban, 1))
	}
	if law.FinancialLimit >= 0 {
		v.Assets.FinancialLimit = household.Fen(law.Of(law.FinancialLimit, household.Urban, 1))
	}
	for i := range t.Records {
		switch r := &t.Records[i]; r.Source {
		case household.Bank:
			v.Assets.Financial += r.Amount
		case household.Vehicle:
			v.Assets.Vehicles++
		case household.Property:
			v.Assets.Residential++
		default:
			v.Income.Total += r.Amount
		}
	}
}

// coverPlanted says what the sources of a generation would have said of a household with
// these records.
func coverPlanted(v *household.Verdict, refs []store.SnapshotRef, found func(household.Source) bool) {
	for s := household.Tax; s < household.NumChecked; s++ {
		c := &v.Coverage[s]
		c.State = household.None
		if found(s) {
			c.State = household.Found
		}
		for i := range refs {
			if r := &refs[i]; r.Source == s && !slices.ContainsFunc(c.Providers, func(p household.ProviderCoverage) bool { return p.Provider == r.Provider }) {
				c.Providers = append(c.Providers, household.ProviderCoverage{Provider: r.Provider, AsOf: r.AsOf, Snapshot: r.ID, State: c.State})
			}
		}
	}
}

// disguise fills in of a planted case what its household would have: an authorisation
// that covers it, and somebody who asked, as of a neighbour.
func (d *Desk) disguise(ctx context.Context, s *Sheet) error {
	from, _ := household.NewDate(s.On.Year(), 1, 1)
	to, _ := household.NewDate(s.On.Year(), 12, 31)
	s.Authorization = SheetAuthorization{
		Number: s.Authorization.Number, Registered: true, From: from, To: to, Purposes: []string{s.Scheme}, Classes: authorization.AllClasses(), State: Live,
	}
	q := ledger.HouseholdsIn(s.Division)
	q.Limit, q.Bare = 1, true
	page, _, err := ledger.List[ledger.Household](ctx, d.o.Ledger, q)
	if err != nil || len(page) == 0 {
		return err
	}
	v, err := find[ledger.Verdict](ctx, d.o.Ledger, page[0].Verdict)
	if err != nil || v == nil {
		return err
	}
	r, err := find[ledger.Request](ctx, d.o.Ledger, v.Request)
	if err == nil && r != nil {
		s.By = r.Requester
	}
	return err
}
