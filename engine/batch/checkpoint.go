package batch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/hedui/hedui/engine/durable"
)

// binding is what a checkpoint is good for. Verdicts of two bindings may never
// share a file.
type binding struct {
	Format     int    `json:"format"`
	Batch      string `json:"batch"` // SHA-256 of the whole file
	Bytes      int64  `json:"batch_bytes"`
	Generation string `json:"generation"`
	Pack       string `json:"pack"`
	PackDigest string `json:"pack_digest"`
	On         string `json:"on"`
	Schemes    string `json:"schemes,omitempty"` // of several: names and ranks, in the order asked
}

// bindingOf is what packs, schemes and date bind an output to. Of several schemes the
// digests stand together, in the order asked.
func bindingOf(judges []Judge, schemes []Scheme) binding {
	b := binding{Format: 1, On: judges[0].Verifier.On().String()}
	var packs, digests, names []string
	for i := range judges {
		p := judges[i].Verifier.Pack()
		packs, digests = append(packs, p.Name), append(digests, p.Digest)
	}
	for i := range schemes {
		names = append(names, schemes[i].Name+" "+strconv.Itoa(schemes[i].Rank))
	}
	b.Pack, b.PackDigest, b.Schemes = strings.Join(packs, ","), strings.Join(digests, ","), strings.Join(names, ",")
	return b
}

// checkpoint says how far the output is.
type checkpoint struct {
	binding
	Lines     int64    `json:"lines"`
	Offset    int64    `json:"batch_offset"`
	OutBytes  int64    `json:"out_bytes"`
	OutDigest uint64   `json:"out_xxhash64,string"`
	Summary   Summary  `json:"summary"`
	Several   *Several `json:"several,omitempty"`
}

// ErrOtherBatch is returned when an unfinished output belongs to another batch,
// generation, date, pack or list of schemes.
var ErrOtherBatch = errors.New("the unfinished output belongs to another batch, generation, pack or date")

// output is the file being written and its checkpoint.
type output struct {
	path  string // final name
	f     *os.File
	sum   *xxhash.Digest
	bytes int64

	started    int64      // bytes that are on their way to the disk
	committing chan error // the commit on its way, nil for none
}

// startAt is how much is written before it is sent on its way to the disk, so that a
// commit finds most of it there.
const startAt = 16 << 20

func (o *output) partPath() string       { return o.path + ".part" }
func (o *output) checkpointPath() string { return o.path + ".checkpoint" }

// unfinished reports whether there is an output that may be gone on with.
func unfinished(path string) bool {
	_, err := os.Stat((&output{path: path}).checkpointPath())
	return !errors.Is(err, os.ErrNotExist)
}

// openOutput opens a new output, or the unfinished one that b can go on with. It
// returns where to go on from.
func openOutput(path string, b binding, restart bool) (*output, checkpoint, error) {
	o := &output{path: path, sum: xxhash.New()}
	start := checkpoint{binding: b, Summary: newSummary()}
	text, err := os.ReadFile(o.checkpointPath())
	switch {
	case errors.Is(err, os.ErrNotExist) || err == nil && restart:
		flags := os.O_RDWR | os.O_CREATE | os.O_TRUNC
		if o.f, err = os.OpenFile(o.partPath(), flags, 0o600); err != nil {
			return nil, start, err
		}
		// The old checkpoint goes before the first new byte, or a crash would
		// leave it beside another output.
		if err := os.Remove(o.checkpointPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, start, err
		}
		return o, start, nil
	case err != nil:
		return nil, start, err
	}
	var c checkpoint
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, start, fmt.Errorf("read checkpoint %s: %w", o.checkpointPath(), err)
	}
	if c.binding != b {
		return nil, start, fmt.Errorf("%s: %w", o.checkpointPath(), ErrOtherBatch)
	}
	if o.f, err = os.OpenFile(o.partPath(), os.O_RDWR, 0o600); err != nil {
		return nil, start, err
	}
	n, err := io.Copy(o.sum, io.LimitReader(o.f, c.OutBytes))
	if err == nil && (n != c.OutBytes || o.sum.Sum64() != c.OutDigest) {
		err = fmt.Errorf("%s does not hold what its checkpoint says", o.partPath())
	}
	if err == nil {
		err = o.f.Truncate(c.OutBytes)
	}
	if err == nil {
		_, err = o.f.Seek(c.OutBytes, io.SeekStart)
	}
	if err != nil {
		o.f.Close()
		return nil, start, err
	}
	o.bytes = c.OutBytes
	c.Summary.Counts = c.Summary.withMaps()
	return o, c, nil
}

func (o *output) write(b []byte) error {
	n, err := o.f.Write(b)
	o.bytes += int64(n)
	_, _ = o.sum.Write(b[:n])
	if err == nil && o.bytes-o.started >= startAt {
		durable.StartWriting(o.f)
		o.started = o.bytes
	}
	return err
}

// commit begins to make everything written so far durable, and then its checkpoint, while
// the next chunk is judged. An error is that of the commit before; settle gives its own.
func (o *output) commit(disk durable.Disk, c checkpoint) error {
	if err := o.settle(); err != nil {
		return err
	}
	c.OutBytes, c.OutDigest = o.bytes, o.sum.Sum64()
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	o.committing = done
	go func() {
		err := disk.SyncFile(o.partPath())
		if err == nil {
			err = disk.WriteFile(o.checkpointPath(), text, 0o600)
		}
		done <- err
	}()
	return nil
}

// settle waits for the commit on its way.
func (o *output) settle() error {
	if o.committing == nil {
		return nil
	}
	err := <-o.committing
	o.committing = nil
	return err
}

// finish gives the whole output its name.
func (o *output) finish(disk durable.Disk) error {
	if err := o.settle(); err != nil {
		return err
	}
	if err := disk.SyncFile(o.partPath()); err != nil {
		return err
	}
	if err := o.f.Close(); err != nil {
		return err
	}
	if err := disk.Rename(o.partPath(), o.path); err != nil {
		return err
	}
	if err := os.Remove(o.checkpointPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Summary counts what a batch came to.
type Summary struct {
	RowsIn   int64 `json:"rows_in"`
	Verdicts int64 `json:"verdicts"`
	Counts
}

// Counts is what the verdicts of one pack came to.
type Counts struct {
	Outcomes map[string]int64            `json:"outcomes"`
	Findings map[string]map[string]int64 `json:"findings"` // code → effect → households
	Regions  map[string]map[string]int64 `json:"regions"`  // region → outcome → households
}

func newSummary() Summary { return Summary{Counts: Counts{}.withMaps()} }

func (s Counts) withMaps() Counts {
	if s.Outcomes == nil {
		s.Outcomes = map[string]int64{}
	}
	if s.Findings == nil {
		s.Findings = map[string]map[string]int64{}
	}
	if s.Regions == nil {
		s.Regions = map[string]map[string]int64{}
	}
	return s
}

// unknownRegion is the row of the summary for refused lines without a region.
const unknownRegion = "-"

func add(m map[string]map[string]int64, k, e string, n int64) {
	if m[k] == nil {
		m[k] = map[string]int64{}
	}
	m[k][e] += n
}
