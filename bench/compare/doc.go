// Package compare holds the test that two readings of the reference means test
// agree: the engine, through its whole path from files to verdicts, and package
// oracle, which shares no code with it. The province they read comes from package
// province.
//
// It exports nothing. The counts of every finding, effect, grade, coverage state,
// refusal and quarantine code that occurred are printed, and each must occur often
// enough, so that an agreement about nothing fails.
package compare
