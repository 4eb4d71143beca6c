// Package block is one sealed page of many people: the unit that a generation
// stores, checksums, reads and proves absence with.
//
// A block covers a range of person keys, low inclusive and high exclusive, and
// holds the entries of every person of that range who has one. The blocks of a
// section partition the key space, so a person of whom nothing is held is proven
// absent by the one verified block whose range covers the key.
//
// Main types: Builder makes a block, Open verifies one and gives a Block, which
// reads it in place without allocating.
//
// Invariants:
//   - Keys ascend strictly and lie within the range of the block.
//   - The encoding is canonical: a block that Open accepts is, byte for byte, what
//     Builder makes of its contents.
//   - Everything is covered by the checksum, the range included.
//   - Bytes of any origin are refused by an error, never by a panic.
//
// What it does not do: know what a payload means (the caller's business), keep
// blocks (package store), encrypt: key id, nonce and tag are zero in a block, and filled
// in its sealed form (package keyring), which Open refuses.
//
// Layout, format 1, all numbers little endian:
//
//	 0   4  magic "HDBK"
//	 4   2  format version, 1
//	 6   2  profile version: the version of the payloads, opaque here
//	 8   4  header length H, a multiple of 8
//	12   4  flags: bit 0 = last block of its section, no upper bound
//	16   4  key id        0
//	20  12  nonce         0
//	32  16  tag           0
//	48   8  xxhash64 of bytes 0–47 and 56–end
//	56   4  count N of entries
//	60   4  length E of the entries
//	64   4  length L of the text of the low key
//	68   4  length M of the text of the high key
//	72   8  number of the low key
//	80   8  number of the high key, 0 in the last block
//	88   L  text of the low key
//	     M  text of the high key
//	        zero bytes up to H
//	 H  8N  numbers of the keys, ascending
//	    4N  offsets of the entries, the first 0
//	     E  entries: text length (uvarint, shortest form), text, payload up to
//	        the next offset
package block
