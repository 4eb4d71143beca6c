package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/keyring"
)

// newKeysCommand holds what is done with the keys of an encrypted data directory.
func newKeysCommand(a *app) *cobra.Command {
	return newGroup("keys", "Encrypt a data directory and look after its keys",
		`keys makes a new data directory an encrypted one and looks after its keys. Master
keys lie in a key file outside the directory; they wrap a data key for each snapshot
and generation, which lie in keys.json of the directory. Whoever loses the key file
has lost the data: keep a copy of it in another place, never beside the data.

Every command that reads or writes the directory takes the file as --key-file or in
HEDUI_KEY_FILE.`,
		newKeysInitCommand(a), newKeysShowCommand(a), newKeysRotateCommand(a), newKeysRetireCommand(a), newKeysExportCommand(a))
}

// keysCommand is a command with --data and --key-file and nothing else.
func (a *app) keysCommand(use, short, long string, run func(data string) error) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:     use + " --data DIR --key-file FILE",
		Short:   short,
		Long:    long + exitStatuses,
		Example: "  hedui keys " + use + " --data store --key-file /etc/hedui/master.key",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := requireFlags(cmd, "data"); err != nil {
				return err
			}
			if a.keyFile == "" {
				return wrongUsage("--key-file FILE, or HEDUI_KEY_FILE", "--key-file is missing")
			}
			return run(data)
		},
	}
	dataFlag(cmd, &data)
	return cmd
}

func newKeysInitCommand(a *app) *cobra.Command {
	suite := keyring.AES
	cmd := a.keysCommand("init", "Make a new data directory an encrypted one",
		`init makes a data directory encrypted, before anything is ingested, and writes its
key file, which must not be there. A directory that holds data is refused: what lies
on a disk in the clear stays there when it is written again. Ingest the departments'
files again into a new directory.

Suites: aes is AES-256-GCM, the faster one; sm is SM4-GCM. Pseudonyms are HMAC-SM3
and signatures SM2 with both.
`, func(data string) error {
			if _, err := keyring.ProviderOf(suite); err != nil {
				return wrongUsage("--suite aes or --suite sm", "%w", err)
			}
			if err := keyring.Init(durable.Disk{}, data, a.keyFile, suite); err != nil {
				return err
			}
			_, err := fmt.Fprintf(a.stderr, "%s is encrypted now (%s); keep a copy of %s in another place: without it nothing can be read\n", data, suite, a.keyFile)
			return err
		})
	cmd.Flags().StringVar(&suite, "suite", suite, "`algorithms`: "+strings.Join(keyring.Suites(), " or "))
	return cmd
}

// keysReport is what hedui keys show --json prints.
type keysReport struct {
	Suite   string    `json:"suite"`
	Masters []uint32  `json:"master_keys"`
	Keys    []keyLine `json:"keys"`
}

type keyLine struct {
	Key     uint32 `json:"key"`
	Purpose string `json:"purpose"`
	Of      string `json:"of,omitempty"`
	Master  uint32 `json:"master_key"`
}

func newKeysShowCommand(a *app) *cobra.Command {
	asJSON := false
	cmd := a.keysCommand("show", "List the keys, without the keys",
		`show opens every data key, to see that the key file does, and lists what each is for
and the master key that wraps it. It prints no key.
`, func(data string) error {
			ring, err := a.ring(data)
			if err != nil {
				return err
			}
			if _, err := ring.Check(); err != nil {
				return err
			}
			masters, err := ring.Masters()
			if err != nil {
				return err
			}
			suite, list, err := keyring.List(data)
			if err != nil {
				return err
			}
			r := keysReport{Suite: suite, Masters: masters, Keys: []keyLine{}}
			for _, k := range list {
				r.Keys = append(r.Keys, keyLine{k.ID, k.Purpose, k.Of, k.Master})
			}
			if asJSON {
				return printJSON(a.stdout, r)
			}
			w := newTable()
			w.AppendHeader(table.Row{"key", "purpose", "of", "master key"})
			for _, k := range r.Keys {
				w.AppendRow(table.Row{k.Key, k.Purpose, k.Of, k.Master})
			}
			_, err = fmt.Fprintf(a.stdout, "suite %s, %s in the key file: %s\n\n%s\n", suite,
				counted(len(masters), "master key"), strings.Trim(fmt.Sprint(masters), "[]"), w.Render())
			return err
		})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func newKeysRotateCommand(a *app) *cobra.Command {
	return a.keysCommand("rotate", "Add a master key and wrap every data key with it",
		`rotate adds a master key to the key file and wraps every data key with it. Whoever
has the directory open goes on; no data are written again. A new snapshot or
generation gets a data key of its own by itself.

The old master key stays in the key file until hedui keys retire. Copy the new key
file to where its copy is kept before that.
`, func(data string) error {
			ring, err := a.ring(data)
			if err != nil {
				return err
			}
			version, n, err := ring.Rotate()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "master key %d wraps %s now\n", version, counted(n, "data key"))
			return err
		})
}

func newKeysRetireCommand(a *app) *cobra.Command {
	return a.keysCommand("retire", "Remove master keys that wrap nothing any more",
		`retire removes every master key but the newest from the key file, unless it still
wraps a data key. Copies of keys.json from before the rotation open no more then: with
them go the data keys of everything that was dropped since, also in backups. A backup
of the directory from before the rotation needs a copy of the old key file.
`, func(data string) error {
			ring, err := a.ring(data)
			if err != nil {
				return err
			}
			gone, err := ring.Retire()
			if err != nil {
				return err
			}
			if len(gone) == 0 {
				_, err = fmt.Fprintln(a.stdout, "every master key is in use: hedui keys rotate first")
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "retired %s: %s\n", counted(len(gone), "master key"), strings.Trim(fmt.Sprint(gone), "[]"))
			return err
		})
}

func newKeysExportCommand(a *app) *cobra.Command {
	out := ""
	cmd := a.keysCommand("export", "Copy the key file, to be kept in another place",
		`export opens every data key with the key file and writes a copy of it, which only its
owner may read, for safe keeping. Whoever has the copy and the data reads the data.
`, func(data string) error {
			if out == "" {
				return wrongUsage("--out FILE, outside the data directory", "--out is missing")
			}
			ring, err := a.ring(data)
			if err != nil {
				return err
			}
			if err := ring.Export(out); err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stderr, "copied to", out)
			return err
		})
	cmd.Flags().StringVar(&out, "out", "", "`file` to write (required)")
	return cmd
}

// ring opens the keys of a directory that must be encrypted.
func (a *app) ring(data string) (*keyring.Ring, error) {
	ring, err := a.keys(data)
	if err == nil && ring == nil {
		err = errors.New("no key file")
	}
	return ring, err
}
