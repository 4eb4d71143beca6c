package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/connectors"
	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/keyring"
	"github.com/hedui/hedui/engine/snapshot"
)

type ingestOptions struct {
	ingest.Options
	ingestFrom
	source  sourceFlag
	asOf    dateFlag
	covers  monthsFlag
	mapping string
	memory  sizeFlag
	publish bool
	asJSON  bool
}

// newIngestCommand takes department files in.
func newIngestCommand(a *app) *cobra.Command {
	o := ingestOptions{memory: sizeFlag{512 << 20}}
	cmd := &cobra.Command{
		Use:   "ingest --data DIR --source S --as-of DATE {FILE… | --from kafka://HOST:PORT/TOPIC}",
		Short: "Take a department's files in as one sealed snapshot",
		Long: `ingest reads the files of one provider, as of one day, into one sealed snapshot.
Format, compression, encoding, delimiter and the order of columns are found out;
hedui connectors lists the columns. Every row is accepted, quarantined or a
duplicate; the quarantine file names the row, the column and the code of each
fault.

tax and insurance are flows: --covers says which months the files are complete
for. The same provider and date again needs --supersede. A delivery with far
fewer rows than the one before is held until it is ingested with --accept-shrink.
` + exitStatuses + quarantinedStatus,
		Example: `  hedui ingest --data store --source vehicle --as-of 2026-10-31 vehicles.xlsx
  hedui ingest --data store --source tax --as-of 2026-10-31 --covers 2025-01..2026-10 tax-*.csv
  hedui ingest --data store --source bank --provider icbc --as-of 2026-10-31 --mapping icbc.yaml balances.txt
  hedui ingest --data store --source vehicle --as-of 2026-10-31 --from kafka://127.0.0.1:9092/vehicles --until mark`,
		Args: o.args(someArgs("a department file")),
		RunE: func(cmd *cobra.Command, args []string) error {
			required := []string{"data", "source", "as-of"}
			if o.source.source.IsFlow() {
				required = append(required, "covers")
			}
			if err := requireFlags(cmd, required...); err != nil {
				return err
			}
			if !o.source.source.IsFlow() && cmd.Flags().Changed("covers") {
				return wrongUsage("leave it out: the files of "+o.source.String()+" stand for one day", "--covers is for tax and insurance only")
			}
			o.Files = args
			return runIngest(cmd, a, o)
		},
	}
	f := cmd.Flags()
	o.flags(f)
	dataFlag(cmd, &o.Dir)
	f.Var(&o.source, "source", "`source` of the files: tax, vehicle, property, bank, insurance or register (required)")
	f.StringVar(&o.Provider, "provider", "", "`name` of who delivers, where a source has several (default the source's name)")
	f.Var(&o.asOf, "as-of", "`date` the files stand for, as in 2026-10-31 (required)")
	f.Var(&o.covers, "covers", "`months` the files are complete for, as in 2025-01..2026-10 (required for tax and insurance)")
	f.StringVar(&o.Encoding, "encoding", "", "utf-8 or gb18030 (default found out)")
	f.StringVar(&o.mapping, "mapping", "", "YAML `file` that describes a layout of its own")
	f.BoolVar(&o.Supersede, "supersede", false, "replace the provider's snapshot of the same date")
	f.BoolVar(&o.AcceptShrink, "accept-shrink", false, "take far fewer rows than last time")
	f.BoolVar(&o.AcceptInstitutions, "accept-institutions", false, "take other banks than last time")
	f.IntVar(&o.MaxShrinkPercent, "max-shrink", 20, "`percent` a delivery may shrink without being held")
	f.Var(&o.memory, "memory", "`size` of the memory for rows in work, as in 1GiB; what doesn't fit is spilled")
	f.BoolVar(&o.publish, "publish", false, "also publish a generation afterwards")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// ingestReport is what hedui ingest --json prints.
type ingestReport struct {
	Source         string                 `json:"source"`
	Provider       string                 `json:"provider"`
	Snapshot       string                 `json:"snapshot"`
	State          string                 `json:"state"`
	RowsIn         int64                  `json:"rows_in"`
	Accepted       int64                  `json:"accepted"`
	Quarantined    int64                  `json:"quarantined"`
	Duplicates     int64                  `json:"duplicates"`
	Unlinked       int64                  `json:"unlinked"`
	Persons        int64                  `json:"persons"`
	QuarantineFile string                 `json:"quarantine_file"`
	QuarantineBy   map[string]int64       `json:"quarantined_by_code"`
	UnknownColumns []string               `json:"unknown_columns,omitempty"`
	Sums           []snapshot.ColumnSum   `json:"sums,omitempty"`
	Files          []snapshot.FileAccount `json:"files"`
	Generation     string                 `json:"generation,omitempty"` // with --publish
}

func runIngest(cmd *cobra.Command, a *app, o ingestOptions) error {
	o.Department = departments.Of(o.source.source)
	o.AsOf, o.Covers = o.asOf.date, o.covers.months
	o.MemoryBudget = o.memory.bytes
	if o.MaxShrinkPercent < 1 || o.MaxShrinkPercent > 100 {
		return wrongUsage("--max-shrink takes 1 to 100", "%d percent is no share to shrink by", o.MaxShrinkPercent)
	}
	if o.mapping != "" {
		m, err := connectors.LoadMapping(o.mapping)
		if err != nil {
			return err
		}
		o.Mapping = m
	}
	var err error
	if o.Keys, err = a.keys(o.Dir); err != nil {
		return err
	}
	if o.from.topic != "" {
		b, err := o.connect(a)
		if err != nil {
			return err
		}
		defer b.Close()
		if err := o.deliver(cmd.Context(), b, &o.Options); err != nil {
			return err
		}
	}
	t := a.track("ingest "+o.source.String(), "bytes")
	stage := ""
	o.Progress = func(p ingest.Progress) {
		if p.Stage != stage && stage != "" {
			t.stop()
			t = a.track("sort "+o.source.String(), "rows")
		}
		stage = p.Stage
		t.update(p.Done, p.Total)
	}
	r, err := ingest.Run(cmd.Context(), o.Options)
	t.stop()
	held := errors.Is(err, ingest.ErrHeld)
	if err != nil && !held {
		return ingestFailure(err)
	}
	report := ingestReport{
		Source: r.Source.String(), Provider: r.Provider, Snapshot: r.Snapshot, State: string(r.State),
		RowsIn: r.RowsIn, Accepted: r.Accepted, Quarantined: r.Quarantined, Duplicates: r.Duplicates,
		Unlinked: r.Unlinked, Persons: r.Persons, QuarantineFile: r.QuarantineFile, QuarantineBy: r.ByCode,
		UnknownColumns: r.UnknownColumns, Sums: r.Sums, Files: r.Files,
	}
	var published publishReport
	if o.publish && !held {
		if published, err = publishNow(cmd, a, publishOptions{data: o.Dir, keep: defaultKeep}); err != nil {
			return fmt.Errorf("snapshot %s was ingested, but not published: %w", r.Snapshot, err)
		}
		report.Generation = published.Generation
	}
	if o.asJSON {
		if err := printJSON(a.stdout, report); err != nil {
			return err
		}
	} else {
		if err := printIngest(a.stdout, &report); err != nil {
			return err
		}
		if report.Generation != "" {
			if err := printPublish(a.stdout, &published); err != nil {
				return err
			}
		}
	}
	if r.Quarantined > 0 {
		fmt.Fprintf(a.stderr, "%s quarantined; row, column and code of each in %s\n", counted(int(r.Quarantined), "row"), quarantinePlace(o.Dir, o.Keys, &r))
		if !o.asJSON {
			if err := showFaults(a.stderr, o.Dir, o.Keys, r.Snapshot); err != nil {
				return err
			}
		}
	}
	switch {
	case held:
		return ingestFailure(err)
	case r.Quarantined > 0:
		return errPartial
	default:
		return nil
	}
}

// quarantinePlace says where the quarantined rows are to be read.
func quarantinePlace(data string, keys *keyring.Ring, r *ingest.Result) string {
	if keys == nil {
		return r.QuarantineFile
	}
	return "hedui snapshots quarantine --data " + data + " " + r.Snapshot
}

// shownFaults is how many quarantined rows are shown right away.
const shownFaults = 3

// showFaults prints the first rows of a quarantine file. What it holds is masked.
func showFaults(w io.Writer, data string, keys *keyring.Ring, id string) error {
	dir, err := snapshot.OpenDirWith(data, snapshot.Options{Keys: keys})
	if err != nil {
		return err
	}
	f, err := dir.OpenQuarantine(id)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := csv.NewReader(f)
	lines.ReuseRecord = true
	for n := -1; n < shownFaults; n++ { // the header is line -1
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read quarantine file of snapshot %s: %w", id, err)
		}
		if n < 0 || len(fields) < 5 {
			continue
		}
		fmt.Fprintf(w, "  file %s, row %s", fields[0], fields[1])
		if fields[2] != "" {
			fmt.Fprintf(w, " (line %s)", fields[2])
		}
		if fields[3] != "" {
			fmt.Fprintf(w, ", column %s", fields[3])
		}
		fmt.Fprintf(w, ": %s\n", fields[4])
	}
	return nil
}

