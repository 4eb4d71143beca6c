package main

import (
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"
)

// app is what every command shares. It is filled once, before the first
// command runs.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       bool                   // standard error is a terminal
	actor          func() (string, error) // who the audit log names
	machineUser    func() (string, error) // the user of the operating system
	token          func() (string, error) // of the account that commands act for; "" for none
	office         *office                // nil before a command needs it
	logger         *slog.Logger
	language       string // english or chinese
	keyFile        string // of an encrypted data directory, "" for none
}

// exitStatuses closes the help of every command.
const exitStatuses = `
Exit status:
  0  done
  1  error
  2  wrong usage
`

// partialStatus follows exitStatuses where a command can end half well.
const (
	quarantinedStatus = "  3  done, but rows were quarantined\n"
	refusedStatus     = "  3  done, but requests were refused\n"
)

// newRootCommand builds the whole command tree.
func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "hedui",
		Short: "Check the economic status of households (居民家庭经济状况核对)",
		Long: `hedui (核对) puts what a household declared beside what the departments hold,
applies the dated rules of the region and says, with its evidence, whether the
case looks in order or needs a person to look at it. It flags; people decide.

The main job, in order: ingest the departments' files, publish them as one sealed
generation, verify a batch or check one household.
` + exitStatuses + "  3  done, but rows were quarantined or requests refused\n",
		Example: `  hedui ingest --data store --source vehicle --as-of 2026-10-31 vehicles.csv
  hedui publish --data store
  hedui verify --data store --rules reference --on 2026-11-01 --out verdicts.jsonl batch.jsonl
  hedui check --data store --rules reference --on 2026-11-01 household.json`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              cobra.ArbitraryArgs,
		RunE:              runGroup,
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return wrongUsage("see "+cmd.CommandPath()+" --help", "%w", err)
	})
	root.PersistentFlags().Var(languageFlag{&a.language}, "lang", "language of explanations and summaries")
	tokenFile := root.PersistentFlags().String("token-file", "", "`file` with the token of the account to act for, instead of HEDUI_TOKEN")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if *tokenFile != "" {
			a.token = func() (string, error) { return readToken(*tokenFile) }
		}
		return a.admit(cmd)
	}
	root.PersistentFlags().StringVar(&a.keyFile, "key-file", a.keyFile, "key `file` of an encrypted data directory (default $HEDUI_KEY_FILE)")
	root.PersistentFlags().Lookup("key-file").DefValue = "" // the path itself is nobody's business
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newAuditCommand(a),
		newAuthorizationsCommand(a),
		newBackupCommand(a),
		newBatchCommand(a),
		newBenefitCommand(a),
		newCasesCommand(a),
		newCheckCommand(a),
		newConnectorsCommand(a),
		newCorrectionsCommand(a),
		newDoctorCommand(a),
		newExportCommand(a),
		newReportCommand(a),
		newGenCommand(a),
		newGenerationsCommand(a),
		newIngestCommand(a),
		newKeysCommand(a),
		newLinkageCommand(a),
		newMatchCommand(a),
		newPublishCommand(a),
		newRecheckCommand(a),
		newReplayCommand(a),
		newRequestsCommand(a),
		newRestoreCommand(a),
		newRetentionCommand(a),
		newRulesCommand(a),
		newServeCommand(a),
		newSimulateCommand(a),
		newSnapshotsCommand(a),
		newTemplateCommand(a),
		newUsersCommand(a),
		newVerifyCommand(a),
		newVersionCommand(a),
		newWorkerCommand(a),
	)
	return root
}

// newGroup returns a command that only holds others.
func newGroup(use, short, long string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Long:  long + "\n" + exitStatuses,
		Args:  cobra.ArbitraryArgs,
		RunE:  runGroup,
	}
	cmd.AddCommand(children...)
	return cmd
}

// runGroup prints the help of a command that only holds others, and refuses a
// word that is none of them.
func runGroup(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	hint := "see " + cmd.CommandPath() + " --help"
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return wrongUsage(hint, "%s has no command %q", cmd.CommandPath(), args[0])
}
