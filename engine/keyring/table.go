package keyring

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/hedui/hedui/engine/durable"
)

// The names in a data directory.
const (
	tableFile = "keys.json"
	tableLock = "keys.lock"
)

// tableFormat is the version of keys.json. History: 1, first.
const tableFormat = 1

// What data keys are for.
const (
	Snapshot   = "snapshot"
	Generation = "generation"
	Ledger     = "ledger"
	Pseudonymy = "pseudonym"
	signing    = "sign"
)

// entry is a data key in keys.json.
type entry struct {
	id      uint32
	purpose string
	of      string // which snapshot, generation or signer it is for; "" while that has no name
	master  uint32 // version of the master key that wraps it
	public  []byte // of a signer
	wrapped []byte // nonce, sealed key, tag
}

// table is what keys.json holds.
type table struct {
	suite     string
	directory string // random: which key file belongs to it
	next      uint32 // number of the next key; none is used twice
	entries   []entry
}

type tableJSON struct {
	Format    int         `json:"format"`
	Suite     string      `json:"suite"`
	Directory string      `json:"directory"`
	Next      uint32      `json:"next"`
	Keys      []entryJSON `json:"keys"`
	Checksum  string      `json:"sha256"`
}

type entryJSON struct {
	ID      uint32 `json:"key"`
	Purpose string `json:"purpose"`
	Of      string `json:"of,omitempty"`
	Master  uint32 `json:"master_key"`
	Public  string `json:"public,omitempty"`
	Wrapped string `json:"wrapped"`
}

func (t *table) encode() ([]byte, error) {
	w := tableJSON{Format: tableFormat, Suite: t.suite, Directory: t.directory, Next: t.next, Keys: []entryJSON{}}
	for _, e := range t.entries {
		w.Keys = append(w.Keys, entryJSON{
			e.id, e.purpose, e.of, e.master, hex.EncodeToString(e.public), hex.EncodeToString(e.wrapped),
		})
	}
	return sealJSON(&w, &w.Checksum)
}

// parseTable reads keys.json. It accepts only what encode writes.
func parseTable(b []byte) (*table, error) {
	var w tableJSON
	if err := json.Unmarshal(b, &w); err != nil || w.Format == 0 {
		return nil, fmt.Errorf("%w: it is no list of keys", ErrDamaged)
	}
	if w.Format != tableFormat {
		return nil, fmt.Errorf("list of keys of format %d, this program reads format %d", w.Format, tableFormat)
	}
	if _, err := ProviderOf(w.Suite); err != nil {
		return nil, err
	}
	t := &table{suite: w.Suite, directory: w.Directory, next: w.Next}
	last := uint32(0)
	for _, k := range w.Keys {
		e := entry{id: k.ID, purpose: k.Purpose, of: k.Of, master: k.Master}
		var err, err2 error
		e.public, err = hex.DecodeString(k.Public)
		e.wrapped, err2 = hex.DecodeString(k.Wrapped)
		if err != nil || err2 != nil || e.id <= last || e.id >= t.next || e.master == 0 || e.purpose == "" ||
			len(e.wrapped) < nonceSize+tagSize {
			return nil, fmt.Errorf("%w: impossible data key", ErrDamaged)
		}
		last = e.id
		t.entries = append(t.entries, e)
	}
	again, err := t.encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, b) {
		return nil, fmt.Errorf("%w: it is not what was written", ErrDamaged)
	}
	return t, nil
}

func (t *table) find(match func(*entry) bool) *entry {
	for i := range t.entries {
		if match(&t.entries[i]) {
			return &t.entries[i]
		}
	}
	return nil
}

func (t *table) key(id uint32) *entry { return t.find(func(e *entry) bool { return e.id == id }) }

func (t *table) named(purpose, of string) *entry {
	return t.find(func(e *entry) bool { return e.purpose == purpose && e.of == of })
}

// add appends a key and wraps it.
func (t *table) add(m *masters, purpose, of string, secret, public []byte) (*entry, error) {
	if t.next == Temporary {
		return nil, ErrExhausted
	}
	e := entry{id: t.next, purpose: purpose, of: of, public: public}
	if err := e.wrap(m, t.directory, secret); err != nil {
		return nil, err
	}
	t.next++
	t.entries = append(t.entries, e)
	return &t.entries[len(t.entries)-1], nil
}

