//go:build !linux

package main

import (
	"errors"
	"os"
)

const coldBy = "not possible here"

func dontNeed(*os.File) error {
	return errors.New("the page cache can be emptied on Linux only: use -cold=false")
}
