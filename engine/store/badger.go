package store

import (
	"encoding/binary"
	"hash/crc32"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"

	"github.com/hedui/hedui/engine/durable"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/keyring"
)

const (
	// Badger keeps values of up to 1 MiB beside their keys. A larger block is written
	// in pieces of partSize.
	partSize = 960 << 10

	// tableSize is about the size of a table.
	tableSize = 16 << 20

	// tableLevel is the lowest of Badger's seven: tables there do not overlap.
	tableLevel = 6

	// version of every entry: a generation is written once.
	version     = 1
	versionSize = 8

	// partsBit marks the section byte of the later pieces of large blocks.
	partsBit = 0x40
)

// writeDatabase writes what makes tables, numbered from 1, a database that Badger
// itself opens: its list of tables and an empty list of keys for encryption.
func writeDatabase(disk durable.Disk, dir string, tables int) error {
	registry, err := badger.OpenKeyRegistry(badger.KeyRegistryOptions{Dir: dir})
	if err != nil {
		return err
	}
	if err := registry.Close(); err != nil {
		return err
	}
	return disk.WriteFile(filepath.Join(dir, badger.ManifestFilename), databaseManifest(tables), 0o600)
}

// databaseManifest is Badger's manifest, version 8: one set of changes with its length
// and checksum in front. A change, in the wire form of pb.ManifestChange, makes a table
// (field 1) at a level (field 3), uncompressed and unencrypted.
func databaseManifest(tables int) []byte {
	be := binary.BigEndian
	var changes, change []byte
	for id := range tables {
		change = binary.AppendUvarint(append(change[:0], 1<<3), uint64(id+1))
		change = append(change, 3<<3, tableLevel)
		changes = binary.AppendUvarint(append(changes, 1<<3|2), uint64(len(change)))
		changes = append(changes, change...)
	}
	b := append([]byte("Bdgr"), 0, 0, 0, 8)
	b = be.AppendUint32(b, uint32(len(changes)))
	b = be.AppendUint32(b, crc32.Checksum(changes, crc32.MakeTable(crc32.Castagnoli)))
	return append(b, changes...)
}

// blockKey is the Badger key of a block: the number of its section from 1, then its
// low key in binary form.
func blockKey(dst []byte, s int, low household.PersonKey) []byte {
	dst = append(dst[:0], byte(s+1))
	dst, _ = low.AppendBinary(dst) // never fails
	return dst
}

// numberKey is the Badger key of a sealed block: its low key would tell a document, so
// it has its number, which orders the same way.
func numberKey(dst []byte, s, i int) []byte {
	return binary.BigEndian.AppendUint32(append(dst[:0], byte(s+1)), uint32(i))
}

// blockPlace is where a sealed block belongs.
func blockPlace(s, i int) keyring.Place {
	return keyring.Place{Kind: keyring.KindBlock, Part: uint32(s), Number: uint64(i)}
}

// partKey is the Badger key of piece n, from 1, of the block i of a section.
func partKey(dst []byte, s, i, n int) []byte {
	dst = append(dst[:0], partsBit|byte(s+1))
	dst = binary.BigEndian.AppendUint32(dst, uint32(i))
	return binary.BigEndian.AppendUint32(dst, uint32(n))
}

// appendVersion is how Badger's tables keep the version behind a key.
func appendVersion(key []byte) []byte {
	return binary.BigEndian.AppendUint64(key, ^uint64(version))
}

// parts is the number of pieces that a block of a size is written in.
func parts(size uint32) int { return max(1, (int(size)+partSize-1)/partSize) }
