package backoffice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/account"
	"github.com/hedui/hedui/engine/api/wire"
)

// Users lists the accounts, by name.
func (k *Office) Users(ctx context.Context, c wire.Caller, p wire.Page) (wire.List[wire.User], error) {
	if _, err := k.admit(&c, access.UserList, access.Object{Division: c.Division}, ""); err != nil {
		return wire.List[wire.User]{}, err
	}
	users, _, err := k.store.Users(ctx)
	if err != nil {
		return wire.List[wire.User]{}, refusal(err)
	}
	var out []wire.User
	for i := range users {
		if access.Decide(c.Subject, access.UserList, access.Object{Division: users[i].Division}).Allow {
			out = append(out, userOf(&users[i]))
		}
	}
	return page(out, p, func(u wire.User) string { return u.Account }), nil
}

// page is the part of a sorted list that was asked for.
func page[T any](all []T, p wire.Page, name func(T) string) wire.List[T] {
	from := 0
	if p.After != "" {
		from = len(all)
		if i := slices.IndexFunc(all, func(x T) bool { return name(x) > p.After }); i >= 0 {
			from = i
		}
	}
	out := wire.List[T]{Items: all[from:min(len(all), from+p.Limit)]}
	if from+p.Limit < len(all) {
		out.Next = name(out.Items[len(out.Items)-1])
	}
	return out
}

func userOf(u *account.User) wire.User {
	out := wire.User{
		Account: u.Name, Person: u.Person, Display: u.Display, Roles: []string{}, Division: u.Division,
		Purposes: append([]string{}, u.Purposes...), State: u.State.String(), Factor: u.HasSecondFactor(), Version: int(u.Version),
	}
	for _, r := range u.Roles {
		out.Roles = append(out.Roles, string(r))
	}
	return out
}

func rolesOf(names []string) []account.Role {
	out := make([]account.Role, len(names))
	for i, n := range names {
		out[i] = account.Role(n)
	}
	return out
}

// User reads one account.
func (k *Office) User(ctx context.Context, c wire.Caller, name string) (wire.User, error) {
	u, err := k.held(ctx, &c, access.UserRead, name)
	if err != nil {
		return wire.User{}, err
	}
	return userOf(&u), nil
}

// held reads an account that the caller may do something to. One that is not there is
// refused as one elsewhere is.
func (k *Office) held(ctx context.Context, c *wire.Caller, op access.Operation, name string) (account.User, error) {
	u, err := k.store.UserByName(ctx, name)
	if err != nil && !errors.Is(err, account.ErrNotFound) {
		return u, refusal(err)
	}
	_, err = k.admit(c, op, access.Object{Division: u.Division}, u.Name)
	return u, err
}

// CreateUser registers an account. Its first password is in the answer and nowhere else.
func (k *Office) CreateUser(ctx context.Context, c wire.Caller, n wire.NewUser) (wire.NewSecret, error) {
	if _, err := k.admit(&c, access.UserCreate, access.Object{Division: n.Division}, ""); err != nil {
		return wire.NewSecret{}, err
	}
	id, err := k.identity(ctx, &c)
	if err != nil {
		return wire.NewSecret{}, err
	}
	if _, err := k.store.UserByName(ctx, n.Account); err == nil {
		return wire.NewSecret{}, wire.Refuse(wire.Exists)
	}
	u, secret, e, err := k.o.Accounts.Create(ctx, id, account.NewUser{
		Name: n.Account, Person: n.Person, Display: n.Display, Roles: rolesOf(n.Roles), Division: n.Division, Purposes: n.Purposes,
	}, k.o.Now())
	if err := k.done(&c, e, err); err != nil {
		return wire.NewSecret{}, err
	}
	return wire.NewSecret{User: userOf(&u), Password: wire.Secret(secret.Reveal())}, nil
}

// done takes down what came of a change to an account, and words what was wrong with it.
func (k *Office) done(c *wire.Caller, e account.Event, err error) error {
	if told := k.tell(c, e); told != nil {
		return refusal(errors.Join(told, err))
	}
	out := refusal(err)
	var r *wire.Refusal
	if out != nil && !errors.As(out, &r) && errors.Is(err, account.ErrInvalid) {
		return wire.Refuse(wire.InvalidField, "body:account_rules")
	}
	return out
}

// ChangeUser changes what an account may.
func (k *Office) ChangeUser(ctx context.Context, c wire.Caller, x wire.UserChange) (wire.User, error) {
	edit := account.Edit{Division: x.Division, Purposes: x.Purposes}
	if x.Roles != nil {
		roles := rolesOf(*x.Roles)
		edit.Roles = &roles
	}
	return k.edit(ctx, &c, access.UserChange, x.Account, x.Version, edit)
}

// DisableUser ends an account.
func (k *Office) DisableUser(ctx context.Context, c wire.Caller, x wire.UserDisable) (wire.User, error) {
	disabled := account.Disabled
	return k.edit(ctx, &c, access.UserDisable, x.Account, x.Version, account.Edit{State: &disabled})
}

func (k *Office) edit(ctx context.Context, c *wire.Caller, op access.Operation, name string, version int, edit account.Edit) (wire.User, error) {
	held, err := k.held(ctx, c, op, name)
	if err != nil {
		return wire.User{}, err
	}
	if held.Version != uint64(version) {
		return wire.User{}, wire.Refuse(wire.Changed)
	}
	id, err := k.identity(ctx, c)
	if err != nil {
		return wire.User{}, err
	}
	u, e, err := k.o.Accounts.Edit(ctx, id, held.ID, edit, k.o.Now())
	if err := k.done(c, e, err); err != nil {
		return wire.User{}, err
	}
	return userOf(&u), nil
}

