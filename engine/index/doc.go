// Package index builds and reads the keys under which records are found that do
// not lie under a person's own exact document: mistyped, masked or missing
// numbers, former numbers, names in letters. It also answers who else in the
// register has a name, how common the name is, and who else is registered in a
// household.
//
// Main types: Builder takes Loose records and Registered people and writes the
// index sections of a generation; Open gives a Reader of them; a Cursor answers a
// Query with Candidates.
//
// The exact routes need nothing built here. A resident number (K1), its 15-digit
// form (K2, which raises to the same number), another document by type and number
// (K3) and a credit code (K8) are keys of the section of people already. Here are
//
//	former     a former or current number of the register → its counterparts
//	K4         folded name, birth date
//	K5         folded name, birth year, county
//	K6         folded name, last four characters of a masked number
//	K7         pinyin, birth date, of names with letters
//	illegible  birth date, length, and the first legible character with its place,
//	           of names with lost characters
//	K9         the texts of invalid resident numbers
//
// Keys are exact. Typing errors are expanded by the one who asks: some 180 numbers
// one error away from the declared one are tried against a filter in memory. A
// name with lost characters and no birth date is found by its number only, and so
// is a person who is asked for under such a name.
//
// Invariants:
//   - What is written depends on the set of what was added, never on its order, on
//     repetition or on the memory budget.
//   - Every record that shares a route's key with a query is a candidate of that
//     route, unless more than HotKey records share the key: then the route is
//     reported as too common, never cut short in silence.
//   - A filter has no false negatives. Names and numbers are hashed, so a candidate
//     may be a stranger: the caller confirms every one on the stored record.
//   - A section that is missing, incomplete or unreadable is an error. A generation
//     without an index is ErrNoIndex and never an empty answer.
//
// What it does not do: decide whether a candidate is the person, read profiles,
// keep names or numbers in the clear but for the keys of people themselves. The
// bytes are described in docs/store-format.md.
package index
