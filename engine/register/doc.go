// Package register is the register of households in the ledger, as package recheck asks
// for it: who is registered, what their last verdict said, and the queue of what checking
// again found changed.
package register
