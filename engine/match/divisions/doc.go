// Package divisions is the dated table of administrative division codes (GB/T
// 2260): which code had which name in which published lists, and what a retired
// code became where that follows from the lists alone.
//
// An unknown code is never a fault of the number that carries it: codes are
// abolished, reused and missed by lists. The table ends with the list TableTo;
// a code still in that list is taken to live on. The package searches its
// embedded text in place, so it holds no state and needs no loading.
//
// Provenance: derived on 2026-11-24 by gen from 72 published lists of the
// ministries, 1980-12 to 2019-04 (yearly before 2015, then monthly). A code may
// have lived a little longer than the table shows. Successors are inferred: the
// next name of the same code, or the one code of the same name that appears in
// the very next list. They are hints, not law.
//
// It does not know townships and villages; codes of 9 and 12 digits are read by
// their county.
package divisions

//go:generate go run ./gen -in $DIVISIONS -out table.txt
