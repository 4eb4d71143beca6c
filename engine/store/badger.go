package store

import (
	"encoding/binary"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/hedui/hedui/engine/household"
)

const (
	// Badger keeps values below its threshold of 1 MiB beside their keys. A larger
	// block is written in pieces of partSize.
	valueThreshold = 1 << 20
	partSize       = 960 << 10

	// The memtable is never used, but Badger wants the threshold to be at most
	// 15 % of it.
	memTableSize = 8 << 20

	// Badger's tables become 2^5 times the base size: 8 MiB. Larger ones only take
	// more memory while they are built.
	baseTableSize = 256 << 10

	// The value log stays empty; this is the least Badger allows.
	valueLogSize = 1 << 20

	// partsBit marks the section byte of the later pieces of large blocks.
	partsBit = 0x40
)

// badgerOptions are those for building. The value log and its statistics get a
// directory of their own, which is removed: a sealed generation has neither.
func badgerOptions(dir, values string, base int64) badger.Options {
	return badger.DefaultOptions(dir).
		WithValueDir(values).
		WithLogger(nil).
		WithMetricsEnabled(false).
		WithDetectConflicts(false).
		WithNumVersionsToKeep(1).
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithBloomFalsePositive(0). // the fence knows what is there
		WithMemTableSize(memTableSize).
		WithNumMemtables(1).
		WithBaseTableSize(base).
		WithNumCompactors(0).
		WithValueThreshold(valueThreshold).
		WithValueLogFileSize(valueLogSize)
}

// blockKey is the Badger key of a block: the number of its section from 1, then its
// low key in binary form.
func blockKey(dst []byte, s int, low household.PersonKey) []byte {
	dst = append(dst[:0], byte(s+1))
	dst, _ = low.AppendBinary(dst) // never fails
	return dst
}

// partKey is the Badger key of piece n, from 1, of the block i of a section.
func partKey(dst []byte, s, i, n int) []byte {
	dst = append(dst[:0], partsBit|byte(s+1))
	dst = binary.BigEndian.AppendUint32(dst, uint32(i))
	return binary.BigEndian.AppendUint32(dst, uint32(n))
}

// parts is the number of pieces that a block of a size is written in.
func parts(size uint32) int { return max(1, (int(size)+partSize-1)/partSize) }
