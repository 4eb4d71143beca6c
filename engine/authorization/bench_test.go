package authorization_test

import (
	"math/rand/v2"
	"testing"

	"github.com/hedui/hedui/engine/authorization"
)

func BenchmarkJudge(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var list []authorization.Query
	var of []*authorization.Authorization
	for len(list) < 1000 {
		q, people := ask(r)
		if oracle(q, people) == "" {
			list = append(list, authorization.ClaimOf(q.r, q.r.Scheme, q.on, q.at))
			of = append(of, q.a)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if code, _ := authorization.Judge(of[i%len(of)], list[i%len(of)]); code != "" {
			b.Fatal(code)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	text := authorization.Encode(registered())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := authorization.Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}
