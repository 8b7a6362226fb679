package main

import "testing"

// ownerOf returns -1, which is what os.Getuid returns on Windows.
func ownerOf(*testing.T, string) int { return -1 }
