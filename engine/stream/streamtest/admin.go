package streamtest

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Other is another client of the same broker: what it does, Kafka's users do.
func (target Target) Other(tb testing.TB, opts ...kgo.Opt) *kgo.Client {
	tb.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(target.Brokers...), kgo.RetryTimeout(20 * time.Second)}, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// Trim deletes the messages of a partition before an offset, as retention does.
func (target Target) Trim(tb testing.TB, topic string, partition int32, before int64) {
	tb.Helper()
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.TimeoutMillis = 10_000
	t := kmsg.NewDeleteRecordsRequestTopic()
	t.Topic = topic
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Partition, p.Offset = partition, before
	t.Partitions = append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	resp, err := req.RequestWith(context.Background(), target.Other(tb))
	if err != nil {
		tb.Fatal(err)
	}
	if err := kerr.ErrorForCode(resp.Topics[0].Partitions[0].ErrorCode); err != nil {
		tb.Fatal(err)
	}
}

// Drop deletes a topic, and waits until nobody sees it any more.
func (target Target) Drop(tb testing.TB, topic string) {
	tb.Helper()
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TimeoutMillis = 10_000
	req.TopicNames = []string{topic}
	t := kmsg.NewDeleteTopicsRequestTopic()
	t.Topic = new(topic)
	req.Topics = append(req.Topics, t)
	c := target.Other(tb)
	resp, err := req.RequestWith(context.Background(), c)
	if err != nil {
		tb.Fatal(err)
	}
	if err := kerr.ErrorForCode(resp.Topics[0].ErrorCode); err != nil {
		tb.Fatal(err)
	}
	for range 100 {
		meta := kmsg.NewPtrMetadataRequest()
		m := kmsg.NewMetadataRequestTopic()
		m.Topic = new(topic)
		meta.Topics = append(meta.Topics, m)
		resp, err := meta.RequestWith(context.Background(), c)
		if err == nil && resp.Topics[0].ErrorCode == kerr.UnknownTopicOrPartition.Code {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	tb.Fatal("a topic that was deleted is still there")
}

// Committed returns what a group committed of a partition, -1 for nothing.
func (target Target) Committed(tb testing.TB, group, topic string, partition int32) int64 {
	tb.Helper()
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Group = group
	t := kmsg.NewOffsetFetchRequestTopic()
	t.Topic, t.Partitions = topic, []int32{partition}
	req.Topics = append(req.Topics, t)
	g := kmsg.NewOffsetFetchRequestGroup()
	g.Group = group
	gt := kmsg.NewOffsetFetchRequestGroupTopic()
	gt.Topic, gt.Partitions = topic, []int32{partition}
	g.Topics = append(g.Topics, gt)
	req.Groups = append(req.Groups, g)
	resp, err := req.RequestWith(context.Background(), target.Other(tb))
	if err != nil {
		tb.Fatal(err)
	}
	if len(resp.Groups) > 0 {
		return resp.Groups[0].Topics[0].Partitions[0].Offset
	}
	return resp.Topics[0].Partitions[0].Offset
}
