//go:build unix

package main

import (
	"os"
	"syscall"
	"testing"
)

// ownerOf returns the user ID of the owner of a file.
func ownerOf(t *testing.T, name string) int {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}
