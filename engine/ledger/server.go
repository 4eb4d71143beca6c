package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const socketName = "owner.sock"

// longestSocket is how long the name of a socket may be on every system we know.
const longestSocket = 100

// socketPath is a name of the socket that a system call takes: paths of sockets are
// bounded to about a hundred bytes, and data directories lie deeper. hold must be
// closed when the name is no longer needed.
func socketPath(dir string) (name string, hold io.Closer, err error) {
	name = filepath.Join(dir, socketName)
	if len(name) <= longestSocket {
		return name, io.NopCloser(nil), nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	short := filepath.Join("/proc/self/fd", strconv.Itoa(int(d.Fd())))
	if _, err := os.Stat(short); err != nil {
		d.Close()
		return "", nil, fmt.Errorf("the name of %s is longer than a socket's may be", name)
	}
	return filepath.Join(short, socketName), d, nil
}

// Abandoned reports whether whoever owned the ledger of a data directory last ended without
// letting go of it, as one does that is killed. It may be on its way again. It says so of a
// ledger too whose owner is there: see Connect.
func Abandoned(data string) bool {
	_, err := os.Lstat(filepath.Join(data, "ledger", socketName))
	return err == nil
}

// server answers the clients of an owner for as long as it lives.
type server struct {
	http *http.Server
	path string
	done chan struct{}
}

func serve(o *Owner) (*server, error) {
	path := filepath.Join(o.dir, socketName)
	// Who has the lock is the owner, so a socket that is there is a dead one's.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listen for clients of the ledger: %w", err)
	}
	name, hold, err := socketPath(o.dir)
	if err != nil {
		return nil, fmt.Errorf("listen for clients of the ledger: %w", err)
	}
	defer hold.Close()
	// The directory is private, so there is no moment in which others could connect.
	l, err := new(net.ListenConfig).Listen(context.Background(), "unix", name)
	if err != nil {
		return nil, fmt.Errorf("listen for clients of the ledger: %w", err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("listen for clients of the ledger: %w", err), l.Close())
	}
	s := &server{
		path: path, done: make(chan struct{}),
		http: &http.Server{Handler: handler(o), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)},
	}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // ends by close
	}()
	return s, nil
}

// close finishes what was asked and ends the connections.
func (s *server) close() {
	os.Remove(s.path)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // what did not end in time
	}
	<-s.done
}
