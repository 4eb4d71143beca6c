// Command hedui checks the economic status of households: it takes the
// snapshots of departments in, publishes them as one sealed generation, and
// answers batches and single households with explained verdicts.
//
// There is one file per command, named after it. Each has a constructor that
// declares the flags, an options struct that holds them, and a run function
// that calls one package and prints what came back. Nothing is decided here.
//
// Output rules:
//   - Data goes to standard output, talk (progress, counts, hints) to standard
//     error. With --json exactly one JSON object is printed.
//   - An error is one sentence, starting with "hedui: ", and, where there is
//     something to do about it, a second line starting with "hint: ".
//   - Exit status 0 means done, 1 an error, 2 wrong usage, 3 done although rows
//     were quarantined or requests refused. main.go maps errors to it in one
//     place.
//
// The environment is read in main.go and nowhere else: the language from
// LC_ALL, LC_MESSAGES or LANG, the actor of the audit log from the operating
// system's user.
package main
