package main

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/types"
)

// progress shows long-running work on standard error. On a terminal, it updates a line for each part of the work.
// Otherwise it prints a line for each change of a part's state.
type progress struct {
	app  *app
	bars *mpb.Progress // nil without a terminal

	mu    sync.Mutex
	parts map[string]*progressPart
}

type progressPart struct {
	bar *mpb.Bar

	// state is atomic because the bars read it while set waits for them.
	state atomic.Pointer[string]
}

func (a *app) newProgress() *progress {
	p := &progress{app: a, parts: map[string]*progressPart{}}
	if a.stderr.updatable {
		p.bars = mpb.New(mpb.WithOutput(a.stderr.File), mpb.WithWidth(a.stderr.width()))
	}
	return p
}

// set shows the state of a part of the work. A part that has ended keeps its line.
func (p *progress) set(name, state string, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	part := p.parts[name]
	if part == nil {
		part = &progressPart{}
		p.parts[name] = part
	}
	before := part.state.Swap(&state)
	if before != nil && *before == state {
		return
	}
	if p.bars == nil {
		p.app.notef("%s  %s", name, state)
		return
	}
	if part.bar == nil {
		part.bar = p.bars.New(0, mpb.SpinnerStyle(), mpb.BarFillerClearOnComplete(), mpb.BarFillerClearOnAbort(), mpb.BarWidth(2),
			mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR)),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return *part.state.Load() })))
	}
	if ended {
		part.bar.SetTotal(-1, true)
	}
}

// close shows the last state of all parts. No other method may be called after it.
func (p *progress) close() {
	if p.bars == nil {
		return
	}
	for _, part := range p.parts {
		part.bar.Abort(false) // a no-op for parts that have ended
	}
	p.bars.Wait()
}

// deployment shows the deployments of [deploy.Run].
func (p *progress) deployment(e deploy.Event) {
	switch {
	case e.Step != deploy.StepDeploy:
	case e.Err != nil && e.Done:
		p.set(e.Stage, deploymentState(e.Deployment, "NOT STARTED"), true)
	case e.Deployment != nil:
		p.set(e.Stage, deploymentState(e.Deployment, ""), e.Done)
	}
}

// deploymentState describes a deployment, or returns fallback if there is none.
func deploymentState(d *types.StageDeploymentDetails, fallback string) string {
	if d == nil {
		return fallback
	}
	return fmt.Sprintf("%s  %s", aws.ToString(d.SnapshotId), d.DeploymentState)
}
