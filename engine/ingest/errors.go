package ingest

import (
	"errors"
	"fmt"

	"github.com/hedui/hedui/engine/household"
)

// Errors of Run. Their texts say what to do.
var (
	// ErrUsage is wrapped by every refusal of options that do not fit together.
	ErrUsage = errors.New("wrong usage")
	// ErrCoversMissing is returned for a source of flows without covered months.
	ErrCoversMissing = fmt.Errorf("%w: tax and insurance files are flows: say with --covers which months they are complete for, like 2025-01..2026-10", ErrUsage)
	// ErrCoversRefused is returned for a source of stocks with covered months.
	ErrCoversRefused = fmt.Errorf("%w: --covers is for tax and insurance only: leave it out", ErrUsage)
	// ErrExists is returned when the provider already has a snapshot of this date.
	ErrExists = errors.New("this provider already has a snapshot of this date: use --supersede to replace it")
	// ErrInstitutions is wrapped by *InstitutionsError.
	ErrInstitutions = errors.New("the institutions differ from those of the snapshot it would replace")
	// ErrHeld is wrapped by *HeldError.
	ErrHeld = errors.New("the snapshot is held because it shrank")

	errChanged = errors.New("the file changed while it was being read: ingest it again")
)

// HeldError says that a snapshot was sealed but does not count, because it has
// far fewer rows than the provider's last one.
type HeldError struct {
	Snapshot, Before string           // ids
	Now, Then        int64            // accepted rows
	Covers, Covered  household.Months // of flows
	Percent          int              // that it may shrink
}

func (e *HeldError) Error() string {
	s := fmt.Sprintf("%d rows accepted", e.Now)
	t := fmt.Sprintf("%d in the provider's last snapshot %s", e.Then, e.Before)
	if e.Covers.From != 0 {
		s += fmt.Sprintf(" for %d months", e.Covers.Len())
		t += fmt.Sprintf(" for %d months", e.Covered.Len())
	}
	return fmt.Sprintf("snapshot %s is held: %s, %s, a fall of more than %d %%: if the files are complete, ingest them again with --accept-shrink",
		e.Snapshot, s, t, e.Percent)
}

func (e *HeldError) Unwrap() error { return ErrHeld }

// InstitutionsError says which institutions of a bank came or went.
type InstitutionsError struct {
	Before         string   // id of the snapshot that would be replaced
	Missing, Added []string // normalised names
}

func (e *InstitutionsError) Error() string {
	return fmt.Sprintf("the institutions differ from those of snapshot %s, which this one would replace: %s missing, %s new; give the files of another bank their own --provider, or accept the change with --accept-institutions",
		e.Before, names(e.Missing), names(e.Added))
}

func (e *InstitutionsError) Unwrap() error { return ErrInstitutions }

func names(list []string) string {
	switch n := len(list); {
	case n == 0:
		return "none"
	case n > 5:
		return fmt.Sprintf("%q and %d more", list[:5], n-5)
	}
	return fmt.Sprintf("%q", list)
}
