package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hedui/hedui/engine/household"
)

// What is wrong with the text of a flag. cobra puts the flag's name before it.
var (
	errNotADate     = errors.New("not a date, want 2006-01-02")
	errNotMonths    = errors.New("not a range of months, want 2025-01..2026-10")
	errNotASource   = errors.New("not a source, want tax, vehicle, property, bank, insurance or register")
	errNotALanguage = errors.New("not a language, want zh or en")
	errNotATime     = errors.New("not a day or a time, want 2006-01-02 or 2006-01-02T15:04:05+08:00")
)

// dateFlag is a flag whose value is a day.
type dateFlag struct{ date household.Date }

func (f *dateFlag) String() string {
	if f.date == 0 {
		return ""
	}
	return f.date.String()
}

func (f *dateFlag) Set(text string) error {
	d, ok := household.ParseDate([]byte(text))
	if !ok {
		return errNotADate
	}
	f.date = d
	return nil
}

func (*dateFlag) Type() string { return "date" }

// monthsFlag is a flag whose value is an inclusive range of months.
type monthsFlag struct{ months household.Months }

func (f *monthsFlag) String() string {
	if f.months == (household.Months{}) {
		return ""
	}
	return f.months.String()
}

func (f *monthsFlag) Set(text string) error {
	m, ok := household.ParseMonths(text)
	if !ok {
		return errNotMonths
	}
	f.months = m
	return nil
}

func (*monthsFlag) Type() string { return "months" }

// sourceFlag is a flag whose value is a source, in English or Chinese.
type sourceFlag struct{ source household.Source }

func (f *sourceFlag) String() string {
	if f.source == 0 {
		return ""
	}
	return f.source.String()
}

func (f *sourceFlag) Set(text string) error {
	s, ok := household.ParseSource(text)
	if !ok {
		return errNotASource
	}
	f.source = s
	return nil
}

func (*sourceFlag) Type() string { return "source" }

// requireFlags refuses a command line on which a flag was forgotten. Nothing
// that a person must say is ever guessed.
func requireFlags(cmd *cobra.Command, names ...string) error {
	var missing []string
	var hint string
	for _, name := range names {
		f := cmd.Flags().Lookup(name)
		if f.Changed && f.Value.String() != "" {
			continue
		}
		missing = append(missing, "--"+name)
		if hint == "" {
			hint = usageOf(f)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	verb := "is"
	if len(missing) > 1 {
		verb = "are"
	}
	return wrongUsage(hint+"; see hedui "+commandName(cmd)+" --help", "%s %s missing", strings.Join(missing, ", "), verb)
}

// usageOf is one flag with its description, as a hint.
func usageOf(f *pflag.Flag) string {
	name, usage := pflag.UnquoteUsage(f)
	return "--" + f.Name + " " + name + ": " + usage
}

// commandName is the path of a command without the program's name.
func commandName(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// exactArgs refuses any other number of arguments; what names them in words.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return wrongUsage("usage: "+cmd.UseLine(), "want %s, got %d arguments", what, len(args))
	}
}

// noArgs refuses arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return wrongUsage("usage: "+cmd.UseLine(), "unknown argument %q", args[0])
}

// someArgs refuses a command line without arguments; what names one in words.
func someArgs(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return nil
		}
		return wrongUsage("usage: "+cmd.UseLine(), "want %s", what)
	}
}
