// Package dock is what two nodes say to each other when one asks the other for evidence:
// a city centre asks the province's for the sources that it lacks (多层次平台对接).
//
// Main types: Catalogue is what a node holds, Question what is asked of it, Answer what it
// says of each person; Sealed is either of the answers with the signature over it. Upper
// is a node that can be asked. Package upper asks one over HTTPS.
//
// Invariants:
//   - An answer counts only when its signature is by the one key that is configured, and
//     when it is to this very question: the digest and the nonce are in what is signed,
//     and so is the generation that it was read from and when.
//   - Absence is said: an answer has every person that was asked about, in their order,
//     and says of each that nothing is held or what is. One that leaves somebody out, or
//     says both or neither, is none.
//   - Whatever is wrong with an answer is a *Failure with a code. It holds nothing that
//     was sent. A failure never becomes an answer.
//   - A question holds numbers of households and authorisations, and keys of people; no
//     names. It prints without the keys.
//
// What it does not do: judge an authorisation, decide who may ask, read a generation, or
// keep anything: an answer is used while it is there and is then gone.
package dock
