// Package names says how alike two personal names are. A Table holds what is
// known of characters: variants, readings, similar shapes, surnames. A Name is a
// written name prepared with a Table once; Compare then gives the level N1 to N7
// of two names without allocating, and Explain the reasons too.
//
// Invariants: Compare is symmetric. A level up to N2 needs every character to be
// known and accounted for, so no character is ever dropped to reach it. Names
// that agree up to N3 have the same FoldedKey, unless a character is lost.
// Nothing here holds for a person: a level is evidence, and what follows from it
// is decided elsewhere.
//
// The package is pure: no files, no clock, no mutable state. Reasons name kinds
// and positions, never the characters, so that they may be logged; a Name must
// not be.
//
// The tables under data are derived by the program in gen:
//
//	UNIHAN=… OPENCC=… PINYIN=… DATE=2006-01-02 go generate ./engine/match/names
package names

//go:generate go run ./gen -unihan $UNIHAN -opencc $OPENCC -pinyin $PINYIN -date $DATE
