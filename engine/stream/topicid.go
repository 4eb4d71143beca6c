package stream

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/segmentio/kafka-go"
)

// kafka-go asks for metadata in a version without the ids of topics, so that a topic that was
// made anew under its name can't be told from the one before. This asks in one that has them.
const (
	metadataKey     = 3
	metadataVersion = 12
	metadataAnswer  = 4 << 20
)

// TopicID implements Broker.
func (c *cluster) TopicID(ctx context.Context, topic string, partition int32) (id string, err error) {
	err = c.again(ctx, func(ctx context.Context) error {
		id, err = c.topicID(ctx, topic, partition)
		return err
	})
	return id, c.where("topic "+topic, err)
}

func (c *cluster) topicID(ctx context.Context, topic string, partition int32) (string, error) {
	if c.noIDs.Load() {
		return "", nil
	}
	addr, err := c.leader(ctx, topic, partition)
	if err != nil {
		return "", err
	}
	if !c.hasIDs.Load() {
		able, err := c.speaks(ctx, addr, metadataKey, metadataVersion)
		if err != nil {
			return "", err
		}
		c.hasIDs.Store(able)
		c.noIDs.Store(!able)
		if !able {
			return "", nil
		}
	}
	conn, err := c.d.authenticated(ctx, addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, err := conn.Write(metadataRequest(c.o.Client, topic)); err != nil {
		return "", err
	}
	return readTopicID(conn)
}

// leader is the address of the broker that has a partition.
func (c *cluster) leader(ctx context.Context, topic string, partition int32) (string, error) {
	m, err := c.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return "", err
	}
	for _, t := range m.Topics {
		if t.Error != nil {
			return "", t.Error
		}
		for _, p := range t.Partitions {
			if p.ID == int(partition) && p.Leader.Host != "" {
				return net.JoinHostPort(p.Leader.Host, fmt.Sprint(p.Leader.Port)), nil
			}
		}
	}
	return "", kafka.LeaderNotAvailable
}

// speaks reports whether a broker has a request in a version.
func (c *cluster) speaks(ctx context.Context, addr string, key, version int) (bool, error) {
	v, err := c.client.ApiVersions(ctx, &kafka.ApiVersionsRequest{Addr: kafka.TCP(addr)})
	if err == nil {
		err = v.Error
	}
	if err != nil {
		return false, err
	}
	for _, k := range v.ApiKeys {
		if k.ApiKey == key {
			return k.MinVersion <= version && version <= k.MaxVersion, nil
		}
	}
	return false, nil
}

// metadataRequest is the frame that asks for one topic, and makes none.
func metadataRequest(client, topic string) []byte {
	b := make([]byte, 4, 128)
	b = binary.BigEndian.AppendUint16(b, metadataKey)
	b = binary.BigEndian.AppendUint16(b, metadataVersion)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint16(b, uint16(len(client)))
	b = append(b, client...)
	b = append(b, 0, 2)                // no tags; one topic,
	b = append(b, make([]byte, 16)...) // of whichever id
	b = binary.AppendUvarint(b, uint64(len(topic)+1))
	b = append(b, topic...)
	b = append(b, 0, 0, 0, 0) // no tags; not to be made; no list of what is allowed; no tags
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

var errMetadata = errors.New("not in the form of an answer with the id of a topic")

// readTopicID reads an answer up to the id of its one topic.
func readTopicID(conn io.Reader) (string, error) {
	var size [4]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return "", err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > metadataAnswer {
		return "", errMetadata
	}
	in := &compact{r: bufio.NewReader(io.LimitReader(conn, int64(n)))}
	in.skip(4) // which question
	in.tags()
	in.skip(4) // throttled
	for range in.length() {
		in.skip(4) // broker
		in.text()
		in.skip(4) // port
		in.text()  // rack
		in.tags()
	}
	in.text()  // cluster
	in.skip(4) // controller
	if in.length() != 1 {
		in.fail(errMetadata)
	}
	code := int16(binary.BigEndian.Uint16(in.take(2)))
	in.text()
	id := in.take(16)
	switch {
	case in.err != nil:
		return "", in.err
	case code != 0:
		return "", kafka.Error(code)
	}
	return hex.EncodeToString(id), nil
}

// compact reads an answer of the newer form, as long as there is no error.
type compact struct {
	r   *bufio.Reader
	err error
}

func (in *compact) fail(err error) {
	if in.err == nil { // nil changes nothing
		in.err = err
	}
}

func (in *compact) take(n int) []byte {
	b := make([]byte, n)
	if in.err == nil {
		_, in.err = io.ReadFull(in.r, b)
	}
	return b
}

func (in *compact) skip(n int) {
	if in.err == nil {
		_, in.err = in.r.Discard(n)
	}
}

// length is that of a list or a text; nothing is 0.
func (in *compact) length() int {
	if in.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(in.r)
	if err == nil && n > metadataAnswer {
		err = errMetadata
	}
	if err != nil {
		in.err = err
		return 0
	}
	return max(int(n)-1, 0)
}

func (in *compact) text() { in.skip(in.length()) }

// tags passes what newer versions may say besides.
func (in *compact) tags() {
	if in.err != nil {
		return
	}
	n, err := binary.ReadUvarint(in.r)
	in.fail(err)
	for range min(n, 100) {
		_, err := binary.ReadUvarint(in.r) // which
		in.fail(err)
		size, err := binary.ReadUvarint(in.r)
		in.fail(err)
		if size > metadataAnswer {
			in.fail(errMetadata)
			return
		}
		in.skip(int(size))
	}
}
