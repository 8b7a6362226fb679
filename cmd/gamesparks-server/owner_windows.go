package main

// keepOwner is a no-op: a new file inherits the access control of its directory.
func keepOwner(replaced, file string) error { return nil }
