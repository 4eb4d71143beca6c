package stream

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// answered is the frame of an answer to a question for a topic.
func answered(r *kmsg.MetadataResponse) []byte {
	r.Version = metadataVersion
	body := r.AppendTo([]byte{0, 0, 0, 1, 0})
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

func someTopic(code int16) *kmsg.MetadataResponse {
	name, rack := "requests", "rack"
	r := kmsg.NewPtrMetadataResponse()
	r.ClusterID = &name
	for i := range 3 {
		b := kmsg.NewMetadataResponseBroker()
		b.NodeID, b.Host, b.Port, b.Rack = int32(i), "kafka", 9093, &rack
		b.UnknownTags.Set(7, []byte("newer"))
		r.Brokers = append(r.Brokers, b)
	}
	t := kmsg.NewMetadataResponseTopic()
	t.Topic, t.ErrorCode, t.TopicID = &name, code, [16]byte{1, 2, 3}
	r.Topics = append(r.Topics, t)
	return r
}

func TestTopicIDOfAnswer(t *testing.T) {
	id, err := readTopicID(bytes.NewReader(answered(someTopic(0))))
	if err != nil || id != "01020300000000000000000000000000" {
		t.Errorf("%q, %v", id, err)
	}
	if _, err := readTopicID(bytes.NewReader(answered(someTopic(3)))); err == nil || !passing(err) {
		t.Errorf("a topic that is not there: %v", err)
	}
	var r kmsg.MetadataRequest
	r.Version = metadataVersion
	frame := metadataRequest("hedui", "requests")
	if err := r.ReadFrom(frame[4+2+2+4+2+5+1:]); err != nil || len(r.Topics) != 1 || *r.Topics[0].Topic != "requests" || r.AllowAutoTopicCreation {
		t.Errorf("the question is %+v, %v", r, err)
	}
}

// Whatever a broker answers is an id or an error.
func FuzzTopicID(f *testing.F) {
	f.Add(answered(someTopic(0)))
	f.Add(answered(someTopic(3)))
	f.Add(answered(kmsg.NewPtrMetadataResponse()))
	f.Add([]byte{0, 0, 0, 200, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if id, err := readTopicID(bytes.NewReader(b)); err == nil && len(id) != 32 {
			t.Errorf("%q", id)
		}
	})
}
