package batches

import (
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

var (
	integration = flag.Bool("integration", false, "run what needs a real broker")
	external    = flag.Bool("external", false, "the broker of KAFKA_BROKERS can't be killed: leave out what kills it")
	long        = flag.Bool("batches.long", false, "run the measurements, which take some minutes")
	requests    = flag.Int("batches.requests", 3000, "how many requests are sent under faults")
	kills       = flag.Int("batches.kills", 2, "how often the broker, and how often a worker is killed")
	owners      = flag.Int("batches.owners", 1, "how often the owner of the ledger is killed")
	freezes     = flag.Int("batches.freezes", 1, "how often a worker is frozen for twice its session")
	storm       = flag.Int("batches.storm", 1, "how often a worker joins and leaves")
	partitions  = flag.Int("batches.partitions", 6, "partitions of the topics")
	seed        = flag.Uint64("batches.seed", uint64(time.Now().UnixNano()), "seed of moments and orders")
	load        = flag.Int("batches.load", 30000, "households of each run that is timed")
	rounds      = flag.Int("batches.rounds", 1, "rounds of the runs that are timed")
	hedui       = flag.String("batches.hedui", "", "the built `program`; without it, it is built")
	work        = flag.String("batches.work", "", "`folder` that is kept; without it one that is removed")
)

// answered counts the requests that were seen answered.
var answered atomic.Int64

// Every test whose name begins with TestBroker needs a broker that can be killed,
// TestBrokerLong minutes besides.
func TestMain(m *testing.M) {
	flag.Parse()
	leave := ""
	switch {
	case !*integration || *external:
		leave = "^TestBroker"
	case !*long:
		leave = "^TestBrokerLong"
	}
	if leave != "" {
		if err := flag.Set("test.skip", leave); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	code := m.Run()
	if *integration && !*external && code == 0 && answered.Load() == 0 {
		fmt.Fprintln(os.Stderr, "FAIL: no request was answered")
		code = 1
	}
	os.Exit(code)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
