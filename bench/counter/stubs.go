package main

import (
	"context"
	"io"
)

type overloaded struct{}
type soaked struct{}

func (*overloaded) page(io.Writer) {}
func (*soaked) page(io.Writer)     {}

func (d *driver) overload(ctx context.Context) error { return nil }
func (d *driver) soak(ctx context.Context) error     { return nil }
func (d *driver) peer(ctx context.Context) error     { return nil }
