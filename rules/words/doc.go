// Package words tells the law of a rule pack in sentences, in Chinese and in English,
// and what is different between two laws.
//
// Main types: Piece is one thing that a law says (a value, a rule, who belongs to the
// household), with its parts and the place it stands; Change is a piece that another law
// does not have, has otherwise, or has on another ground.
//
// Invariants:
//   - Two laws that judge some household differently have different pieces: whatever a
//     rules.Law holds is in one of them.
//   - Pieces and changes come in the order of the sections and of the pack. Nothing
//     depends on the order of a map.
//   - Every text is there in both languages. What a pack says in one language only, such
//     as its legal references, is given as it is.
//
// What it does not do: load packs, look at households, or print.
package words
