package ledger

import "strconv"

// Position is how far a partition of a topic was worked off. Only a Fence moves it.
type Position struct {
	Stored
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Epoch     int64  `json:"epoch"`
	Offset    int64  `json:"offset"` // the next one to work off
}

// Kind is KindPosition.
func (*Position) Kind() Kind { return KindPosition }

// Key is PositionID.
func (p *Position) Key() string { return PositionID(p.Topic, p.Partition) }

// PositionID is the id of the position in a partition.
func PositionID(topic string, partition int32) string {
	return topic + "/" + strconv.Itoa(int(partition))
}

func (p *Position) check() string { return isKey("topic", p.Topic) }

func (*Position) indexes(func(indexKey)) {}
