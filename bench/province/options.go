package province

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Formats of a department file, the values of [Options.Formats]. The file name's
// extension follows the format.
const (
	FormatCSV     = "csv"         // UTF-8, comma, English headers and codes
	FormatGB18030 = "csv.gb18030" // GB18030, comma, Chinese headers and codes
	FormatGzip    = "csv.gz"      // FormatCSV, compressed
	FormatTSV     = "tsv"         // UTF-8, tab, English headers and codes
	FormatXLSX    = "xlsx"        // one sheet, Chinese headers and codes
)

// DefaultOn is the date of the check when [Options.On] is empty.
const DefaultOn = "2026-11-01"

// DefaultBatchPercent is the share of ordinary households in the batch when
// [Options.BatchPercent] is 0.
const DefaultBatchPercent = 4

// Options say what to generate. Only Out and People are required.
type Options struct {
	// People is the number of people in the province, 1 to 50,000,000.
	People int
	// Seed chooses the province; every seed is as good as another.
	Seed uint64
	// Out is the folder to write into. It is made when it does not exist; files of
	// the same names are overwritten.
	Out string
	// On is the date of the check, as 2006-01-02; [DefaultOn] when empty. The flows
	// cover the months from January of the year the window begins in to the month
	// before On.
	On string
	// BatchPercent is the share of ordinary households in the batch in percent, 0
	// for [DefaultBatchPercent]. Planted households are always in it.
	BatchPercent int
	// Dirty is the number of bad rows per 10,000, 0 to 5,000. Bad rows belong to
	// ordinary households and to the planted cases incomplete_*, which exist only
	// when Dirty is above 0.
	Dirty int
	// Second also writes the files of a second provider into Out/stale, meant to be
	// ingested with the as-of date and months of [Summary.StaleAsOf] and
	// [Summary.StaleCovers]: everything only it knows is grade B on the date On.
	Second bool
	// Formats gives the format by source name; [FormatCSV] for a source not named.
	Formats map[string]string
	// Months splits tax into one file per month. A bare year lies in the file of the
	// last covered month of that year.
	Months bool
	// Banks splits bank into so many files by institution, at most
	// [MaxBanks]; 0 and 1 keep one file.
	Banks int
	// Register also writes register.csv, the population register.
	Register bool
	// Corrupt is how wrongly departments write numbers and names: [CorruptBase],
	// [CorruptBad] or [CorruptX3]; empty for a province where they don't. identity.csv
	// then says whose the rows are that don't carry their person's number and name.
	Corrupt string
	// Purposes are schemes that the households' consent names beside its purpose, so
	// that one batch can be judged for several; small letters, digits and _.
	Purposes []string
	// Progress, when not nil, is told now and then how many rows of all files are
	// written. Calls come one at a time, from any goroutine.
	Progress func(done, total int64)
}

// MaxBanks is the number of institutions of the province.
const MaxBanks = 24

const maxPeople = 50_000_000

// Validate returns everything that is wrong with the options, joined.
func (o Options) Validate() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if o.People < 1 || o.People > maxPeople {
		wrong("people %d: want 1 to %d", o.People, maxPeople)
	}
	if o.Out == "" {
		wrong("no folder to write into")
	}
	if o.On != "" {
		if _, err := newCalendar(o.On); err != nil {
			errs = append(errs, err)
		}
	}
	if o.BatchPercent < 0 || o.BatchPercent > 100 {
		wrong("batch of %d %%: want 0 to 100", o.BatchPercent)
	}
	if o.Dirty < 0 || o.Dirty > 5000 {
		wrong("%d dirty rows per 10,000: want 0 to 5000", o.Dirty)
	}
	if o.Banks < 0 || o.Banks > MaxBanks {
		wrong("%d bank files: want 0 to %d", o.Banks, MaxBanks)
	}
	for _, s := range o.Purposes {
		if s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			wrong("purpose %q: want small letters, digits and _", s)
		}
	}
	switch o.Corrupt {
	case "", CorruptBase, CorruptBad, CorruptX3:
	default:
		wrong("corruption %q: want base, bad or x3", o.Corrupt)
	}
	names := append(sourceNames[:], register.String())
	for _, name := range sortedKeys(o.Formats) {
		if !slices.Contains(names, name) {
			wrong("format of %q: no such source; want one of %v", name, names)
		}
		switch o.Formats[name] {
		case FormatCSV, FormatGB18030, FormatGzip, FormatTSV, FormatXLSX, "":
		default:
			wrong("format %q of %s: want csv, csv.gb18030, csv.gz, tsv or xlsx", o.Formats[name], name)
		}
	}
	return errors.Join(errs...)
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Summary says what was written.
type Summary struct {
	People          int              `json:"people"`
	Households      int              `json:"households"`
	BatchHouseholds int              `json:"batch_households"`        // lines of batch.jsonl
	Planted         int              `json:"planted"`                 // of them, with a line in truth.jsonl
	Cases           int              `json:"cases"`                   // different planted cases
	Rows            map[string]int64 `json:"rows"`                    // by source; the second provider's as stale/<source>
	DirtyRows       int64            `json:"dirty_rows"`              // lines of dirty.jsonl
	IdentityRows    int64            `json:"identity_rows,omitempty"` // lines of identity.csv but the header
	Corruptions     map[string]int64 `json:"corruptions,omitempty"`   // of them, by code
	Bytes           int64            `json:"bytes"`                   // of all files
	Files           []File           `json:"files"`                   // in the order of the sources
	AsOf            string           `json:"as_of"`                   // of the department files, 2006-01-02
	Covers          string           `json:"covers"`                  // of tax and insurance, 2006-01..2006-12
	StaleAsOf       string           `json:"stale_as_of"`             // of the second provider
	StaleCovers     string           `json:"stale_covers"`
}

// File is one department file that was written.
type File struct {
	Source string `json:"source"`
	Name   string `json:"name"` // below Out, with forward slashes
	Rows   int64  `json:"rows"`
	Covers string `json:"covers,omitempty"` // of tax and insurance
	Stale  bool   `json:"stale,omitempty"`  // of the second provider
}
