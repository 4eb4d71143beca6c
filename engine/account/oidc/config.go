package oidc

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hedui/hedui/engine/account"
)

// Config says which provider signs people in, and what its groups stand for.
type Config struct {
	Issuer       string
	ClientID     string
	ClientSecret account.Secret
	RedirectURL  string
	// Scopes are asked for beside openid, where the provider wants that for groups.
	Scopes []string
	// GroupsClaim names the claim with the groups; "" is "groups".
	GroupsClaim string
	// Roles says which roles a group stands for. A group that is not in it stands
	// for none.
	Roles map[string][]account.Role
	// TwoFactors are the values of amr or acr by which the provider says that two
	// factors were used. Without any it never does.
	TwoFactors []string
	// Client reaches the provider; nil is one that gives up after ten seconds.
	Client *http.Client
}

// Validate returns everything that is wrong with a configuration.
func (c Config) Validate() error {
	var errs []error
	for what, text := range map[string]string{"issuer": c.Issuer, "redirect address": c.RedirectURL} {
		u, err := url.Parse(text)
		local := err == nil && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost")
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !local) {
			errs = append(errs, errors.New(what+": an https address"))
		}
	}
	if c.ClientID == "" {
		errs = append(errs, errors.New("client id: must be said"))
	}
	if len(c.Roles) == 0 {
		errs = append(errs, errors.New("roles: at least one group"))
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}
