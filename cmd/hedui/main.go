package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"syscall"

	"golang.org/x/term"
)

// The exit statuses of every command.
const (
	exitDone    = 0
	exitError   = 1
	exitUsage   = 2
	exitPartial = 3
)

func main() { os.Exit(hedui()) }

// hedui runs one command line and returns its exit status.
func hedui() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{
		machineUser: actor,
		stdin:       os.Stdin,
		stdout:      os.Stdout,
		stderr:      os.Stderr,
		terminal:    term.IsTerminal(int(os.Stderr.Fd())),
		actor:       actor,
		token:       func() (string, error) { return os.Getenv("HEDUI_TOKEN"), nil },
		logger:      slog.New(slog.NewTextHandler(os.Stderr, nil)),
		language:    localeLanguage(os.Getenv),
		keyFile:     os.Getenv("HEDUI_KEY_FILE"),
	}
	root := newRootCommand(a)
	root.SetArgs(os.Args[1:])
	err := errors.Join(root.ExecuteContext(ctx), a.closeOffice())
	tellError(os.Stderr, err)
	return exitStatus(err)
}

// actor names who runs the program, for the audit log. A look without a name
// is refused, so an unknown user is an error and not "unknown".
func actor() (string, error) {
	u, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("find out who runs this for the audit log: %w", err)
	}
	return u.Username, nil
}

// exitStatus maps an error to the exit status.
func exitStatus(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errPartial):
		return exitPartial
	default:
		return exitError
	}
}

// tellError prints an error and its hint. A partial result has already been told
// by the command.
func tellError(w io.Writer, err error) {
	if err == nil || errors.Is(err, errPartial) || errors.Is(err, errTold) {
		return
	}
	fmt.Fprintf(w, "hedui: %s\n", sentence(err))
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}
