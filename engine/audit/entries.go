package audit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Entries gives out every entry that is held, oldest first; the callee must not keep it.
// A line whose own hash is wrong is an error that names the place; the chain is for
// Verify to check.
func Entries(ctx context.Context, dataDir string, take func(*Entry) error) error {
	held, err := snapshot(filepath.Join(dataDir, "audit"))
	if err != nil {
		return err
	}
	for _, p := range held {
		if p.stub {
			continue
		}
		if err := entriesOf(ctx, p, take); err != nil {
			return err
		}
	}
	return nil
}

func entriesOf(ctx context.Context, p piece, take func(*Entry) error) error {
	f, err := os.Open(p.path)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(io.LimitReader(f, p.size), 1<<20)
	var line []byte
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line = line[:0]
		for {
			part, err := in.ReadSlice('\n')
			line = append(line, part...)
			if err == nil {
				break
			}
			if errors.Is(err, io.EOF) {
				return nil // what is torn at the end was never acknowledged
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				return fmt.Errorf("audit log: %w", err)
			}
			if len(line) > maxLine {
				return ErrDamaged
			}
		}
		e, _, err := parseEntry(line[:len(line)-1])
		if err != nil {
			return fmt.Errorf("segment %d, line %d: %w", p.number, n, ErrDamaged)
		}
		if err := take(&e); err != nil {
			return err
		}
	}
}
