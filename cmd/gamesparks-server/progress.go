package main

import (
	"io"
	"os"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows on a terminal how many bytes a command has read or written.
type progress struct {
	bars *mpb.Progress // nil without a terminal
	bar  *mpb.Bar
}

// newProgress returns the progress of a command. total is 0 if the number of bytes is unknown.
func newProgress(stderr io.Writer, name string, total int64) *progress {
	file, ok := stderr.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return &progress{}
	}
	bars := mpb.New(mpb.WithOutput(file))
	style := mpb.BarFillerBuilder(mpb.BarStyle())
	if total == 0 {
		style = mpb.SpinnerStyle()
	}
	bar := bars.New(total, style, mpb.BarWidth(20),
		mpb.PrependDecorators(decor.Name(name+"  ")),
		mpb.AppendDecorators(decor.CurrentKibiByte("% .1f  "), decor.AverageSpeed(decor.SizeB1024(0), "% .1f")))
	return &progress{bars, bar}
}

// add counts n bytes.
func (p *progress) add(n int) {
	if p.bar != nil {
		p.bar.IncrBy(n)
	}
}

// countingReader is a reader that shows its progress.
type countingReader struct {
	r        io.Reader
	progress *progress
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.progress.add(n)
	return n, err
}

// close ends the output.
func (p *progress) close() {
	if p.bars != nil {
		p.bar.Abort(false) // a no-op if the total was reached
		p.bars.Wait()
	}
}
