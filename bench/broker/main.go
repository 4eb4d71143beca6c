// Command broker runs a Kafka broker on this machine until it is told to stop, to try
// hedui on: go run ./bench/broker -dir DIR.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/hedui/hedui/bench/broker/kraft"
)

func main() {
	dir := flag.String("dir", "", "`folder` of the broker; one that was used before is used again")
	port := flag.Int("port", 9092, "`port` in the clear; 0 takes a free one")
	pin := flag.Bool("pin", false, "write the checksums of what pom.xml resolves to and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *port, *pin); err != nil {
		fmt.Fprintln(os.Stderr, "broker:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, port int, pin bool) error {
	if pin {
		text, err := kraft.Pin(ctx)
		if err != nil {
			return err
		}
		return os.WriteFile("bench/broker/kraft/jars.sha256", text, 0o644)
	}
	if dir == "" {
		return fmt.Errorf("say where with -dir DIR")
	}
	n, err := kraft.Start(ctx, kraft.Options{Dir: dir, Port: port})
	if err != nil {
		return err
	}
	fmt.Printf("brokers: [%s]\nencrypted: [%s], ca %s, scram-sha-512, user %s, password %s\n", n.Addr, n.Secure, n.CA, kraft.User, kraft.Password)
	<-ctx.Done()
	return n.Stop()
}