// ResetUser gives an account a new first password.
func (k *Office) ResetUser(ctx context.Context, c wire.Caller, x wire.UserReset) (wire.NewSecret, error) {
	held, err := k.held(ctx, &c, access.UserReset, x.Account)
	if err != nil {
		return wire.NewSecret{}, err
	}
	if held.Version != uint64(x.Version) {
		return wire.NewSecret{}, wire.Refuse(wire.Changed)
	}
	id, err := k.identity(ctx, &c)
	if err != nil {
		return wire.NewSecret{}, err
	}
	secret, e, err := k.o.Accounts.Reset(ctx, id, held.ID, account.Reset{Password: true, SecondFactor: x.Factor}, k.o.Now())
	if err := k.done(&c, e, err); err != nil {
		return wire.NewSecret{}, err
	}
	u, err := k.store.User(ctx, held.ID)
	if err != nil {
		return wire.NewSecret{}, refusal(err)
	}
	return wire.NewSecret{User: userOf(&u), Password: wire.Secret(secret.Reveal())}, nil
}

// Tokens lists the API tokens that the caller may see: their own, or for who looks after
// accounts everybody's.
func (k *Office) Tokens(ctx context.Context, c wire.Caller, p wire.Page) (wire.List[wire.Token], error) {
	if _, err := k.admit(&c, access.TokenList, access.Object{Owner: c.Account, Division: c.Division}, c.Account); err != nil {
		return wire.List[wire.Token]{}, err
	}
	users, _, err := k.store.Users(ctx)
	if err != nil {
		return wire.List[wire.Token]{}, refusal(err)
	}
	var out []wire.Token
	for _, u := range users {
		if !access.Decide(c.Subject, access.TokenList, access.Object{Owner: u.Name, Division: u.Division}).Allow {
			continue
		}
		held, err := k.o.Accounts.Tokens(ctx, u.ID)
		if err != nil {
			return wire.List[wire.Token]{}, refusal(err)
		}
		for i := range held {
			if held[i].Live(k.o.Now()) {
				out = append(out, k.tokenOf(&held[i], u.Name))
			}
		}
	}
	return page(out, p, func(t wire.Token) string { return t.Account + " " + t.ID }), nil
}

func (k *Office) tokenOf(t *account.Token, owner string) wire.Token {
	out := wire.Token{
		ID: t.ID, Account: owner, Operations: t.Operations, Note: t.Label,
		Expires: t.Expires.In(k.o.Location).AddDate(0, 0, -1).Format(time.DateOnly), // its last day
	}
	if t.LastUsed != 0 {
		out.LastUsed = t.LastUsed.String()
	}
	return out
}

// IssueToken gives a machine's account an API token. The secret is in the answer and
// nowhere else.
func (k *Office) IssueToken(ctx context.Context, c wire.Caller, n wire.NewToken) (wire.IssuedToken, error) {
	held, err := k.held(ctx, &c, access.TokenIssue, n.Account)
	if err != nil {
		return wire.IssuedToken{}, err
	}
	id, err := k.identity(ctx, &c)
	if err != nil {
		return wire.IssuedToken{}, err
	}
	last, err := time.ParseInLocation(time.DateOnly, n.Expires, k.o.Location)
	if err != nil {
		return wire.IssuedToken{}, wire.Refuse(wire.InvalidField, "body.expires:date")
	}
	for i, name := range n.Operations {
		if _, ok := access.ParseOperation(name); !ok {
			return wire.IssuedToken{}, wire.Refuse(wire.InvalidField, fmt.Sprintf("body.operations[%d]:known", i))
		}
	}
	secret, t, e, err := k.o.Accounts.IssueTokenFor(ctx, id, held.ID, account.TokenRequest{
		Label: n.Note, Operations: n.Operations, Expires: last.AddDate(0, 0, 1), Certificate: n.Certificate,
	}, k.o.Now())
	if err := k.done(&c, e, err); err != nil {
		return wire.IssuedToken{}, err
	}
	return wire.IssuedToken{Token: k.tokenOf(&t, held.Name), Secret: wire.Secret(secret.Reveal())}, nil
}

// RevokeToken ends a token at once.
func (k *Office) RevokeToken(ctx context.Context, c wire.Caller, id string) error {
	owner, err := k.store.OwnerOf(ctx, id)
	known := id
	if err != nil {
		known = ""
	}
	if err != nil && !errors.Is(err, account.ErrNotFound) {
		return refusal(err)
	}
	if _, err := k.admit(&c, access.TokenRevoke, access.Object{Owner: owner.Name, Division: owner.Division}, known); err != nil {
		return err
	}
	who, err := k.identity(ctx, &c)
	if err != nil {
		return err
	}
	e, err := k.o.Accounts.RevokeToken(ctx, who, owner.ID, id, k.o.Now())
	return k.done(&c, e, err)
}

// Person is whose account a name is.
func (k *Office) Person(ctx context.Context, name string) (person string, ok bool, err error) {
	u, err := k.store.UserByName(ctx, name)
	if errors.Is(err, account.ErrNotFound) {
		return "", false, nil
	}
	return u.Person, err == nil, err
}
