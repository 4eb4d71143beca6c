// Package match says whose record a record is. It holds the lossless
// normalisation of document numbers, names, plates and property numbers, the
// validity of documents, and the exact person key they lead to.
//
// Lossless means that two texts become equal only when they are the same thing
// written differently: width, case, white space, the old 15-digit form. No
// spelling is corrected and no character is taken for a similar one, so equality
// here may carry strong evidence.
//
// The package is pure: it reads no files and no clock. It knows no records
// outside its arguments, and it never decides what a match means.
package match
