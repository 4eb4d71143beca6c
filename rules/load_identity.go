package rules

// identity reads what a pack says of weaker links: the policy that grades them, the
// finding when they would change a verdict, further rules, given before the pack's
// own, and the words for all of these. A pack without the file looks for none.
func (l *loader) identity(contents map[string][]byte, codes map[string]bool) {
	content, ok := contents[identityFile]
	own := contents[policyFile]
	if !ok {
		if own != nil {
			l.errs = append(l.errs, &Error{File: policyFile, Problem: "a policy that nothing uses", Expected: "a file " + identityFile})
		}
		return
	}
	f := l.parse(identityFile, content).fields("policy!", "to_confirm!", "rules", "findings!")
	open := f.get("to_confirm").fields("code!", "effect!", "law!")
	l.p.Identity = &Identity{
		Policy: f.get("policy").slug(), Code: l.newCode(open.get("code"), codes),
		Effect: effectOutcomes[open.get("effect").code(effects)], Law: open.get("law").text(),
	}
	if l.p.Identity.Effect == effectOutcomes[2] {
		open.get("effect").fail("a link that a person has to confirm may not carry suspected_ineligible", "needs_review")
	}
	if l.p.Identity.Policy == OwnPolicy {
		if own == nil {
			f.get("policy").fail("the pack has no "+policyFile, "the file, or the name of a shipped policy")
		}
		l.p.Identity.Own = own
	} else if own != nil {
		f.get("policy").fail(policyFile+" is not used", OwnPolicy)
	}
	for _, i := range f.get("rules").items() {
		l.rule(i, codes)
	}
	wanted := map[string]bool{l.p.Identity.Code: true}
	for i := range l.p.Rules {
		r := &l.p.Rules[i]
		wanted[r.Code] = true
		if r.WeakCode != "" {
			wanted[r.WeakCode] = true
		}
	}
	l.words(f.get("findings"), wanted, "a finding of "+identityFile)
}
