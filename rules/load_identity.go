package rules

// identity reads what a pack says of weaker links: the policy that grades them, the
// finding when they would change a verdict, further rules, given before the pack's
// own, and the words for all of these. A pack without the file looks for none.
func (l *loader) identity(folders []*folder, trees []map[string]node, codes map[string]bool) {
	own := -1
	for i, d := range folders {
		if d.pack == "" && d.dir == "" {
			own = i
		}
	}
	x, ok := trees[own][identityFile]
	policy := folders[own].files[policyFile]
	if !ok {
		if policy != nil {
			l.errs = append(l.errs, &Error{File: policyFile, Problem: "a policy that nothing uses", Expected: "a file " + identityFile})
		}
		return
	}
	// Former numbers and names are looked for in the register.
	l.reads("register", x)
	f := x.fields("policy!", "to_confirm!", "rules", "findings!")
	open := f.get("to_confirm").fields("code!", "effect!", "law!")
	l.p.Identity = &Identity{
		Policy: f.get("policy").slug(), Code: l.newCode(open.get("code"), codes),
		Effect: effectOutcomes[open.get("effect").code(effects)], Law: open.get("law").text(),
	}
	if l.p.Identity.Effect == effectOutcomes[2] {
		open.get("effect").fail("a link that a person has to confirm may not carry suspected_ineligible", "needs_review")
	}
	if l.p.Identity.Policy == OwnPolicy {
		if policy == nil {
			f.get("policy").fail("the pack has no "+policyFile, "the file, or the name of a shipped policy")
		}
		l.p.Identity.Own = policy
	} else if policy != nil {
		f.get("policy").fail(policyFile+" is not used", OwnPolicy)
	}
	for _, i := range f.get("rules").items() {
		if d := l.rule(i, codes); d != nil {
			l.p.Identity.rules = append(l.p.Identity.rules, d)
		}
	}
	wanted := []string{l.p.Identity.Code}
	for _, d := range l.p.Identity.rules {
		for _, c := range []string{d.rule.Code, d.rule.WeakCode, d.rule.DerivedCode} {
			if c != "" {
				wanted = append(wanted, c)
			}
		}
	}
	before := len(l.errs)
	l.words(f.get("findings"), wanted, "a finding of "+identityFile, false)
	if words := f.get("findings"); !words.absent() && len(l.errs) == before {
		for _, c := range wanted {
			if l.p.messages[c] == nil {
				words.fail("no words for \""+c+"\"", "title, text and clear, each in zh and en")
			}
		}
	}
}
