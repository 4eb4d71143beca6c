// Command broker runs a Kafka broker on this machine until it is told to stop, to try
// hedui on: go run ./bench/broker -dir DIR -topics hedui.requests.v1:4,hedui.verdicts.v1:4
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/hedui/hedui/bench/broker/kraft"
	"github.com/hedui/hedui/engine/stream"
)

func main() {
	dir := flag.String("dir", "", "`folder` of the broker; one that was used before is used again")
	port := flag.Int("port", 9092, "`port` in the clear; 0 takes a free one")
	topics := flag.String("topics", "", "topics to create where they are missing, as in `name:partitions`,name:partitions")
	pin := flag.Bool("pin", false, "write the checksums of what pom.xml resolves to and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *port, *topics, *pin); err != nil {
		fmt.Fprintln(os.Stderr, "broker:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, port int, topics string, pin bool) error {
	if pin {
		text, err := kraft.Pin(ctx)
		if err != nil {
			return err
		}
		return os.WriteFile("bench/broker/kraft/jars.sha256", text, 0o644)
	}
	if dir == "" {
		return errors.New("say where with -dir DIR")
	}
	n, err := kraft.Start(ctx, kraft.Options{Dir: dir, Port: port})
	if err != nil {
		return err
	}
	if err := create(ctx, n, topics); err != nil {
		return errors.Join(err, n.Stop())
	}
	fmt.Printf("brokers: [%s]\nencrypted: [%s], ca %s, scram-sha-512, user %s, password %s\n", n.Addr, n.Secure, n.CA, kraft.User, kraft.Password)
	<-ctx.Done()
	return n.Stop()
}

// create makes the topics that were asked for.
func create(ctx context.Context, n *kraft.Node, list string) error {
	if list == "" {
		return nil
	}
	var topics []stream.Topic
	for item := range strings.SplitSeq(list, ",") {
		name, count, _ := strings.Cut(item, ":")
		partitions, err := strconv.ParseInt(count, 10, 32)
		if err != nil {
			return fmt.Errorf("%q is not name:partitions", item)
		}
		topics = append(topics, stream.Topic{Name: name, Partitions: int32(partitions)})
	}
	b, err := stream.Open(stream.Options{Brokers: n.Brokers()})
	if err != nil {
		return err
	}
	defer b.Close()
	return b.Ensure(ctx, topics...)
}
