// Package account says who somebody is: local accounts with passwords and second
// factors, the sessions they open, and the tokens programs use.
//
// Main types: Accounts is the way in and holds no state but the gate of the
// password hash; User, Session and Token are what a Store keeps; Identity is who
// turned out to be there; Event is what the audit log is to be told.
//
// Invariants:
//   - Nothing that opens a door is kept: passwords and recovery codes only as
//     Argon2id or SM3 hashes, sessions and tokens as SM3 hashes of 32 random bytes.
//     The secret of a second factor has to be kept; the store encrypts it.
//   - A failed sign-in tells the outside one thing, whatever failed. A name nobody
//     has costs the same hash as a wrong password, and is locked out alike.
//   - A try is counted before its password is looked at, so tries made at once are
//     not free.
//   - A one-time code opens one session, also when two arrive together.
//   - An account has at most one session. A change of its roles, division, purposes,
//     state, password or second factor ends it in the same commit.
//   - Roles exclude each other by person, not by account.
//   - The last account that can look after accounts stays able to.
//   - No password, code or secret stands in an error, an event or a log line.
//
// What it does not do: decide what a role may do (RoleRules is asked what it needs
// to know), read a clock (the caller hands in the time), write the audit log. Every
// way in returns an Event; the caller writes it, and when it can't it uses nothing
// of the result and ends the session it was given.
package account
