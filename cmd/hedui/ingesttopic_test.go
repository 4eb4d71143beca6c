package main

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hedui/hedui/engine/stream"
	"github.com/hedui/hedui/engine/stream/streamtest"
)

// TestScriptTopic runs testdata/topic/*.txtar with a broker at $KAFKA. "produce topic
// partitions file" sends each line of a file, "produce topic partitions -end" the mark to
// every partition.
func TestScriptTopic(t *testing.T) {
	f := streamtest.Fake(t)
	b, err := stream.Open(stream.Options{Brokers: f.Addrs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	ctx := context.Background() // the scripts run when this function has returned
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/topic",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("LC_ALL", "C")
			e.Setenv("LANG", "")
			e.Setenv("LC_MESSAGES", "")
			e.Setenv("KAFKA", f.Addrs[0])
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status,
			"line":   line,
			"produce": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 3 {
					ts.Fatalf("usage: produce topic partitions file")
				}
				partitions, err := strconv.ParseInt(args[1], 10, 32)
				ts.Check(err)
				ts.Check(b.Ensure(ctx, stream.Topic{Name: args[0], Partitions: int32(partitions)}))
				var ms []stream.Message
				if args[2] == "-end" {
					for p := range int32(partitions) {
						ms = append(ms, stream.Message{Topic: args[0], Key: keyFor(p, int32(partitions)), Headers: []stream.Header{{Key: "end"}}})
					}
				} else {
					n := int32(0)
					for text := range strings.Lines(ts.ReadFile(args[2])) {
						text = strings.ReplaceAll(strings.TrimSuffix(text, "\n"), `\n`, "\n")
						ms = append(ms, stream.Message{Topic: args[0], Key: keyFor(n%int32(partitions), int32(partitions)), Value: []byte(text)})
						n++
					}
				}
				ts.Check(b.Produce(ctx, ms...))
			},
			"trim": func(ts *testscript.TestScript, _ bool, args []string) {
				before, err := strconv.ParseInt(args[1], 10, 64)
				ts.Check(err)
				streamtest.Target{Brokers: f.Addrs}.Trim(t, args[0], 0, before)
			},
			"drop": func(_ *testscript.TestScript, _ bool, args []string) {
				streamtest.Target{Brokers: f.Addrs}.Drop(t, args[0])
			},
		},
	})
}

func keyFor(partition, of int32) []byte {
	for i := 0; ; i++ {
		if key := []byte("k" + strconv.Itoa(i)); stream.PartitionOf(key, of) == partition {
			return key
		}
	}
}
