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
	"time"

	"github.com/segmentio/kafka-go"
)

// A topic that is deleted and made anew has the same name, and soon as many messages. The
// brokers give each its own id since version 2.8, which kafka-go doesn't hand out.

const (
	metadataKey     = 3
	metadataVersion = 10
	// The most that a list of brokers and one topic may need.
	metadataFrame = 1 << 20
)

func (c *cluster) TopicID(ctx context.Context, topic string) (string, error) {
	// Whether it is there is asked where a list that is too old is waited for.
	if _, err := c.topic(ctx, topic); err != nil {
		return "", err
	}
	var id string
	err := c.again(ctx, func(ctx context.Context) error {
		var err error
		for _, broker := range c.o.Brokers {
			if id, err = c.topicID(ctx, broker, topic); err == nil {
				return nil
			}
		}
		return err
	})
	if err != nil {
		return "", c.where("topic "+topic, err)
	}
	return id, nil
}

// topicID asks one broker. Brokers that know no ids hang up: "" then.
func (c *cluster) topicID(ctx context.Context, broker, topic string) (string, error) {
	conn, err := c.d.authenticated(ctx, broker)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, err := conn.Write(metadataRequest(c.o.Client, topic)); err != nil {
		return "", err
	}
	id, err := readTopicID(bufio.NewReader(conn), topic)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "", nil
	}
	return id, err
}

// metadataRequest asks for one topic, and not that it be created.
func metadataRequest(client, topic string) []byte {
	b := make([]byte, 4, 128)
	i16 := func(v int) { b = binary.BigEndian.AppendUint16(b, uint16(v)) }
	i16(metadataKey)
	i16(metadataVersion)
	b = binary.BigEndian.AppendUint32(b, 1)
	i16(len(client))
	b = append(b, client...)
	b = append(b, 0, 2)                // no tags; one topic
	b = append(b, make([]byte, 16)...) // by its name
	b = binary.AppendUvarint(b, uint64(len(topic)+1))
	b = append(b, topic...)
	b = append(b, 0, 0, 0, 0, 0) // no tags; nothing created, nothing said of rights; no tags
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// readTopicID reads the answer up to the id of its topic.
func readTopicID(r *bufio.Reader, topic string) (string, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return "", err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > metadataFrame {
		return "", fmt.Errorf("%w: %d bytes of metadata", errForm, n)
	}
	frame := make([]byte, n)
	if _, err := io.ReadFull(r, frame); err != nil {
		return "", err
	}
	c := cursor{b: frame}
	c.skip(4) // number of the question
	c.tags()
	c.skip(4) // throttled
	for range c.count() {
		c.skip(4) // node
		c.compact()
		c.skip(4) // port
		c.compact()
		c.tags()
		if c.bad {
			break
		}
	}
	c.compact() // cluster
	c.skip(4)   // controller
	if topics := c.count(); topics != 1 || c.bad || len(c.b) < 2 {
		return "", fmt.Errorf("%w: %d topics in metadata", errForm, topics)
	}
	code := int16(binary.BigEndian.Uint16(c.b))
	c.skip(2)
	name := c.compact()
	if code != 0 {
		return "", kafka.Error(code)
	}
	if c.bad || len(c.b) < 16 || string(name) != topic {
		return "", fmt.Errorf("%w: metadata of another topic", errForm)
	}
	return hex.EncodeToString(c.b[:16]), nil
}

// How long a reader may not have asked before it looks whether its topic is still the one
// it was: one that is deleted while it asks is told apart by the answer.
const identityAge = time.Second

// same looks, on the connection of a reader, whether its topic is the one it began with.
func (r *reader) same() error {
	if r.id == "" || time.Since(r.seen) < identityAge {
		return nil
	}
	if _, err := r.conn.Write(metadataRequest(r.c.o.Client, r.topic)); err != nil {
		return err
	}
	id, err := readTopicID(r.in, r.topic)
	if err != nil {
		return err
	}
	if id != r.id {
		return errAnew
	}
	r.seen = time.Now()
	return nil
}

// errAnew is a topic that has another id than it had.
var errAnew = fmt.Errorf("%w: it has another id", ErrBeyond)

// count reads the length of a list, which stands there with one added.
func (c *cursor) count() int {
	n, k := binary.Uvarint(c.b)
	if k <= 0 || n > uint64(len(c.b))+1 {
		c.bad = true
		return 0
	}
	c.b = c.b[k:]
	return int(max(n, 1)) - 1
}

// compact reads a text with its length, one added, before it.
func (c *cursor) compact() []byte {
	n := c.count()
	if n > len(c.b) {
		c.bad = true
		return nil
	}
	text := c.b[:n]
	c.b = c.b[n:]
	return text
}

// tags passes what later versions added.
func (c *cursor) tags() {
	n, k := binary.Uvarint(c.b)
	if k <= 0 {
		c.bad = true
		return
	}
	c.b = c.b[k:]
	for range min(n, uint64(len(c.b))) {
		_, k := binary.Uvarint(c.b)
		if k <= 0 {
			c.bad = true
			return
		}
		c.b = c.b[k:]
		size, k := binary.Uvarint(c.b)
		if k <= 0 || size > uint64(len(c.b)-k) {
			c.bad = true
			return
		}
		c.b = c.b[uint64(k)+size:]
	}
}