func printIngest(out io.Writer, r *ingestReport) error {
	var b strings.Builder
	name := r.Source
	if r.Provider != r.Source {
		name += " " + r.Provider
	}
	fmt.Fprintf(&b, "%s  snapshot %s  %s\n", name, r.Snapshot, r.State)
	fmt.Fprintf(&b, "  %d rows in = %d accepted + %d quarantined + %d duplicates\n", r.RowsIn, r.Accepted, r.Quarantined, r.Duplicates)
	b.WriteString(spansText(r.Files))
	fmt.Fprintf(&b, "  %d people, %d rows linked to nobody\n", r.Persons, r.Unlinked)
	for _, code := range slices.Sorted(maps.Keys(r.QuarantineBy)) {
		fmt.Fprintf(&b, "  quarantined %s: %d\n", code, r.QuarantineBy[code])
	}
	if len(r.UnknownColumns) > 0 {
		fmt.Fprintf(&b, "  unknown columns, ignored: %s\n", strings.Join(r.UnknownColumns, ", "))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// ingestFailure says what can be done about an ingest that was refused.
func ingestFailure(err error) error {
	switch {
	case errors.Is(err, ingest.ErrUsage):
		return wrongUsage("see hedui ingest --help", "%w", err)
	case errors.Is(err, ingest.ErrExists):
		return withHint(err, "use --supersede to replace it")
	case errors.Is(err, ingest.ErrHeld):
		return withHint(err, "if the files are complete, ingest them again with --accept-shrink")
	case errors.Is(err, ingest.ErrInstitutions):
		return withHint(err, "give the files of another bank their own --provider, or accept the change with --accept-institutions")
	default:
		return err
	}
}
