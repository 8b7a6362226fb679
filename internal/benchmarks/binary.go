package main

import (
	"os"
	"os/exec"
	"path/filepath"
)

// binarySize compares the sizes of three programs: one that makes a single call with this SDK, the same program with a
// current aws-sdk-go-v2 client, and one with only the code that all such clients share.
func binarySize() {
	dir := must(os.MkdirTemp("", "size"))
	defer os.RemoveAll(dir)
	size := func(pkg string) float64 {
		out := filepath.Join(dir, filepath.Base(pkg))
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, pkg)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			panic(err)
		}
		return float64(must(os.Stat(out)).Size())
	}
	lambda := size("./size/lambda")
	// The code that all clients of aws-sdk-go-v2 share takes 0.79.
	atMost("binary of a program with one call: size / lambda's", size("./size/gamesparks")/lambda, 0.95, "%.2f")
	forComparison("code that all clients of aws-sdk-go-v2 share: size / lambda's", size("./size/shared")/lambda, "%.2f")
}
