package batches

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The topics and the group, as they are called when nobody says otherwise.
const (
	topicRequests = "hedui.requests.v1"
	topicVerdicts = "hedui.verdicts.v1"
	topicDead     = "hedui.dead-letter.v1"
	groupWorkers  = "hedui-workers"
	largest       = 4 << 20 // message of a topic
)

// client speaks to the broker by a library that hedui does not use.
func client(t testing.TB, s *site, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(s.node.Brokers()...), kgo.RetryTimeout(2 * time.Minute), kgo.DialTimeout(5 * time.Second), kgo.MetadataMinAge(100 * time.Millisecond),
	}, more...)...)
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// makeTopic makes a topic, which may have been removed a moment ago.
func makeTopic(ctx context.Context, c *kgo.Client, name string, partitions int) error {
	size := fmt.Sprint(largest)
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, int32(partitions), 1
	config := kmsg.NewCreateTopicsRequestTopicConfig()
	config.Name, config.Value = "max.message.bytes", &size
	topic.Configs = append(topic.Configs, config)
	r := kmsg.NewPtrCreateTopicsRequest()
	r.Topics, r.TimeoutMillis = append(r.Topics, topic), 20000
	for {
		answer, err := r.RequestWith(ctx, c)
		if err != nil {
			return err
		}
		err = kerr.ErrorForCode(answer.Topics[0].ErrorCode)
		if err == nil || !errors.Is(err, kerr.TopicAlreadyExists) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func removeTopic(ctx context.Context, c *kgo.Client, name string) error {
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = &name
	r := kmsg.NewPtrDeleteTopicsRequest()
	r.TopicNames, r.Topics, r.TimeoutMillis = []string{name}, append(r.Topics, topic), 20000
	answer, err := r.RequestWith(ctx, c)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(answer.Topics[0].ErrorCode)
}

// ends are the offsets that the next messages of a topic get.
func ends(ctx context.Context, c *kgo.Client, topic string, partitions int) (map[int32]int64, error) {
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic = topic
	for p := range partitions {
		x := kmsg.NewListOffsetsRequestTopicPartition()
		x.Partition, x.Timestamp = int32(p), -1
		t.Partitions = append(t.Partitions, x)
	}
	r := kmsg.NewPtrListOffsetsRequest()
	r.ReplicaID, r.Topics = -1, append(r.Topics, t)
	answer, err := r.RequestWith(ctx, c)
	if err != nil {
		return nil, err
	}
	at := map[int32]int64{}
	for _, x := range answer.Topics[0].Partitions {
		if err := kerr.ErrorForCode(x.ErrorCode); err != nil {
			return nil, err
		}
		at[x.Partition] = x.Offset
	}
	return at, nil
}

// readAll reads a topic from its beginning to what is its end now.
func (s *site) readAll(ctx context.Context, topic string, partitions int) (reading, error) {
	from := map[int32]kgo.Offset{}
	for p := range partitions {
		from[int32(p)] = kgo.NewOffset().At(0)
	}
	c := client(s.t, s, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}), kgo.FetchMaxPartitionBytes(2*largest))
	defer c.Close()
	end, err := ends(ctx, c, topic, partitions)
	if err != nil {
		return nil, err
	}
	all := make(reading, partitions)
	left := int64(0)
	for _, n := range end {
		left += n
	}
	for left > 0 {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return nil, err
		}
		var wrong error
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset >= end[r.Partition] {
				return
			}
			if r.Offset != int64(len(all[r.Partition])) {
				wrong = fmt.Errorf("%s/%d: %d follows %d", topic, r.Partition, r.Offset, len(all[r.Partition]))
			}
			all[r.Partition] = append(all[r.Partition], recordOf(r))
			left--
		})
		if wrong != nil {
			return nil, wrong
		}
	}
	return all, nil
}

func recordOf(r *kgo.Record) record {
	x := record{partition: r.Partition, offset: r.Offset, key: r.Key, value: r.Value, headers: map[string]string{}}
	for _, h := range r.Headers {
		x.headers[h.Key] = string(h.Value)
	}
	return x
}

// listener hears what the workers say, while they do.
type listener struct {
	mu       sync.Mutex
	verdicts map[string]bool // by id
	dead     map[string]bool // by place
	bytes    int64           // of verdicts
	said     int             // messages, those that were said again too
	moved    time.Time
}

// listen hears the topics of verdicts and dead letters until the test ends.
func (s *site) listen(ctx context.Context) *listener {
	l := &listener{verdicts: map[string]bool{}, dead: map[string]bool{}, moved: time.Now()}
	c := client(s.t, s, kgo.ConsumeTopics(topicVerdicts, topicDead), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	go func() {
		for ctx.Err() == nil {
			fetches := c.PollFetches(ctx)
			l.mu.Lock()
			fetches.EachRecord(func(r *kgo.Record) {
				x := recordOf(r)
				if r.Topic == topicDead {
					l.dead[x.headers["partition"]+"/"+x.headers["offset"]+string(r.Key)] = true
				} else {
					l.verdicts[x.headers["id"]] = true
					l.bytes += int64(len(r.Value))
				}
				l.said++
				l.moved = time.Now()
			})
			l.mu.Unlock()
		}
	}()
	return l
}

func (l *listener) heard() (verdicts, dead, said int, since time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.verdicts), len(l.dead), l.said, time.Since(l.moved)
}

// committed are the offsets that the group has said to be worked off.
func committed(ctx context.Context, c *kgo.Client, partitions int) (map[int32]int64, error) {
	t := kmsg.NewOffsetFetchRequestGroupTopic()
	t.Topic = topicRequests
	old := kmsg.NewOffsetFetchRequestTopic()
	old.Topic = topicRequests
	for p := range partitions {
		t.Partitions, old.Partitions = append(t.Partitions, int32(p)), append(old.Partitions, int32(p))
	}
	g := kmsg.NewOffsetFetchRequestGroup()
	g.Group, g.Topics = groupWorkers, append(g.Topics, t)
	r := kmsg.NewPtrOffsetFetchRequest()
	r.Group, r.Topics, r.Groups = groupWorkers, append(r.Topics, old), append(r.Groups, g)
	answer, err := r.RequestWith(ctx, c)
	if err != nil {
		return nil, err
	}
	at := map[int32]int64{}
	for _, g := range answer.Groups {
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				if p.ErrorCode == 0 {
					at[p.Partition] = p.Offset
				}
			}
		}
	}
	return at, nil
}
