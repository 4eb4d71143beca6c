package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// Cost is what one password hash costs. It is kept with the hash, so it can be
// raised: a hash of another cost is made anew at the next sign-in.
type Cost struct {
	KiB    uint32 `json:"kib"`
	Passes uint32 `json:"passes"`
	Lanes  uint8  `json:"lanes"`
}

// Bounds of a cost: below them it protects nobody, and a damaged record above them
// would take the machine's memory.
const (
	minKiB, maxKiB       = 8, 256 << 10
	maxPasses, maxLanes  = 16, 8
	saltBytes, hashBytes = 16, 32
)

func (c Cost) valid() bool {
	return c.KiB >= minKiB && c.KiB <= maxKiB && c.Passes >= 1 && c.Passes <= maxPasses &&
		c.Lanes >= 1 && c.Lanes <= maxLanes && c.KiB >= 8*uint32(c.Lanes)
}

// ErrFormat is the error of every text that is not what it should be: a stored hash,
// a stored account. It quotes nothing.
var ErrFormat = errors.New("not in the stored form")

// ErrBusy is the error when more people sign in at once than the memory set aside
// for it can serve. Nothing was counted; the same call may be made again.
var ErrBusy = errors.New("too many sign-ins at once")

// passwordHash is the text form of an Argon2id hash, as the reference
// implementation writes it: $argon2id$v=19$m=…,t=…,p=…$salt$hash.
type passwordHash string

func (c Cost) hash(password string, salt []byte) passwordHash {
	key := argon2.IDKey([]byte(password), salt, c.Passes, c.KiB, c.Lanes, hashBytes)
	b64 := base64.RawStdEncoding.EncodeToString
	return passwordHash(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, c.KiB, c.Passes, c.Lanes, b64(salt), b64(key)))
}

// parseHash reads the text form. Only the form that hash writes is read.
func parseHash(h passwordHash) (c Cost, salt, key []byte, err error) {
	parts := strings.Split(string(h), "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" ||
		parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return c, nil, nil, ErrFormat
	}
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return c, nil, nil, ErrFormat
	}
	var n [3]uint32
	for i, name := range []string{"m=", "t=", "p="} {
		text, ok := strings.CutPrefix(costs[i], name)
		v, err := strconv.ParseUint(text, 10, 32)
		if !ok || err != nil || strconv.FormatUint(v, 10) != text {
			return c, nil, nil, ErrFormat
		}
		n[i] = uint32(v)
	}
	if n[2] > maxLanes {
		return c, nil, nil, ErrFormat
	}
	c = Cost{KiB: n[0], Passes: n[1], Lanes: uint8(n[2])}
	b64 := base64.RawStdEncoding.Strict()
	salt, err1 := b64.DecodeString(parts[4])
	key, err2 := b64.DecodeString(parts[5])
	if err1 != nil || err2 != nil || !c.valid() || len(salt) != saltBytes || len(key) != hashBytes ||
		strings.ContainsAny(string(h), "\r\n") {
		return c, nil, nil, ErrFormat
	}
	return c, salt, key, nil
}

// gate hashes passwords, a few at a time: each hash takes the memory of its cost,
// and a storm of sign-ins must not take the machine's.
type gate struct {
	cost    Cost
	slots   chan struct{} // hashes being made
	waiting chan struct{} // hashes being made or waited for
	decoy   passwordHash  // what the password of a name nobody has is compared with
	made    atomic.Int64  // hashes made so far
}

func newGate(c Cost, slots, waiting int) *gate {
	g := &gate{cost: c, slots: make(chan struct{}, slots), waiting: make(chan struct{}, slots+waiting)}
	g.decoy = c.hash(newOpaque("").Reveal(), newSalt())
	return g
}

func newSalt() []byte {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	return salt
}

// enter waits for a slot. The caller leaves it.
func (g *gate) enter(ctx context.Context) error {
	if g.slots == nil {
		return errResolver
	}
	select {
	case g.waiting <- struct{}{}:
	default:
		return ErrBusy
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-g.waiting
		return ctx.Err()
	}
}

func (g *gate) leave() { <-g.slots; <-g.waiting }

// matches compares a password with a hash, in the time of one hash.
func (g *gate) matches(ctx context.Context, h passwordHash, password string) (bool, error) {
	c, salt, key, err := parseHash(h)
	if err != nil {
		return false, fmt.Errorf("password hash: %w", err)
	}
	if err := g.enter(ctx); err != nil {
		return false, err
	}
	defer g.leave()
	g.made.Add(1)
	got := argon2.IDKey([]byte(password), salt, c.Passes, c.KiB, c.Lanes, hashBytes)
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}

// stale reports whether a hash has another cost than new ones.
func (g *gate) stale(h passwordHash) bool {
	c, _, _, err := parseHash(h)
	return err == nil && c != g.cost
}

func (g *gate) hash(ctx context.Context, password string) (passwordHash, error) {
	if err := g.enter(ctx); err != nil {
		return "", err
	}
	defer g.leave()
	g.made.Add(1)
	return g.cost.hash(password, newSalt()), nil
}
