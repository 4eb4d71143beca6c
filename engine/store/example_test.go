package store_test

import (
	"fmt"

	"github.com/hedui/hedui/engine/block"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/store"
)

// A generation is loaded in key order, sealed, made current and read.
func Example() {
	s := store.NewMemory() // or store.OpenDir(dir)

	b, err := s.Begin(store.BuildOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = b.Abort() }() // does nothing after Seal
	w, err := b.Section(store.SectionPeople, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	someone := household.PersonKey{Num: 11010119900307123}
	if err := w.Add(someone, []byte("one car")); err != nil {
		fmt.Println(err)
		return
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}
	m, err := b.Seal(store.Contents{ProfileVersion: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := s.Activate(m.ID); err != nil {
		fmt.Println(err)
		return
	}

	g, err := s.Open(m.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = g.Close() }()
	for _, key := range []household.PersonKey{someone, {Num: 11010119900307124}} {
		err := g.View(store.SectionPeople, key, func(b block.Block) error {
			if payload, ok := b.Find(key); ok {
				fmt.Printf("holds %s\n", payload)
			} else {
				fmt.Println("holds nothing, proven by a verified block:", b.Covers(key))
			}
			return nil
		})
		if err != nil { // damage, never an empty answer
			fmt.Println(err)
		}
	}
	// Output:
	// holds one car
	// holds nothing, proven by a verified block: true
}
