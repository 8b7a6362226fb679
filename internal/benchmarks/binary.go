package main

import (
	"os"
	"os/exec"
	"path/filepath"
)

// binarySize builds the same program on this client and on a current one of aws-sdk-go-v2, and one of nothing but what
// these clients share.
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
	// What all clients of the SDK share takes 0.79.
	atMost("binary with one call: size / lambda's", size("./size/gamesparks")/lambda, 0.95, "%.2f")
	forComparison("the SDK's parts that clients share: size / lambda's", size("./size/shared")/lambda, "%.2f")
}