// authenticated binds a wrapped key to its directory, number and purpose.
func (e *entry) authenticated(directory string) []byte {
	b := Place{Kind: KindWrap, Part: e.master, Number: uint64(e.id)}.append([]byte("hedui data key 1 "))
	b = append(b, strconv.Quote(directory)...)
	b = append(b, strconv.Quote(e.purpose)...)
	return append(b, e.public...)
}

// wrap seals a data key with the newest master key. Nonces are random: a master key
// wraps thousands of keys, 2^32 would be safe.
func (e *entry) wrap(m *masters, directory string, secret []byte) error {
	newest := m.newest()
	aead, err := m.suite.AEAD(newest.secret)
	if err != nil {
		return err
	}
	nonce := make([]byte, nonceSize, nonceSize+len(secret)+tagSize)
	if _, err := rand.Read(nonce); err != nil {
		return err
	}
	e.master = newest.version
	e.wrapped = aead.Seal(nonce, nonce, secret, e.authenticated(directory))
	return nil
}

func (e *entry) unwrap(m *masters, directory string) ([]byte, error) {
	by := m.version(e.master)
	if by == nil {
		return nil, fmt.Errorf("data key %d, master key %d: %w", e.id, e.master, ErrNoMaster)
	}
	aead, err := m.suite.AEAD(by.secret)
	if err != nil {
		return nil, err
	}
	secret, err := aead.Open(nil, e.wrapped[:nonceSize], e.wrapped[nonceSize:], e.authenticated(directory))
	if err != nil {
		return nil, fmt.Errorf("data key %d: %w", e.id, ErrSealed)
	}
	return secret, nil
}

// Encrypted reports whether a data directory has a list of keys.
func Encrypted(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, tableFile))
	return err == nil
}

func readTable(dir string) (*table, error) {
	name := filepath.Join(dir, tableFile)
	var t *table
	err := again(func() error {
		b, err := os.ReadFile(name)
		if err == nil {
			t, err = parseTable(b)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", dir, ErrNotEncrypted)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// changeTable changes the list of keys under its lock. Nothing is written when change
// reports false.
func changeTable(disk durable.Disk, dir string, change func(*table) (bool, error)) (err error) {
	lock, err := durable.WaitLock(filepath.Join(dir, tableLock))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	t, err := readTable(dir)
	if err != nil {
		return err
	}
	changed, err := change(t)
	if err != nil || !changed {
		return err
	}
	b, err := t.encode()
	if err != nil {
		return err
	}
	return replaceFile(disk, filepath.Join(dir, tableFile), b)
}

// Destroy destroys the data keys of one snapshot or generation, durably, and reports
// how many. What was sealed with them, here and in every copy, cannot be read again,
// but by who has a copy of keys.json too: Rotate and Retire end that. It needs no key
// file. A directory that is not encrypted has none.
func Destroy(disk durable.Disk, dir, purpose, of string) (int, error) {
	return destroy(disk, dir, func(e *entry) bool { return e.purpose == purpose && e.of == of })
}

// Sweep destroys the data keys of a purpose that are for nothing which is still held:
// those of interrupted work. Nobody may be making such a thing meanwhile.
func Sweep(disk durable.Disk, dir, purpose string, held func(of string) bool) error {
	_, err := destroy(disk, dir, func(e *entry) bool { return e.purpose == purpose && !held(e.of) })
	return err
}

func destroy(disk durable.Disk, dir string, gone func(*entry) bool) (n int, err error) {
	if !Encrypted(dir) {
		return 0, nil
	}
	err = changeTable(disk, dir, func(t *table) (bool, error) {
		before := len(t.entries)
		t.entries = slices.DeleteFunc(t.entries, func(e entry) bool { return gone(&e) })
		n = before - len(t.entries)
		return n > 0, nil
	})
	return n, err
}

// PublicKey is the key that verifies what the signer of a name signs. It needs no key
// file.
func PublicKey(dir, signer string) ([]byte, error) {
	t, err := readTable(dir)
	if err != nil {
		return nil, err
	}
	e := t.named(signing, signer)
	if e == nil {
		return nil, fmt.Errorf("signer %s: %w", signer, ErrDestroyed)
	}
	return e.public, nil
}
