package upkeep

import (
	"errors"
	"fmt"
	"math"
	"syscall"

	"github.com/hedui/hedui/engine/durable"
)

// fileSystems by the magic numbers of statfs(2), and whether they keep what was synced
// and give locks that hold between processes.
var fileSystems = map[int64]struct {
	name    string
	durable bool
}{
	0xef53:     {"ext4", true},
	0x58465342: {"xfs", true},
	0x9123683e: {"btrfs", true},
	0x2fc12fc1: {"zfs", true},
	0xf2f52010: {"f2fs", true},
	0x01021994: {"tmpfs", false},
	0x6969:     {"nfs", false},
	0xff534d42: {"cifs", false},
	0xfe534d42: {"smb", false},
	0x65735546: {"fuse", false},
	0x01021997: {"9p", false},
	0x794c7630: {"overlayfs", false},
}

// systemOf asks the machine.
func systemOf(dir string) System {
	s := System{Free: -1, Files: -1, Core: -1, Alive: alive}
	if free, known, err := durable.FreeBytes(dir); err == nil && known {
		s.Free = free
	}
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) == nil {
		kind := int64(st.Type) & math.MaxUint32 //nolint:unconvert // its width differs by machine
		if known, ok := fileSystems[kind]; ok {
			s.FileSystem, s.Durable = known.name, known.durable
		} else {
			s.FileSystem, s.Durable = fmt.Sprintf("a file system of type %#x", kind), true
		}
	}
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) == nil {
		s.Files = int64(min(r.Cur, math.MaxInt64)) //nolint:gosec // bounded
	}
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &r) == nil {
		s.Core = int64(min(r.Cur, math.MaxInt64)) //nolint:gosec // bounded
	}
	return s
}

// alive reports whether a process is there, whoever's it is.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
