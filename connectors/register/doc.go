// Package register describes the files of the population register: their columns,
// their types and which of them a row cannot do without. What every department
// shares, file formats and encodings, is in package connectors.
//
// The register is optional. It says who people are: nothing in it is counted, and a
// household is checked without it, with weaker links left to people.
package register
