// Package staff joins accounts with what they need: the ledger as the store of users,
// sessions, tokens and failed tries, and the policy as what roles mean.
//
// Main types: Store is the account.Store of a ledger; Rules is the account.RoleRules of
// the policy; Subject says who an Identity is to the policy.
//
// Invariants:
//   - What account.Store promises, with the ledger's durability: a session that was
//     ended is not in the ledger any more when the commit returns.
//   - Nothing that opens a door is a key of the ledger but its hash.
//   - A role that the policy does not know gives no rights, never an error that a
//     caller might take for an outage.
//
// What it does not do: sign in, count, hash, or decide.
package staff
