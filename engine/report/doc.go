// Package report makes the 核对报告 of a verdict: the page that an official and a family
// can read, and the summary of a region.
//
// Main types: Input is all that a report is made of, Document is the report in one
// language as plain data, made by Build; HTML and XLSX write it; Flip works out what would
// change the outcome.
//
// Invariants:
//   - A document is a function of its Input: no clock, no order of a map. Every form
//     shows the texts of the document and adds only headings of the same catalogue.
//   - What the masks hide is not in the document, so no form of it can show it. Where
//     amounts are bands, no difference and no distance from a limit is said.
//   - "Nothing found" (查无记录) is only said of a source whose state is none. Where any
//     source could not answer in full, the report says that absence is not established.
//   - Digest and Code are of the content, and the same for HTML, XLSX and PDF.
//   - What came from a file is text: it never becomes markup, a formula or a control
//     character. Rare characters stay as they are.
//
// What it does not do: look anything up, decide, print to PDF, sign, or keep a report.
package report
