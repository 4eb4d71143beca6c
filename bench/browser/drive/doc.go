// Package drive drives a real browser as a person at the counter would: it opens pages,
// fills fields by their labels, presses what is written on a button, goes by the keyboard
// alone, prints, and takes pictures.
//
// Main types: Browser, one Chromium process, made by Start; Page, one visitor's window
// with cookies of its own, made by Visit; Trouble, what went wrong in a window without
// anybody looking: messages of the console, violations of the content security policy,
// dialogs, requests to other machines.
//
// Invariants:
//   - Nothing leaves the machine: every name but those below .test and the machine itself
//     is resolved to nothing. A request for another host is noted all the same.
//   - A field is found by the name that a person or a screen reader has for it, never by
//     its place in the page. Two that fit are an error.
//   - What is done to a page ends when the page is at rest: nothing under way on the
//     network, no frame loading.
//   - An error names the label or the text that was not found, and shows nothing of the
//     page.
//
// What it does not do: know the console, judge a page, or install a browser.
package drive
