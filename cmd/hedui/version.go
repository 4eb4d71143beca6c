package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version is the release this source tree leads to.
const version = "0.1.0-dev"

// newVersionCommand prints what is running.
func newVersionCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "version prints the version of hedui, the commit it was built from when known, and the Go release.\n" + exitStatuses,
		Example: "  hedui version\n  hedui version --json",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return runVersion(a, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func runVersion(a *app, asJSON bool) error {
	commit := buildCommit()
	if asJSON {
		return printJSON(a.stdout, struct {
			Version string `json:"version"`
			Commit  string `json:"commit,omitempty"`
			Go      string `json:"go"`
		}{version, commit, runtime.Version()})
	}
	line := "hedui " + version
	if commit != "" {
		line += " " + commit
	}
	_, err := fmt.Fprintln(a.stdout, line, runtime.Version())
	return err
}

// program is what judges, as the ledger keeps it: a verdict of another program is
// verified again.
func program() string { return strings.TrimSpace("hedui " + version + " " + buildCommit()) }

// buildCommit is the commit the program was built from, "" when the build
// didn't record it.
func buildCommit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return ""
}
