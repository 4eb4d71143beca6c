// Package console is the counter in a browser: pages for the people of a centre.
//
// A page is a row of the route table of package api, under its row of the policy; what it
// shows it asks a Desk for, as the caller. Pages are HTML that is made here; scripts make
// them quicker and nothing depends on one. Chinese is the first language, English the
// other.
//
// Main types: Console, made by New from Options; it is an api.Pages.
//
// Invariants:
//   - What is shown comes from the desk, masked as it came; a page unmasks nothing by
//     itself and asks nothing that its caller may not.
//   - A GET changes nothing; every change is a form that is sent, answered by sending the
//     browser elsewhere.
//   - Nothing is loaded from another host, no script or style stands in a page, and no
//     page may stand in another's frame.
//   - All words are in the catalogue, in both languages.
//   - No page is kept by a browser or anything on the way.
//
// What it does not do: decide who may do what, keep sessions, or read the ledger.
package console
