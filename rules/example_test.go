package rules_test

import (
	"fmt"

	"github.com/hedui/hedui/rules"
)

func ExampleLoad() {
	p, err := rules.Load("reference")
	if err != nil {
		fmt.Println(err)
		return
	}
	law, err := p.On(20261101, "340104")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range law.Rules[3:5] {
		fmt.Println(r.Code, r.Op, law.LimitText(&r), r.Effect)
	}
	fmt.Println(p.Message("vehicle_owned").Clear.Zh)
	// Output:
	// income_over_limit at_least standard × window_months × counted_members suspected_ineligible
	// undeclared_income more_than undeclared_income_tolerance needs_review
	// 提供报废、过户或被盗抢的证明。
}
