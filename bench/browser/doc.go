// Package browser holds the tests of the console from outside, with a real browser.
//
// It exports nothing. The tests build the program, let it serve a small province with
// accounts for every role, and do at its pages what people do: sign in, register an
// authorisation, check a family, print the report, review with two people, file and
// decide an objection; with scripts and without, in Chinese and English, at a desk and on
// a phone, by the keyboard alone. They fill every field that people write into with
// strings that are meant to become code, attack the console from another site, and
// compare the texts of one report in its three forms.
//
// Every page is also judged by itself: nothing in it that runs, no request to another
// machine, labels, contrast, focus, headings. Each suite has a self-check: a server that
// makes the mistake on purpose, and must be seen doing it.
//
// The tests need Chromium, fonts and poppler-utils, which install.sh installs. They run
// with
//
//	go test ./bench/browser -browser
//
// and not without: a plain go test needs no browser. With the flag a browser that is
// missing is a failure, and so is a run that saw no page.
package browser
