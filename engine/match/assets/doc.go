// Package assets gives one asset reported by two departments one key: vehicles
// by VIN or plate, property by unit code or certificate number, accounts by
// institution and number, employers by code.
//
// Two strong keys (Weak false) that are equal are the same asset. For anything
// less PossibleDuplicate says whether two keys deserve to be shown together,
// counted with both totals. A normalisation never changes a digit, never takes
// O for 0 or I for 1, and is idempotent; what looks wrong is a note. The one
// thing dropped besides width, case, space and marks is the leading zeros of a
// certificate's own number.
//
// The package is pure and knows no owners, shares or values.
package assets
