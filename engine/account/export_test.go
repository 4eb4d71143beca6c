package account

import "time"

// HashesMade is how many password hashes were made.
func (a *Accounts) HashesMade() int64 { return a.gate.made.Load() }

// CodeAt is what an authenticator application shows.
func CodeAt(key Secret, now time.Time) Secret {
	b, err := totpKey(key)
	if err != nil {
		panic(err)
	}
	return Secret(totpCode(b, now.Unix()/totpPeriod, totpDigits))
}

// PasswordCost is the cost of an account's password hash.
func PasswordCost(u User) Cost {
	c, _, _, err := parseHash(u.credentials.Password)
	if err != nil {
		panic(err)
	}
	return c
}
