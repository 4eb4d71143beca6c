// Package memory holds the test that ingest stays inside its memory whatever the
// size of the file: it writes one bank file of the size asked for, ingests it with
// the real program under a budget cut in proportion, and reads the peak memory of
// that process from the operating system.
//
// It exports nothing.
package memory
