package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/profile"
)

// consentLine is a request for dibao with these words in its authorisation and beside it.
func consentLine(authorization, more string) []byte {
	return fmt.Appendf(nil, `{"household_id":"1","scheme":"dibao","residence":"urban","authorization":{"valid_from":"2026-01-01","valid_to":"2026-12-31","signed_by":["%[1]s"]%[2]s},"members":[{"name":"王秀英","id_number":"%[1]s"}]%[3]s}`,
		number(0), authorization, more)
}

// Another scheme is judged only when the consent names it.
func TestConsentOfOtherSchemes(t *testing.T) {
	tests := []struct{ authorization, as, refusal string }{
		{``, "", ""},
		{``, "dibao", ""},
		{``, "housing", "authorization_purpose"},
		{`,"purpose":"dibao"`, "dibao", ""},
		{`,"purpose":"dibao"`, "housing", "authorization_purpose"},
		{`,"purpose":"housing"`, "", "authorization_purpose"},
		{`,"purpose":"housing"`, "dibao", "authorization_purpose"},
		{`,"purpose":"housing"`, "housing", ""},
		{`,"purpose":"dibao","purposes":["housing"]`, "dibao", ""},
		{`,"purpose":"dibao","purposes":["housing"]`, "housing", ""},
		{`,"purpose":"dibao","purposes":["housing"]`, "dibao_edge", "authorization_purpose"},
		{`,"purposes":["dibao","housing"]`, "", ""},
		{`,"purposes":["dibao","housing"]`, "housing", ""},
		{`,"purposes":["housing"]`, "", "authorization_purpose"}, // it says what it is for, and dibao is not
		{`,"purposes":["housing"]`, "housing", ""},
		{`,"purposes":[]`, "dibao", ""},
		{`,"purposes":[]`, "housing", "authorization_purpose"},
		{`,"purposes":"housing"`, "housing", "authorization_purpose"}, // no list: not readable, no consent
	}
	p := reference()
	w := world{On: checkDay}
	v, err := engine.NewVerifier(w.manifest(), p, checkDay)
	if err != nil {
		t.Fatal(err)
	}
	worker := v.Worker()
	var plan engine.Plan
	for _, tt := range tests {
		line := consentLine(tt.authorization, "")
		if tt.as == "" {
			worker.Prepare(line, 1, &plan)
		} else {
			worker.PrepareAs(line, 1, tt.as, &plan)
		}
		if plan.Refusal() != tt.refusal {
			t.Errorf("%s as %q: refused as %q, want %q", tt.authorization, tt.as, plan.Refusal(), tt.refusal)
		}
		if tt.refusal != "" && len(plan.Keys()) != 0 {
			t.Errorf("%s as %q: refused, and people are to be read", tt.authorization, tt.as)
		}
		want := tt.as
		if want == "" {
			want = "dibao"
		}
		if plan.Request.Scheme != want {
			t.Errorf("judged as %q, want %q", plan.Request.Scheme, want)
		}
	}
}

// Judged as another scheme, a verdict is that of a request which asked for it.
func TestPreparedAsIsAsked(t *testing.T) {
	w := world{On: checkDay}
	v, err := engine.NewVerifier(w.manifest(), reference(), checkDay)
	if err != nil {
		t.Fatal(err)
	}
	verdict := func(line []byte, as string) string {
		worker := v.Worker()
		var plan engine.Plan
		worker.PrepareAs(line, 7, as, &plan)
		profiles, out := make([]*profile.Profile, len(plan.Keys())), &household.Verdict{}
		for i := range profiles {
			profiles[i] = &profile.Profile{}
		}
		if err := worker.Verify(&plan, profiles, out); err != nil {
			t.Fatal(err)
		}
		return string(out.AppendJSON(nil))
	}
	line := consentLine(`,"purposes":["dibao","housing"]`, "")
	asks := strings.Replace(string(line), `"scheme":"dibao"`, `"scheme":"housing"`, 1)
	if diff := cmp.Diff(verdict([]byte(asks), ""), verdict(line, "housing")); diff != "" {
		t.Error(diff)
	}
	// What is no request has no scheme, whatever is asked.
	if got := verdict([]byte("no JSON"), "housing"); strings.Contains(got, "housing") || !strings.Contains(got, `"line":7`) {
		t.Error(got)
	}
}

func TestReceiving(t *testing.T) {
	w := world{On: checkDay}
	v, err := engine.NewVerifier(w.manifest(), reference(), checkDay)
	if err != nil {
		t.Fatal(err)
	}
	worker := v.Worker()
	var plan engine.Plan
	tests := []struct {
		more  string
		want  []string
		given bool
	}{
		{`,"receiving":["dibao","housing"]`, []string{"dibao", "housing"}, true},
		{`,"receiving":[]`, []string{}, true},
		{``, nil, false}, // not what the line before said
	}
	for _, tt := range tests {
		worker.Prepare(consentLine("", tt.more), 1, &plan)
		got, given := plan.Receiving()
		if diff := cmp.Diff(tt.want, got); diff != "" || given != tt.given {
			t.Errorf("%q: given %v\n%s", tt.more, given, diff)
		}
	}
}
