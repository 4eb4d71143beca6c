// Package keyring holds the keys of an encrypted data directory, and seals with them.
//
// Master keys lie in a key file outside the data directory. They wrap the data keys,
// which lie wrapped in the file keys.json of the directory: one for each snapshot and
// each generation, and one for each other purpose, such as the ledger. Temporary
// files are sealed with a key that is stored nowhere. Who has the directory, or a copy
// of it, and not the key file, has nothing; who destroys one data key has shredded
// what was sealed with it.
//
// Main types: Ring is the keys of a directory, Key is an opened data key and seals,
// Place is where sealed bytes belong, Provider is a suite of algorithms, Signer signs
// with SM2, Pseudonyms tells numbers without telling them.
//
// Invariants:
//   - A nonce never repeats under a key: it is 64 random bits, drawn when the key is
//     opened, and a count of 32 bits, at whose end the key refuses to seal.
//   - Sealed bytes open with their own key at their own place only, so that swapped,
//     moved, changed and cut ones are refused.
//   - A data key is durable in keys.json before the first byte is sealed with it.
//   - Keys are made, renamed, wrapped anew and destroyed under the lock of keys.json,
//     and wrapped by the newest master key that the key file has then.
//   - The number of a data key is never used again.
//   - No key, and nothing sealed, is in a text of an error.
//
// What it does not do: decide what is sealed, read a clock, or keep a master key in
// hardware. A Provider for a cryptographic machine hands out handles as keys.
package keyring
