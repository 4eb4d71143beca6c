// Command recheck measures what it costs to verify registered households again after a
// publish, beside verifying everybody.
//
//	go run ./bench/recheck -perturb bank.csv -out bank1.csv -percent 1
//
// writes a bank's file again, with the rows in another order and other balances for one
// per cent of its people: always the same ones. Ingested on a later day and published
// beside the first generation,
//
//	go run ./bench/recheck -data store -before ID -after ID -batch batch.jsonl
//
// registers every household of the batch, verifies all of them against both generations,
// and then against the second only those that may have changed. It fails when what a
// recheck leaves is not what the full run says of every household. Times are of one
// process with warm files; the registry is in memory.
//
// With -ledger DIR the register is a ledger: everybody's authorisation and first verdict
// are put there once, in DIR/start, and both runs go through a desk over copies of it,
// with the audit log. It fails when they leave other verdicts, cases, changes or states.
package main
