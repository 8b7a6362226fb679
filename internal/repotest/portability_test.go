package repotest

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// socketErrno matches the constants of package syscall for errors of sockets. Package syscall defines them on Windows, too,
// but with values that Windows never reports.
var socketErrno = regexp.MustCompile(`\bsyscall\.E(ADDR\w+|CONN\w+|HOST\w+|NET\w+|NOTCONN|TIMEDOUT|WOULDBLOCK)\b`)

// TestSocketErrors checks that code for all systems does not compare errors with constants that have no meaning on Windows.
func TestSocketErrors(t *testing.T) {
	t.Parallel()
	windows := build.Default
	windows.GOOS = "windows"
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
			return err
		}
		if onWindows, err := windows.MatchFile(filepath.Dir(path), d.Name()); err != nil || !onWindows {
			return err
		}
		files++
		code, err := os.ReadFile(path)
		for _, errno := range socketErrno.FindAllString(string(code), -1) {
			t.Errorf("%s: Windows never reports %s: use package cmd/internal/socket", path, errno)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("found only %d files", files)
	}
	const control = "cmd/internal/socket/errno_other.go" // which is not built on Windows
	if code, err := os.ReadFile(control); err != nil || len(socketErrno.FindAll(code, -1)) != 2 {
		t.Errorf("the pattern does not match the 2 constants in %s; error %v", control, err)
	}
}
