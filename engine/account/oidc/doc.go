// Package oidc signs people in through a provider of OpenID Connect, where a centre
// has one. Local accounts need none of it.
//
// Main types: Config says which provider, and which of its groups stand for which
// roles; Provider begins a sign-in at the provider and finishes it when the browser
// comes back. What it finds is an account.Federated; the account decides.
//
// Invariants:
//   - Authorisation code with PKCE, state and nonce. A sign-in is finished once, in
//     the browser that began it, within ten minutes.
//   - The provider is asked for when somebody signs in, not before: one that is out
//     of reach keeps nobody with a local account out.
//   - A signature of the provider's own published keys is required; a token that is
//     for somebody else, expired, or names another nonce is refused.
//   - Nothing the provider or the browser sent stands in an error or an event.
//
// What it does not do: open sessions or create accounts. A subject nobody registered
// gets nothing. It keeps sign-ins that were begun in memory, so one process does both
// halves; how often a stranger may begin one is for who listens to limit.
package oidc
