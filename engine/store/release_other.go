//go:build !linux && !darwin && !freebsd

package store

func release([]byte) {}
