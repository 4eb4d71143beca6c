// Package storetest is the contract of a generation store: the tests and
// benchmarks that every implementation of store.Store passes.
//
// Run takes a function that makes an empty store. To add an implementation, call
// Run and Bench from its tests; nothing else is needed. Entries are made from their
// keys, so a wrong answer is seen without a second copy of the data.
//
// What it does not do: damage files or kill processes; that is tested beside the
// implementation that has files.
package storetest
