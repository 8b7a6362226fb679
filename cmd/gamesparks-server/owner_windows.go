package main

// keepOwner does nothing: a new file inherits the access control of its directory.
func keepOwner(replaced, file string) error { return nil }
