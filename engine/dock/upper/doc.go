// Package upper asks the node above over HTTPS: the client of package dock.
//
// Main type: Node, a dock.Upper.
//
// Invariants:
//   - Both sides show a certificate, and a token besides; the answer is signed by the key
//     that is configured, or it is none.
//   - Whoever does not answer costs little: after a failure nobody at a counter waits for
//     the next question until a pause is over, which doubles up to half a minute.
//   - Nothing that was asked or answered is logged or kept.
//
// What it does not do: decide what is asked, or use an answer.
package upper
