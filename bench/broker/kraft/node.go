package kraft

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hedui/hedui/engine/stream"
)

// Who may come in at Secure. It guards a broker of a test.
const (
	User     = "hedui"
	Password = "a-test's-password"
)

// How long a start may take before it counts as one that never ends.
const startLimit = 60 * time.Second

// Node is a broker.
type Node struct {
	// Dir is its folder, Addr its address in the clear, Secure the encrypted one.
	Dir, Addr, Secure string
	// CA is the file of the authority that signs for Secure.
	CA string
	// External says that somebody else runs it: it can't be killed.
	External bool

	jars string
	java string
	cmd  *exec.Cmd
	done chan struct{}
}

// Options say where a node lives.
type Options struct {
	Dir string
	// Cache is where the jars are; "" is the user's cache directory.
	Cache string
	// Port is the one of Addr; 0 takes a free one.
	Port int
}

// Start starts a node in a folder that is empty, or was a node's before, and returns
// when it answers.
func Start(ctx context.Context, o Options) (*Node, error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, errors.New("no java: install a Java runtime 17 or later (default-jre-headless), or name a running broker in KAFKA_BROKERS")
	}
	jars, err := Jars(ctx, o.Cache)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	n := &Node{Dir: dir, jars: jars, java: java, CA: filepath.Join(dir, "ca.pem")}
	if err := n.prepare(ctx, o.Port); err != nil {
		return nil, err
	}
	return n, n.Restart(ctx)
}

// prepare lays the folder out, unless it is.
func (n *Node) prepare(ctx context.Context, port int) error {
	text, err := os.ReadFile(n.file("addresses"))
	if err == nil {
		_, err = fmt.Sscan(string(text), &n.Addr, &n.Secure)
		return err
	}
	if err := os.MkdirAll(n.file("data"), 0o700); err != nil {
		return err
	}
	ports := []int{port, 0, 0}
	if err := free(ports); err != nil {
		return err
	}
	at := func(i int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[i])) }
	n.Addr, n.Secure = at(0), at(1)
	if err := certificates(n.CA, n.file("broker.pem")); err != nil {
		return err
	}
	if err := os.WriteFile(n.file("server.properties"), []byte(n.properties(at(2))), 0o600); err != nil {
		return err
	}
	format := exec.CommandContext(ctx, n.java, "-cp", filepath.Join(n.jars, "*"), "kafka.tools.StorageTool", "format",
		"--cluster-id", "aGVkdWkta2Fma2EtdGVzdA", "--config", n.file("server.properties"),
		"--add-scram", "SCRAM-SHA-512=[name="+User+",password="+Password+"]")
	format.Args = append(format.Args[:1:1], append(heap(), format.Args[1:]...)...)
	if out, err := format.CombinedOutput(); err != nil {
		return fmt.Errorf("kafka's storage: %w: %s", err, tail(out))
	}
	return os.WriteFile(n.file("addresses"), []byte(n.Addr+"\n"+n.Secure+"\n"), 0o600)
}

// properties is the configuration of a node that starts fast and needs little.
func (n *Node) properties(controller string) string {
	return strings.NewReplacer("{addr}", n.Addr, "{secure}", n.Secure, "{controller}", controller,
		"{dir}", n.file("data"), "{pem}", n.file("broker.pem")).Replace(`process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{addr},SASL_SSL://{secure},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{addr},SASL_SSL://{secure}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={pem}
log.dirs={dir}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=100
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=8388608
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=1000
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=250
`)
}

// Restart starts a node that was killed or stopped, and returns when it answers.
func (n *Node) Restart(ctx context.Context) error {
	if n.External {
		return errors.New("this broker is somebody else's")
	}
	log, err := os.OpenFile(n.file("broker.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := append(heap(), "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true",
		"-cp", filepath.Join(n.jars, "*"), "kafka.Kafka", n.file("server.properties"))
	cmd := exec.Command(n.java, args...) // it outlives the context of its start
	cmd.Stdout, cmd.Stderr = log, log
	// What the terminal sends to whoever started it is not for the broker.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	n.cmd, n.done = cmd, done
	return n.ready(ctx)
}

func heap() []string {
	return []string{"-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}
}

// ready waits until the broker knows its topics.
func (n *Node) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	b, err := stream.Open(stream.Options{Brokers: []string{n.Addr}, Patience: time.Second, Timeout: time.Second, Wait: 100 * time.Millisecond})
	if err != nil {
		return err
	}
	defer b.Close()
	for {
		if conn, err := net.DialTimeout("tcp", n.Addr, time.Second); err == nil {
			conn.Close()
			if err := b.Ensure(ctx, stream.Topic{Name: "kraft-ready", Partitions: 1}); err == nil {
				if _, _, err := b.Bounds(ctx, "kraft-ready", 0); err == nil {
					return nil
				}
			}
		}
		select {
		case <-n.done:
			log, _ := os.ReadFile(n.file("broker.log"))
			return fmt.Errorf("kafka ended while it started: %s", tail(log))
		case <-ctx.Done():
			log, _ := os.ReadFile(n.file("broker.log"))
			return fmt.Errorf("kafka does not answer: %w: %s", ctx.Err(), tail(log))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Pid is the number of its process.
func (n *Node) Pid() int { return n.cmd.Process.Pid }

// Kill ends the broker as a power cut of its process does.
func (n *Node) Kill() error { return n.end(syscall.SIGKILL) }

// Stop lets the broker end in order, for ten seconds.
func (n *Node) Stop() error { return n.end(syscall.SIGTERM) }

func (n *Node) end(signal syscall.Signal) error {
	if n.External {
		return errors.New("this broker is somebody else's: it can't be killed")
	}
	if n.cmd == nil {
		return nil
	}
	if err := n.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-n.done:
	case <-time.After(10 * time.Second):
		_ = n.cmd.Process.Kill()
		<-n.done
	}
	n.cmd = nil
	return nil
}

// Options returns how the broker is reached encrypted and with a password.
func (n *Node) Options() stream.Options {
	return stream.Options{
		Brokers: []string{n.Secure}, TLS: stream.TLS{CA: n.CA},
		SASL: stream.SASL{Mechanism: stream.ScramSHA512, User: User, Password: Password},
	}
}

func (n *Node) file(name string) string { return filepath.Join(n.Dir, name) }

func tail(b []byte) []byte { return bytes.TrimSpace(b[max(0, len(b)-2000):]) }

// free replaces each 0 by a port that was free a moment ago.
func free(ports []int) error {
	var held []net.Listener
	defer func() {
		for _, l := range held {
			l.Close()
		}
	}()
	for i, p := range ports {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p)))
		if err != nil {
			return err
		}
		held = append(held, l)
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return nil
}
