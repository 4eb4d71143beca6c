package ledger

// User is a local account. What it may do and how it signs in is in the body.
type User struct {
	Stored
	ID      string `json:"id"`
	Name    string `json:"name"`
	Person  string `json:"person"`            // whose account it is
	Subject string `json:"subject,omitempty"` // at an identity provider
}

// Kind is KindUser.
func (*User) Kind() Kind { return KindUser }

// Key is the id.
func (u *User) Key() string { return u.ID }

func (u *User) check() string {
	return firstBad(isKey("id", u.ID), isName("name", u.Name), isText("person", u.Person), isNameOrNone("subject", u.Subject))
}

func (u *User) indexes(add func(indexKey)) {
	if u.Person != "" {
		add(index(byPerson).text(u.Person))
	}
}

func (u *User) uniques() []string {
	if u.Subject == "" {
		return []string{UserName(u.Name)}
	}
	return []string{UserName(u.Name), UserSubject(u.Subject)}
}

// UserName is what Find takes for the name of an account.
func UserName(name string) string { return "name:" + name }

// UserSubject is what Find takes for the subject of an identity provider.
func UserSubject(subject string) string { return "subject:" + subject }

// UsersOfPerson asks for the accounts of one person.
func UsersOfPerson(person string) Query { return index(byPerson).text(person).query(KindUser) }

// Token is an API token. The ledger holds the hash of it only.
type Token struct {
	Stored
	ID   string `json:"id"`
	User string `json:"user"` // id
	Hash string `json:"hash"`
}

// Kind is KindToken.
func (*Token) Kind() Kind { return KindToken }

// Key is the id.
func (t *Token) Key() string { return t.ID }

func (t *Token) check() string {
	return firstBad(isKey("id", t.ID), isKey("user", t.User), isName("hash", t.Hash))
}

func (t *Token) indexes(add func(indexKey)) { add(index(byUser).text(t.User)) }

func (t *Token) uniques() []string { return []string{TokenHash(t.Hash)} }

// TokenHash is what Find takes for the hash of a token.
func TokenHash(hash string) string { return "hash:" + hash }

// TokensOf asks for the tokens of an account.
func TokensOf(user string) Query { return index(byUser).text(user).query(KindToken) }

// Session is somebody who is signed in. The ledger holds the hash of its secret only.
type Session struct {
	Stored
	ID   string `json:"id"`
	User string `json:"user"` // id
	Hash string `json:"hash"`
}

// Kind is KindSession.
func (*Session) Kind() Kind { return KindSession }

// Key is the id.
func (s *Session) Key() string { return s.ID }

func (s *Session) check() string {
	return firstBad(isKey("id", s.ID), isKey("user", s.User), isName("hash", s.Hash))
}

func (s *Session) indexes(add func(indexKey)) { add(index(byUser).text(s.User)) }

func (s *Session) uniques() []string { return []string{SessionHash(s.Hash)} }

// SessionHash is what Find takes for the hash of a session's secret.
func SessionHash(hash string) string { return "hash:" + hash }

// SessionsOf asks for the sessions of an account.
func SessionsOf(user string) Query { return index(byUser).text(user).query(KindSession) }

// Counter is what is counted and found by its name only: failed sign-ins, changes of the
// roster of accounts. Its version counts too.
type Counter struct {
	Stored
	ID string `json:"id"`
}

// Kind is KindCounter.
func (*Counter) Kind() Kind { return KindCounter }

// Key is the id.
func (c *Counter) Key() string { return c.ID }

func (c *Counter) check() string { return isKey("id", c.ID) }

func (*Counter) indexes(func(indexKey)) {}
