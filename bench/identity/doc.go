// Command identity measures how records are linked to people on provinces whose
// identities are written as departments write them: mistyped, masked, missing, under
// former names and numbers, of people who look alike. Every person of the register is
// asked for, every record is compared with the truth, and a dated page says how many
// links were right, of all and for each kind of corruption, with exact bounds.
//
//	go run ./bench/identity -people 1000000 -seeds 1,2,3 -corrupt base
//	go run ./bench/identity -people 1000000 -seeds 1 -corrupt x3
//	go run ./bench/identity -people 1000000 -seeds 1 -sample 1000
//
// It fails when a promise of the page does not hold. The matcher sees nothing of the
// generator: what is measured goes through files, snapshots and a published
// generation like any department's.
package main
