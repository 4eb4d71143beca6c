// Package tax describes the files of the tax department: their columns,
// their types and which of them a row cannot do without. What every department
// shares, file formats and encodings, is in package connectors.
package tax
