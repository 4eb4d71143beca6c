package upkeep

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/store"
)

// modes looks for directories that others may look into, and for files that they could
// read if they came there. The database of the ledger makes its files as its process is
// told to, in a directory that nobody else may enter.
func (x *examiner) modes(context.Context) error {
	var dirs, files []string
	badger := filepath.Join(x.o.Data, "ledger", "badger")
	err := filepath.WalkDir(x.o.Data, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // work in progress comes and goes
		}
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			return nil //nolint:nilerr // it went away
		}
		rel, err := filepath.Rel(x.o.Data, name)
		switch {
		case d.IsDir():
			dirs = append(dirs, rel)
		case filepath.Dir(name) != badger:
			files = append(files, rel)
		}
		return err
	})
	if err != nil {
		return err
	}
	do := text("chmod -R go= DIR", "执行 chmod -R go= DIR")
	if len(dirs) > 0 {
		x.add("modes", Error, text("others may look into %s", "其他用户可进入：%s", join(dirs)), do)
	} else {
		x.add("modes", OK, text("only its owner may look into the directory", "目录仅所有者可进入"), Text{})
	}
	if len(files) > 0 {
		x.add("modes_files", Note, text("the modes of %s are not 0600", "文件权限不是 0600：%s", join(files)), do)
	}
	return nil
}

// Space that is kept free beside a generation.
const (
	spaceForSeal   = 64 << 20
	spaceForLedger = 256 << 20 // package ledger refuses to write below it
)

// fileSystem compares free space with what the next publish needs, and knows file systems
// that lose what they have synced.
func (x *examiner) fileSystem(context.Context) error {
	if !x.sys.Durable && x.sys.FileSystem != "" {
		x.add("filesystem", Warning, text("the directory is on %s, which may lose what was synced, or its locks", "目录所在文件系统 %s 可能丢失已落盘的数据或锁", x.sys.FileSystem),
			text("use a local disk with ext4, xfs or btrfs", "使用本地磁盘（ext4、xfs 或 btrfs）"))
	} else if x.sys.FileSystem != "" {
		x.add("filesystem", OK, text("the directory is on %s", "目录所在文件系统为 %s", x.sys.FileSystem), Text{})
	}
	if x.sys.Free < 0 {
		return nil
	}
	held, err := size(filepath.Join(x.o.Data, snapshotsDir))
	if err != nil {
		return err
	}
	current := int64(0)
	if st, err := store.OpenDir(x.o.Data); err == nil {
		if id, err := st.Current(); err == nil {
			if current, err = size(filepath.Join(x.o.Data, generationsDir, id)); err != nil {
				return err
			}
		}
	}
	need := max(current, held)*13/10 + spaceForSeal + spaceForLedger
	do := text("drop what is no longer needed (hedui retention plan), or a larger disk", "清理不再需要的数据（hedui retention plan），或扩容")
	switch {
	case x.sys.Free < need:
		x.add("space", Error, text("%d MiB are free and the next publish needs about %d", "剩余 %d MiB，下次发布约需 %d MiB", x.sys.Free>>20, need>>20), do)
	case x.sys.Free < 2*need:
		x.add("space", Warning, text("%d MiB are free, the next publish needs about %d and the one after as much again", "剩余 %d MiB，下次发布约需 %d MiB，再下一次同样需要", x.sys.Free>>20, need>>20), do)
	default:
		x.add("space", OK, text("there is room for the next publish: about %d MiB", "空间足够下次发布：约需 %d MiB", need>>20), Text{})
	}
	return nil
}

// size is that of all files below a directory, 0 when it is not there.
func size(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n, err
}

// leastFiles is how many files a process should be able to have open: a generation
// and the ledger keep some hundreds.
const leastFiles = 4096

// limits examines what the machine allows a process.
func (x *examiner) limits(context.Context) error {
	if x.sys.Files >= 0 {
		if x.sys.Files < leastFiles {
			x.add("open_files", Warning, text("a process may have %d files open, %d are wanted", "进程可打开 %d 个文件，建议不少于 %d", x.sys.Files, leastFiles),
				text("raise it: LimitNOFILE=65536 in the systemd unit", "调高上限：systemd 单元中设 LimitNOFILE=65536"))
		} else {
			x.add("open_files", OK, text("a process may have %d files open", "进程可打开 %d 个文件", x.sys.Files), Text{})
		}
	}
	if x.sys.Core > 0 {
		x.add("core_dumps", Warning, text("a crash would write the memory of the process to a file, people and keys in it", "进程崩溃时内存会写入文件，其中含个人信息和密钥"),
			text("LimitCORE=0 in the systemd unit, or ulimit -c 0", "systemd 单元中设 LimitCORE=0，或执行 ulimit -c 0"))
	} else if x.sys.Core == 0 {
		x.add("core_dumps", OK, text("a crash writes no memory to a file", "崩溃时不转储内存"), Text{})
	}
	return nil
}

// locks says who works on the directory.
func (x *examiner) locks(context.Context) error {
	for _, l := range []struct{ file, code, en, zh string }{
		{"lock", "changing", "process %d changes the directory", "进程 %d 正在修改数据目录"},
		{"ledger/owner.pid", "ledger_owner", "process %d owns the ledger", "进程 %d 持有台账"},
	} {
		b, err := os.ReadFile(filepath.Join(x.o.Data, filepath.FromSlash(l.file)))
		if err != nil {
			continue // nobody ever did
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
		if err != nil || pid < 1 || x.sys.Alive == nil {
			continue
		}
		if x.sys.Alive(pid) {
			x.add(l.code, OK, text(l.en, l.zh, pid), Text{})
		} else if l.file == "lock" {
			x.add(l.code, Note, text("process %d was changing the directory when it ended", "进程 %d 修改数据目录时中断", pid),
				text("the next ingest or publish clears what it left", "下次接入或发布时自动清理"))
		}
	}
	return nil
}

// unfinished looks for what interrupted work left.
func (x *examiner) unfinished(context.Context) error {
	var left []string
	for _, dir := range []string{"tmp", generationsDir} {
		held, err := os.ReadDir(filepath.Join(x.o.Data, dir))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range held {
			if dir == "tmp" || strings.HasPrefix(e.Name(), ".building-") || strings.HasPrefix(e.Name(), ".dropped-") {
				left = append(left, dir+"/"+e.Name())
			}
		}
	}
	if len(left) == 0 {
		x.add("unfinished", OK, text("no unfinished work", "没有未完成的工作"), Text{})
		return nil
	}
	x.add("unfinished", Note, text("unfinished work: %s", "未完成的工作：%s", join(left)),
		text("if no command is running, the next ingest or publish clears it", "若无命令在运行，下次接入或发布时自动清理"))
	return nil
}
