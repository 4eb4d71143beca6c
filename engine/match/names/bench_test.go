package names_test

import (
	"testing"

	"github.com/hedui/hedui/engine/match/names"
)

var kinds = []struct{ name, a, b string }{
	{"same", "王秀英", "王秀英"},
	{"other", "王秀英", "赵建国"},
	{"surname", "王秀英", "王建国"},
	{"traditional", "呂國強", "吕国强"},
	{"variant", "髙小明", "高小明"},
	{"one", "王小明", "王大明"},
	{"long", "阿依古丽·买买提", "阿依古丽·买买提江"},
	{"pinyin", "LI XIAOMING", "李晓明"},
}

func BenchmarkCompare(b *testing.B) {
	tab := table(b)
	for _, k := range kinds {
		b.Run(k.name, func(b *testing.B) {
			x, y := tab.Name(k.a), tab.Name(k.b)
			b.ReportAllocs()
			for b.Loop() {
				names.Compare(x, y)
			}
		})
	}
	b.Run("mixed", func(b *testing.B) {
		var xs, ys []names.Name
		for _, k := range kinds {
			xs, ys = append(xs, tab.Name(k.a)), append(ys, tab.Name(k.b))
		}
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			names.Compare(xs[n%len(xs)], ys[n/3%len(ys)])
			n++
		}
	})
}

func BenchmarkName(b *testing.B) {
	tab := table(b)
	b.ReportAllocs()
	for b.Loop() {
		tab.Name("王秀英")
	}
}

func BenchmarkEmbedded(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := names.Embedded(); err != nil {
			b.Fatal(err)
		}
	}
}
