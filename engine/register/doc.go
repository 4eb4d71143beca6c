// Package register is the register of households in the ledger, as package recheck asks
// for it: who is registered, what their last verdict said, and the queue of what checking
// again found changed.
//
// Main types: State is what is kept of a household in one scheme, the body of its
// ledger.Household; AppendState and Decoder are its form. New is the register of a scheme
// as a recheck.Registry. Change is the body of a task in the queue Changes.
//
// Invariants:
//   - A stored state is read as it was kept or not at all, and equal states are equal
//     bytes. One that is damaged is an error, one of another version is verified again.
//   - A household counts as one that asks something else as soon as its authorisation was
//     amended or withdrawn, may say otherwise by the day, or somebody said something of
//     an objection to its records since it was judged.
//   - Reading the register reads every state once, as they are at one moment.
//   - A change in the queue holds codes and numbers and nothing personal. A state holds
//     keys of people, which the ledger seals with everything else.
//
// What it does not do: judge an authorisation, look at anybody, or write into the ledger.
package register
