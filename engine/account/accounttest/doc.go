// Package accounttest is the contract of account.Store, and a store in memory that
// fulfils it.
//
// Main types: Memory is the store; Run is the contract. Memory keeps accounts in
// their stored form, so a test that uses it also tests that form.
package accounttest
