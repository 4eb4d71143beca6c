// Package corpus holds strings that are meant to become something else than text where a
// program is careless: scripts, tags, styles, formulas, commands.
//
// Main types: Hostile, one string with its number and class; All, every one of them.
//
// Invariants: All is the same list every time; numbers count from 1; no two strings are
// alike; every one holds its number, so that what ran says which it was. What they run,
// if anything, is the function [Marker] of the page with their number.
//
// What it does not do: say how a string must be shown. Whoever shows one shows every
// character of it, or does not take it.
package corpus
