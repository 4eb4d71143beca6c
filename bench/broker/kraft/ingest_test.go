package kraft_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hedui/hedui/connectors/departments"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/ingest"
	"github.com/hedui/hedui/engine/ingest/topic"
	"github.com/hedui/hedui/engine/snapshot"
	"github.com/hedui/hedui/engine/stream"
)

// A department's topic becomes a snapshot while the broker is killed beneath, and it is
// the one that comes out undisturbed.
func TestBrokerOwnIngest(t *testing.T) {
	const rows = 100_000
	n := node(t)
	b := n.Target().Open(t, func(o *stream.Options) { o.Patience = time.Minute })
	name := n.Target().Topic(t, b, 4)
	var ms []stream.Message
	for i := range rows {
		m := stream.Message{Topic: name, Key: fmt.Append(nil, i), Value: fmt.Appendf(nil, "赵伟,340104199410246653,LSVAM4187C2%06d,皖A%05d,轿车,正常", i, i%100_000)}
		if i%10_000 == 9 {
			m.Value = []byte(`"poison`)
		}
		ms = append(ms, m)
	}
	if err := b.Produce(t.Context(), ms...); err != nil {
		t.Fatal(err)
	}
	spans, err := topic.Plan(t.Context(), topic.Options{Broker: b, Topic: name})
	if err != nil {
		t.Fatal(err)
	}
	day, _ := household.ParseDate([]byte("2026-10-31"))
	take := func() (ingest.Result, error) {
		return ingest.Run(t.Context(), ingest.Options{
			Dir: t.TempDir(), Department: departments.Of(household.Vehicle), AsOf: day,
			Feeds: topic.Feeds(b, spans, []string{"姓名", "证件号码", "车辆识别代号", "号牌号码", "车辆类型", "状态"}),
		})
	}
	begun := time.Now()
	want, err := take()
	if err != nil {
		t.Fatal(err)
	}
	undisturbed := time.Since(begun)
	if want.RowsIn != rows || want.Quarantined != rows/10_000 || want.State != snapshot.Active {
		t.Errorf("%d rows in, %d quarantined, %s", want.RowsIn, want.Quarantined, want.State)
	}
	back := make(chan error, 1)
	go func() {
		time.Sleep(undisturbed / 4)
		if err := n.Kill(); err != nil {
			back <- err
			return
		}
		back <- n.Restart(t.Context())
	}()
	begun = time.Now()
	got, err := take()
	if err := <-back; err != nil {
		t.Fatal(err)
	}
	if err != nil || got.Snapshot != want.Snapshot {
		t.Errorf("snapshot %s, undisturbed %s, %v", got.Snapshot, want.Snapshot, err)
	}
	t.Logf("%d rows in %v, with the broker killed in %v", rows, undisturbed.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond))
}
