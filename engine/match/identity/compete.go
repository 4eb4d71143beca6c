package identity

// Compete settles one row that was judged for several people of a household. It
// changes the links in place; their order does not matter.
//
//   - A number that is one member's is nobody else's: links of others that rest on
//     "another valid number" are turned down.
//   - One strong link beats links for review; those are turned down.
//   - Otherwise two links that are strong, or two that are for review, are X2, and
//     so are the links for review beside two strong ones.
//
// What was turned down keeps its parts, with the former tier in Was and the reason
// added, so that a person can see why not.
func (p *Policy) Compete(links []Link) {
	owned, strong, review := false, 0, 0
	for i := range links {
		document, ok := links[i].Level(Document)
		owned = owned || ok && wholeNumber().has(document)
	}
	for i := range links {
		l := &links[i]
		if document, _ := l.Level(Document); owned && (document == DocumentOtherValid || document == DocumentOtherNobody) {
			l.turnDown(None, Nothing, NumberOfMember)
		}
		switch l.Use {
		case Strong:
			strong++
		case Review:
			review++
		}
	}
	for i := range links {
		l := &links[i]
		switch {
		case l.Use != Strong && l.Use != Review:
		case strong == 1 && l.Use == Review:
			l.turnDown(None, Nothing, MemberFitsBetter)
		case strong > 1, strong == 0 && review > 1:
			l.turnDown(X2, Conflict, MembersFitAlike)
		}
	}
}

func (l *Link) turnDown(tier Tier, use Use, why Reason) {
	if l.Tier == tier && l.Use == use {
		return
	}
	l.Was, l.Tier, l.Use = l.Tier, tier, use
	l.Reasons.add(why)
}
