package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/match/identity"
)

type policyOptions struct {
	model, base, name, save string
	version                 int
}

// newMatchPolicyCommand writes an identity policy with estimated weights.
func newMatchPolicyCommand(a *app) *cobra.Command {
	var o policyOptions
	cmd := &cobra.Command{
		Use:   "policy --model M --name NAME --save FILE",
		Short: "Write an identity policy with the weights of an estimated model",
		Long: `policy takes the weights of number, name, birth date, sex and division from a model
that hedui match eval --save estimated without labels, and writes them into a new
identity policy. Tiers, and what the model says nothing of, are those of --base. Every
weight says where it is from. A pack uses the file as its policy.yaml with
"policy: own" in its identity.yaml.

A file that exists is never written over.
` + exitStatuses,
		Example: `  hedui match eval bank.csv register.csv --model people_cn --truth … --save trained.yaml
  hedui match policy --model trained.yaml --name anhui --save policy.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "model", "name", "save"); err != nil {
				return err
			}
			return runMatchPolicy(a, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.model, "model", "", "estimated `model` file (required)")
	f.StringVar(&o.base, "base", "", "policy `file` whose tiers are kept (default the shipped one)")
	f.StringVar(&o.name, "name", "", "`name` of the new policy (required)")
	f.IntVar(&o.version, "version", 1, "`version` of the new policy")
	f.StringVar(&o.save, "save", "", "new `file` for the policy (required)")
	return cmd
}

func runMatchPolicy(a *app, o policyOptions) error {
	var in matchInput
	if err := in.loadModel(o.model); err != nil {
		return err
	}
	var base []byte
	if o.base != "" {
		var err error
		if base, err = os.ReadFile(o.base); err != nil {
			return err
		}
	}
	content, err := identity.Estimate(base, in.model, o.name, o.version)
	if err != nil {
		return withHint(err, "hedui match eval --save estimates a model; docs/identity.md says what it needs")
	}
	f, err := os.OpenFile(o.save, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return withHint(err, "policies are never overwritten: choose a new name")
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err == nil {
		fmt.Fprintln(a.stderr, "wrote", o.save)
	}
	return err
}
