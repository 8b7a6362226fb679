package main

// keepOwner is a no-op: a new file inherits the access control of its directory.
func keepOwner(replaced, file string) error { return nil }

// syncDirectory is a no-op: Windows cannot flush a directory.
func syncDirectory(name string) error { return nil }
