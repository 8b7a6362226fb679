package main

import "runtime"

// minHeap is the size of the heap below which a server does not collect garbage often: it collects when the heap has grown by
// its live objects or by minHeap, whichever is more.
const minHeap = 16 << 20

// reserveHeap raises the size of the heap at which the next garbage collection starts. The live objects of most servers
// have a few megabytes, so that a busy server would otherwise collect garbage dozens of times per second. The reserved
// memory is never accessed, so the operating system does not allocate it. The result must be kept until the server ends.
func reserveHeap() (release func()) {
	reserved := make([]byte, minHeap)
	return func() { runtime.KeepAlive(reserved) }
}
