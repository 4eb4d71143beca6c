// Package replay recomputes a verdict from its trace and nothing else: no generation, no
// request, no rule pack.
//
// It computes every limit from the recorded values of the law and the factors, evaluates
// every condition over the recorded variables, compares, grades, and writes findings and
// outcome; the bytes must be those of the verdict that was stored. What a rule names and
// the trace does not hold is an error that names it, never a zero. What is written twice
// must agree: the total with the lines and deductions, facts with the sheets, limits
// with the sheets that show them.
//
// Records, deductions and derived amounts are taken as recorded: they come from the
// generation, which a trace does not hold.
package replay
