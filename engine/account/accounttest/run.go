package accounttest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hedui/hedui/engine/account"
)

// Run is the contract of a store. open returns an empty one.
func Run(t *testing.T, open func(t *testing.T) account.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, account.Store)
	}{
		{"users", testUsers},
		{"names and subjects are one account's", testUnique},
		{"roster", testRoster},
		{"versions", testVersions},
		{"whole or not at all", testWhole},
		{"sessions end before the new one begins", testSessions},
		{"an ended session does not come back", testNoReturn},
		{"tokens", testTokens},
		{"attempts", testAttempts},
		{"what is returned is the caller's", testCopies},
		{"one of many wins", testRace},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

var start = time.Date(2026, 11, 1, 9, 0, 0, 123456789, time.UTC) //nolint:gochecknoglobals // a constant

func user(id, name string) account.User {
	return account.User{
		ID: id, Name: name, Person: "P-" + id, Display: name, Roles: []account.Role{Clerk},
		Division: "340000", State: account.Active, Created: start, Epoch: 1,
	}
}

func commit(t *testing.T, s account.Store, c account.Change) {
	t.Helper()
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

func conflict(t *testing.T, s account.Store, c account.Change) {
	t.Helper()
	if err := s.Commit(t.Context(), c); !errors.Is(err, account.ErrConflict) {
		t.Fatalf("commit: %v, want ErrConflict", err)
	}
}

func notFound(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, account.ErrNotFound) {
		t.Fatalf("%v, want ErrNotFound", err)
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(stored(t, want), stored(t, got)); d != "" {
		t.Errorf("differs (-want +got):\n%s", d)
	}
}

// stored makes accounts comparable with all they keep.
func stored(t *testing.T, v any) any {
	t.Helper()
	u, ok := v.(account.User)
	if !ok {
		return v
	}
	b, err := account.EncodeUser(u)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func testUsers(t *testing.T, s account.Store) {
	ctx := t.Context()
	users, roster, err := s.Users(ctx)
	if err != nil || len(users) != 0 || roster == 0 {
		t.Fatalf("empty store: %d users, roster %d, %v", len(users), roster, err)
	}
	_, err = s.User(ctx, "1")
	notFound(t, err)
	_, err = s.UserByName(ctx, "wang")
	notFound(t, err)
	_, err = s.UserBySubject(ctx, account.Subject{})
	notFound(t, err)
	b, a := user("1", "wang"), user("2", "li")
	b.Subject = account.Subject{Issuer: "https://sso", ID: "7"}
	commit(t, s, account.Change{Users: []account.User{b, a}})
	b.Version, a.Version = 1, 1
	got, err := s.User(ctx, "1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, b)
	if got, err = s.UserByName(ctx, "wang"); err != nil {
		t.Fatal(err)
	}
	same(t, got, b)
	if got, err = s.UserBySubject(ctx, b.Subject); err != nil {
		t.Fatal(err)
	}
	same(t, got, b)
	_, err = s.UserBySubject(ctx, account.Subject{})
	notFound(t, err)
	if users, _, err = s.Users(ctx); err != nil || len(users) != 2 {
		t.Fatalf("%d users, %v", len(users), err)
	}
	same(t, users[0], a)
	same(t, users[1], b)
	b.Subject = account.Subject{}
	commit(t, s, account.Change{Users: []account.User{b}})
	_, err = s.UserBySubject(ctx, account.Subject{Issuer: "https://sso", ID: "7"})
	notFound(t, err)
}

func testUnique(t *testing.T, s account.Store) {
	a, b := user("1", "wang"), user("2", "li")
	a.Subject = account.Subject{Issuer: "i", ID: "1"}
	commit(t, s, account.Change{Users: []account.User{a}})
	b.Name = "wang"
	conflict(t, s, account.Change{Users: []account.User{b}})
	b.Name, b.Subject = "li", a.Subject
	conflict(t, s, account.Change{Users: []account.User{b}})
	b.Subject.ID = "2"
	commit(t, s, account.Change{Users: []account.User{b}})
}

func testRoster(t *testing.T, s account.Store) {
	_, roster, err := s.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := user("1", "wang")
	commit(t, s, account.Change{Users: []account.User{a}})
	// A change that did not need the roster leaves it.
	commit(t, s, account.Change{Roster: roster, Users: []account.User{user("2", "li")}})
	conflict(t, s, account.Change{Roster: roster, Users: []account.User{user("3", "zhao")}})
	_, next, err := s.Users(t.Context())
	if err != nil || next == roster {
		t.Fatalf("roster %d after %d, %v", next, roster, err)
	}
	commit(t, s, account.Change{Roster: next, Users: []account.User{user("3", "zhao")}})
}

func testVersions(t *testing.T, s account.Store) {
	a := user("1", "wang")
	a.Version = 1
	conflict(t, s, account.Change{Users: []account.User{a}})
	a.Version = 0
	commit(t, s, account.Change{Users: []account.User{a}})
	conflict(t, s, account.Change{Users: []account.User{a}})
	a.Version = 1
	commit(t, s, account.Change{Users: []account.User{a}})
	conflict(t, s, account.Change{Users: []account.User{a}})
	got, err := s.User(t.Context(), "1")
	if err != nil || got.Version != 2 {
		t.Fatalf("version %d, %v", got.Version, err)
	}
}

func testWhole(t *testing.T, s account.Store) {
	ctx := t.Context()
	a := user("1", "wang")
	commit(t, s, account.Change{
		Users:    []account.User{a},
		Sessions: []account.Session{{Hash: account.HashOf("s"), User: "1", Created: start, Seen: start}},
	})
	stale := account.Attempts{Key: account.HashOf("k"), Version: 3}
	changed := a
	changed.Version, changed.Display = 1, "changed"
	for name, c := range map[string]account.Change{
		"attempts": {Attempts: []account.Attempts{stale}},
		"session":  {Sessions: []account.Session{{Hash: account.HashOf("x"), User: "1", Version: 2}}},
		"token":    {Tokens: []account.Token{{Hash: account.HashOf("x"), ID: "t", User: "1", Version: 2}}},
		"user":     {Users: []account.User{{ID: "9", Name: "nobody", Version: 4}}},
	} {
		c.Users = append([]account.User{changed}, c.Users...)
		c.EndSessions = []string{"1"}
		conflict(t, s, c)
		u, err := s.User(ctx, "1")
		if err != nil || u.Display != "wang" {
			t.Errorf("%s: half of a commit was written: %v %v", name, u, err)
		}
		if _, err := s.Session(ctx, account.HashOf("s")); err != nil {
			t.Errorf("%s: half of a commit ended a session: %v", name, err)
		}
	}
}

func testSessions(t *testing.T, s account.Store) {
	ctx := t.Context()
	mine := account.Session{Hash: account.HashOf("1"), User: "1", Epoch: 3, Created: start, Seen: start}
	other := account.Session{Hash: account.HashOf("2"), User: "2", Created: start, Seen: start, Roles: []account.Role{}}
	commit(t, s, account.Change{Sessions: []account.Session{mine, other}})
	next := mine
	next.Hash, next.Setup, next.Roles = account.HashOf("3"), true, []account.Role{Clerk}
	commit(t, s, account.Change{EndSessions: []string{"1"}, Sessions: []account.Session{next}})
	_, err := s.Session(ctx, mine.Hash)
	notFound(t, err)
	next.Version, other.Version = 1, 1
	got, err := s.Session(ctx, next.Hash)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, next)
	// No roles and none said are two things.
	if got, err = s.Session(ctx, other.Hash); err != nil || got.Roles == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	commit(t, s, account.Change{DropSessions: []account.Hash{other.Hash, account.HashOf("never")}})
	_, err = s.Session(ctx, other.Hash)
	notFound(t, err)
}

func testNoReturn(t *testing.T, s account.Store) {
	a := account.Session{Hash: account.HashOf("1"), User: "1", Created: start, Seen: start}
	commit(t, s, account.Change{Sessions: []account.Session{a}})
	commit(t, s, account.Change{EndSessions: []string{"1"}})
	a.Version, a.Seen = 1, start.Add(time.Minute)
	conflict(t, s, account.Change{Sessions: []account.Session{a}})
}

func testTokens(t *testing.T, s account.Store) {
	ctx := t.Context()
	second := account.Token{
		ID: "b", Hash: account.HashOf("2"), User: "1", Label: "export", Operations: []string{"verify"},
		Division: "340100", Created: start.Add(time.Hour), Expires: start.Add(48 * time.Hour), LastUsed: 20261101,
	}
	first := second
	first.ID, first.Hash, first.Created = "a", account.HashOf("1"), start
	others := first
	others.ID, others.Hash, others.User = "c", account.HashOf("3"), "2"
	commit(t, s, account.Change{Tokens: []account.Token{second, first, others}})
	first.Version, second.Version = 1, 1
	got, err := s.Tokens(ctx, "1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []account.Token{first, second})
	one, err := s.Token(ctx, account.HashOf("2"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, one, second)
	_, err = s.Token(ctx, account.HashOf("4"))
	notFound(t, err)
	one.Revoked = start.Add(2 * time.Hour)
	commit(t, s, account.Change{Tokens: []account.Token{one}})
	if one, err = s.Token(ctx, account.HashOf("2")); err != nil || one.Revoked.IsZero() {
		t.Fatalf("%+v, %v", one, err)
	}
}

func testAttempts(t *testing.T, s account.Store) {
	ctx := t.Context()
	key := account.HashOf("k")
	a, err := s.Attempts(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	same(t, a, account.Attempts{Key: key})
	a.Recent, a.Locks, a.Until, a.Last, a.Expires = []time.Time{start}, 2, start.Add(1), start, start.Add(48*time.Hour)
	commit(t, s, account.Change{Attempts: []account.Attempts{a}})
	a.Version = 1
	got, err := s.Attempts(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, a)
}

func testCopies(t *testing.T, s account.Store) {
	ctx := t.Context()
	commit(t, s, account.Change{
		Users:    []account.User{user("1", "wang")},
		Attempts: []account.Attempts{{Key: account.HashOf("k"), Recent: []time.Time{start}, Expires: start.Add(48 * time.Hour)}},
	})
	u, err := s.User(ctx, "1")
	if err != nil {
		t.Fatal(err)
	}
	u.Roles[0] = "changed"
	a, err := s.Attempts(ctx, account.HashOf("k"))
	if err != nil {
		t.Fatal(err)
	}
	a.Recent[0] = time.Time{}
	if u, err = s.User(ctx, "1"); err != nil || u.Roles[0] != Clerk {
		t.Errorf("%v, %v", u.Roles, err)
	}
	if a, err = s.Attempts(ctx, account.HashOf("k")); err != nil || !a.Recent[0].Equal(start) {
		t.Errorf("%v, %v", a.Recent, err)
	}
}

func testRace(t *testing.T, s account.Store) {
	commit(t, s, account.Change{Users: []account.User{user("1", "wang")}})
	u, err := s.User(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	var wins atomic.Int64
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			mine := u.Clone()
			mine.Display = fmt.Sprint("writer ", i)
			if err := s.Commit(context.Background(), account.Change{Users: []account.User{mine}}); err == nil {
				wins.Add(1)
			} else if !errors.Is(err, account.ErrConflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Errorf("%d of 16 commits from one version were made", wins.Load())
	}
}
