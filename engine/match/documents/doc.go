// Package documents explains what an identity number is: which documents its
// form and its checks allow, the canonical key under each reading, and notes on
// what is odd about it.
//
// Inspect explains and never rejects for a division code: codes are abolished
// and numbers are not. Whether a record is linked at all is decided by
// match.ParseDocument; the resident reading here is valid exactly when that
// function says so. A text that passes the checks of two documents keeps both
// readings. Mask reads numbers with hidden digits, Repairs lists the numbers one
// typing error away, and Alias names a former number.
//
// The package is pure: no clock, no files, no state. It does not know which
// numbers were issued, and a note is never evidence against a person.
package documents
