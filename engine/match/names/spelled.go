package names

// Spelled reports whether the name is written in Latin letters, wholly (LI YAN) or
// in one stretch (李yan), so that it is compared by pinyin.
func (n Name) Spelled() bool { return n.d != nil && (n.d.latin != "" || n.d.runText != "") }
