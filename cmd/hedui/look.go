package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine"
	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/batch"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
	"github.com/hedui/hedui/rules"
)

// lookOptions are the flags that every command has that looks at households.
type lookOptions struct {
	data   string
	rules  string
	scheme string
	on     dateFlag
}

func (o *lookOptions) declare(cmd *cobra.Command) {
	dataFlag(cmd, &o.data)
	cmd.Flags().StringVar(&o.rules, "rules", "", "`pack` to judge by: a shipped one's name or a folder; with --scheme a folder of packs (required without --scheme)")
	cmd.Flags().StringVar(&o.scheme, "scheme", "", "`schemes` to judge by, each with the pack of its name, as in dibao,housing")
	cmd.Flags().Var(&o.on, "on", "`date` of the check, as in 2026-11-01 (required)")
}

// require refuses a command line on which a flag was forgotten; more are those that
// the command has beside these.
func (o *lookOptions) require(cmd *cobra.Command, more ...string) error {
	if cmd.Flags().Changed("scheme") {
		return requireFlags(cmd, append([]string{"data", "scheme", "on"}, more...)...)
	}
	return requireFlags(cmd, append([]string{"data", "rules", "on"}, more...)...)
}

// looking is what a look needs: a generation, the pack or the schemes on the date, and
// the audit log that is written first.
type looking struct {
	generation store.Generation
	pack       *rules.Pack      // nil by several schemes
	verifier   *engine.Verifier // likewise
	schemes    []batch.Scheme   // nil by one pack
	audit      *audit.Log
}

// openLooking opens everything a look needs. No household has been looked at when it
// returns. The caller closes the generation.
func openLooking(ctx context.Context, a *app, o lookOptions) (d *looking, err error) {
	d = &looking{}
	var named []namedPack
	if o.scheme != "" {
		named, err = schemePacks(o.scheme, o.rules)
	} else {
		d.pack, err = loadPack(o.rules)
	}
	if err != nil {
		return nil, err
	}
	who, err := a.actor()
	if err != nil {
		return nil, err
	}
	if d.generation, err = a.openGeneration(o.data, ""); err != nil {
		return nil, err
	}
	if d.pack != nil {
		d.verifier, err = newVerifier(ctx, d.generation, d.pack, o.on.date, o.rules)
	}
	for i := 0; i < len(named) && err == nil; i++ {
		s := batch.Scheme{Name: named[i].scheme, Rank: rankOf(named, i)}
		s.Verifier, err = newVerifier(ctx, d.generation, named[i].pack, o.on.date, named[i].from)
		d.schemes = append(d.schemes, s)
	}
	if err == nil {
		d.audit, err = audit.Open(o.data, audit.Options{Actor: who, Now: time.Now})
	}
	if err != nil {
		return nil, errors.Join(err, d.generation.Close())
	}
	return d, nil
}

// openGeneration opens a generation of a data directory, the current one for "".
func (a *app) openGeneration(data, id string) (store.Generation, error) {
	st, err := a.openStore(data)
	if err != nil {
		return nil, err
	}
	if id == "" {
		if id, err = st.Current(); err != nil {
			return nil, err
		}
	}
	return st.Open(id)
}

// newVerifier prepares a pack on a date; from is what the pack was asked for by.
func newVerifier(ctx context.Context, gen store.Generation, p *rules.Pack, on household.Date, from string) (*engine.Verifier, error) {
	v, err := engine.NewVerifier(gen.Manifest(), p, on)
	if err == nil {
		err = v.Link(ctx, gen)
	}
	if _, ok := errors.AsType[*rules.UnresolvedError](err); ok {
		err = withHint(err, "hedui rules show "+from+" lists the dates that the pack knows")
	}
	return v, err
}

// rankOf is the rank of the pack at a place of --scheme: its own when all packs have
// one, else its place.
func rankOf(named []namedPack, place int) int {
	for _, n := range named {
		if n.pack.Rank == 0 {
			return place + 1
		}
	}
	return named[place].pack.Rank
}

// namedPack is the pack that judges a scheme.
type namedPack struct {
	scheme string
	pack   *rules.Pack
	from   string
}

// schemePacks loads the packs of a list of schemes: shipped ones, or those in a folder
// of packs.
func schemePacks(list, dir string) ([]namedPack, error) {
	var out []namedPack
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "" || strings.ContainsAny(name, `./\: `):
			return nil, wrongUsage("as in --scheme dibao,dibao_edge,housing", "--scheme %q is not a list of schemes", list)
		case slices.ContainsFunc(out, func(p namedPack) bool { return p.scheme == name }):
			return nil, wrongUsage("name each scheme once", "--scheme names %s twice", name)
		}
		from := name
		if dir != "" {
			// With a slash, or it would be the name of a shipped pack.
			from = strings.TrimRight(dir, "/") + "/" + name
			if info, err := os.Stat(from); err != nil || !info.IsDir() {
				return nil, withHint(fmt.Errorf("%w: %s", rules.ErrNoPack, from), "with --scheme, --rules is the folder that holds a pack for each of them")
			}
		} else if !slices.Contains(rules.Shipped(), name) {
			return nil, withHint(fmt.Errorf("%w for the scheme %s", rules.ErrNoPack, name), "hedui rules list shows the shipped packs; --rules DIR takes those of a folder")
		}
		p, err := loadPack(from)
		if err != nil {
			return nil, err
		}
		if !p.Accepts(name) {
			return nil, withHint(fmt.Errorf("pack %s does not judge the scheme %s", from, name), "its pack.yaml lists the schemes it is for")
		}
		out = append(out, namedPack{name, p, from})
	}
	return out, nil
}
