// Command endtoend measures the main job on a generated province, beside databases
// that do the same job from the same files: five CSV files to something that can be
// asked, then batches of households. Every step is a whole process; the steps of all
// engines are interleaved, round after round.
//
//	go run ./bench/endtoend -sizes 100000 -python bench/.venv/bin/python
//
// Every peer writes outcome, finding codes and both sums of every household, and they
// are compared with hedui's verdicts: a difference that is not listed with its reason
// fails the run. The result is a dated page and a JSON file in bench/results; the
// short table goes to stdout. docs/benchmarks.md says what each form is.
package main
