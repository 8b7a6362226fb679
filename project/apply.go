package project

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
)

// Client has the operations that [Apply] uses. A *gamesparks.Client implements it.
type Client interface {
	Reader
	deploy.APIClient
	gamesparks.ListSnapshotsAPIClient
	gamesparks.ListStageDeploymentsAPIClient

	// CreateGame creates a game.
	CreateGame(context.Context, *gamesparks.CreateGameInput, ...func(*gamesparks.Options)) (*gamesparks.CreateGameOutput, error)

	// UpdateGame changes the description of a game.
	UpdateGame(context.Context, *gamesparks.UpdateGameInput, ...func(*gamesparks.Options)) (*gamesparks.UpdateGameOutput, error)

	// UpdateGameConfiguration modifies sections.
	UpdateGameConfiguration(context.Context, *gamesparks.UpdateGameConfigurationInput, ...func(*gamesparks.Options)) (*gamesparks.UpdateGameConfigurationOutput, error)

	// CreateStage creates a stage.
	CreateStage(context.Context, *gamesparks.CreateStageInput, ...func(*gamesparks.Options)) (*gamesparks.CreateStageOutput, error)

	// UpdateStage changes the description and role of a stage.
	UpdateStage(context.Context, *gamesparks.UpdateStageInput, ...func(*gamesparks.Options)) (*gamesparks.UpdateStageOutput, error)

	// DeleteStage deletes a stage.
	DeleteStage(context.Context, *gamesparks.DeleteStageInput, ...func(*gamesparks.Options)) (*gamesparks.DeleteStageOutput, error)

	// TagResource adds tags to a game or stage.
	TagResource(context.Context, *gamesparks.TagResourceInput, ...func(*gamesparks.Options)) (*gamesparks.TagResourceOutput, error)

	// UntagResource removes tags from a game or stage.
	UntagResource(context.Context, *gamesparks.UntagResourceInput, ...func(*gamesparks.Options)) (*gamesparks.UntagResourceOutput, error)
}

// ApplyOptions configures [Apply]. With the zero value, Apply deploys to no stage and reports no progress.
type ApplyOptions struct {
	// Stages are the names of the stages to deploy the configuration to. Optional. The default is to deploy to none.
	Stages []string

	// Progress is called for each event, and Apply waits until it returns. Calls do not overlap. Optional.
	Progress func(ApplyEvent)

	// Deploy configures the deployments. Its Progress is called in addition to that of ApplyOptions. Optional.
	Deploy []func(*deploy.Options)
}

// ApplyEvent reports the start or the end of a step of [Apply], or the progress of a deployment.
type ApplyEvent struct {
	// Step describes the step, for example "write configuration".
	Step string

	// Done reports whether the step has ended.
	Done bool

	// Detail describes the result of a step that has ended, for example the ID of a snapshot. It can be empty.
	Detail string

	// Err is the error of a step that has ended, or nil.
	Err error

	// Deployment is the progress of a deployment. It is nil in other events.
	Deployment *deploy.Event
}

// ApplyResult is the outcome of [Apply].
type ApplyResult struct {
	// Done are the steps that have taken effect, in order. The deployment to each stage is a step, for example "deploy to live".
	Done []string

	// NotDone are the steps that have not taken effect, in order. If the connection was lost during a request, the server
	// may still execute the request after Apply has read the outcome.
	NotDone []string

	// Unconditional reports whether the configuration was written without a condition, because the server returns no entity
	// tag.
	Unconditional bool

	// PreviousSnapshotID is the ID of a snapshot that equals the configuration before the change. It is empty if the
	// configuration was not written, or had no sections before. It is set if it is unknown whether the configuration was written.
	PreviousSnapshotID string

	// PreviousSnapshotCreated reports whether Apply created that snapshot, because none was equal.
	PreviousSnapshotCreated bool

	// SnapshotID is the ID of the snapshot that the stages run. It is empty if there are no stages to deploy to.
	SnapshotID string

	// Deployment is the result of the deployments, or nil if none was started.
	Deployment *deploy.Result

	// PreviousDeployments are the IDs of the snapshots that the stages in Deployment ran before, keyed by stage. It has no
	// element for a stage that ran nothing.
	PreviousDeployments map[string]string
}

// Apply executes a plan. It reads the game again first. If a part that the plan changes differs from the state that the
// plan was computed from, Apply writes nothing and fails with a [*StaleError]. It does not write a part that already has
// the planned state, so a plan can be applied again after a failure.
//
// Apply creates the game and new stages, and writes the configuration in one call, on the condition that it has not
// changed. It compares the configuration that the server returns with the planned one. Then it updates descriptions,
// roles and tags, and deletes pruned stages. Finally it deploys to the stages of the options. It deploys a snapshot that
// equals the configuration, and creates one only if none is equal. It skips stages that already run this configuration.
//
// Before it writes the configuration, Apply finds or creates a snapshot of the previous configuration, to allow a
// rollback. It reuses equal snapshots because snapshots cannot be deleted.
//
// A server without conditional writes returns no entity tag. Such a server does not prevent a change by another program
// between the read and the write. Apply detects the change in the returned configuration, unless it is one of the values
// that Apply writes itself. An import replaces the whole configuration, so Apply detects no such change.
//
// The result is never nil. If a step fails, the error is an [*ApplyError] that wraps the error of the step: a *StaleError
// if another program changed the game, or a [*deploy.Error] if a deployment failed. If a deployment to one of the stages
// has not ended, Apply writes nothing and fails with a [*deploy.DeploymentInProgressError].
func Apply(ctx context.Context, client Client, p *Plan, options ApplyOptions) (*ApplyResult, error) {
	a := &application{
		client: client, plan: p, options: options, result: &ApplyResult{}, snapshots: snapshots{client: client, game: p.Game}, done: map[string]bool{},
	}
	var err error
	if a.present, err = fetchState(ctx, client, p.Game); err != nil {
		return a.result, err
	}
	var conflicts []Conflict
	if a.pending, conflicts = p.pending(a.present); conflicts != nil {
		return a.result, &StaleError{Game: p.Game, Conflicts: conflicts}
	}
	if err := a.checkStages(ctx); err != nil {
		return a.result, err
	}
	steps := a.steps()
	for i, s := range steps {
		if err := a.run(ctx, s); err != nil {
			failed := &ApplyError{Game: p.Game, Step: s.name, Result: a.result, Err: err}
			_, failed.Unknown = errors.AsType[*unknownOutcomeError](err)
			if stale, ok := errors.AsType[*StaleError](err); !a.written && !failed.Unknown && (!ok || !stale.Written) {
				a.result.PreviousSnapshotID, a.result.PreviousSnapshotCreated = "", false
			}
			for _, rest := range steps[i:] {
				a.record(rest)
			}
			return a.result, failed
		}
		a.done[s.name] = true
		a.record(s)
	}
	return a.result, nil
}

// record adds the outcome of a step to the result.
func (a *application) record(s applyStep) {
	for _, name := range s.parts() {
		if a.done[name] || a.done[s.name] {
			a.result.Done = append(a.result.Done, name)
		} else {
			a.result.NotDone = append(a.result.NotDone, name)
		}
	}
}

// application is the state of a call of Apply.
type application struct {
	client  Client
	plan    *Plan
	options ApplyOptions
	result  *ApplyResult

	present   *serverState
	pending   *pendingChanges
	written   bool // the configuration was written
	snapshots snapshots
	done      map[string]bool // the steps that have taken effect, and the deployments to stages that have
}

// applyStep is a step of Apply.
type applyStep struct {
	name string

	// do runs the step. It returns a detail for the progress.
	do func(context.Context) (detail string, err error)

	// isPending reports whether the pending changes include those of the step. It is nil for a step that resolves an unknown
	// outcome itself.
	isPending func(*pendingChanges) bool

	// stages are the stages that the step deploys to.
	stages []string
}

// parts returns the names of the step's parts in the result.
func (s applyStep) parts() []string {
	if s.stages == nil {
		return []string{s.name}
	}
	var names []string
	for _, stage := range s.stages {
		names = append(names, deployStep(stage))
	}
	return names
}

// deployStep returns the name of the step that deploys to stages.
func deployStep(stages ...string) string { return "deploy to " + strings.Join(stages, ", ") }

// steps returns the necessary steps, in order.
func (a *application) steps() []applyStep {
	var steps []applyStep
	add := func(name string, do func(context.Context) (string, error), isPending func(*pendingChanges) bool) {
		steps = append(steps, applyStep{name: name, do: do, isPending: isPending})
	}
	if a.pending.createGame {
		add("create game", a.createGame, func(p *pendingChanges) bool { return p.createGame })
	}
	stages := func(action Action, verb string, do func(context.Context, StageChange) error) {
		for _, s := range a.pending.stages {
			if s.Action != action {
				continue
			}
			add(verb+" stage "+s.Name, func(ctx context.Context) (string, error) { return "", do(ctx, s) },
				func(p *pendingChanges) bool {
					return slices.ContainsFunc(p.stages, func(other StageChange) bool { return other.Name == s.Name })
				})
		}
	}
	stages(ActionAdd, "create", a.createStage)
	if len(a.pending.sections) > 0 {
		if len(a.present.Sections) > 0 {
			add("snapshot before", a.keepPrevious, nil)
		}
		add("write configuration", a.writeConfiguration, nil)
	}
	if len(a.options.Stages) > 0 {
		add("snapshot", a.snapshot, nil)
	}
	if len(a.pending.game) > 0 {
		add("update game", a.updateGame, func(p *pendingChanges) bool { return len(p.game) > 0 })
	}
	stages(ActionChange, "update", a.updateStage)
	stages(ActionRemove, "delete", a.deleteStage)
	if len(a.options.Stages) > 0 {
		steps = append(steps, applyStep{name: deployStep(a.options.Stages...), do: a.deploy, stages: a.options.Stages})
	}
	return steps
}

// unknownOutcomeError means that a step may have taken effect, and that its outcome could not be read.
type unknownOutcomeError struct{ err error }

func (e *unknownOutcomeError) Error() string { return e.err.Error() }
func (e *unknownOutcomeError) Unwrap() error { return e.err }

func (a *application) report(e ApplyEvent) {
	if a.options.Progress != nil {
		a.options.Progress(e)
	}
}

// run runs a step. If its outcome is unknown, it reads the game to determine it.
func (a *application) run(ctx context.Context, s applyStep) error {
	a.report(ApplyEvent{Step: s.name})
	detail, err := s.do(ctx)
	if err != nil && s.isPending != nil && !isRefused(err) {
		err = a.resolve(ctx, s, err)
	}
	a.report(ApplyEvent{Step: s.name, Done: true, Detail: detail, Err: err})
	return err
}

// resolve returns nil if a step has taken effect although it failed with err.
func (a *application) resolve(ctx context.Context, s applyStep, err error) error {
	ctx, cancel := outlive(ctx)
	defer cancel()
	present, readErr := fetchState(ctx, a.client, a.plan.Game)
	if readErr != nil {
		return &unknownOutcomeError{fmt.Errorf("%w (and the outcome could not be read: %w)", err, readErr)}
	}
	pending, conflicts := a.plan.pending(present)
	switch {
	case conflicts != nil:
		return &StaleError{Game: a.plan.Game, Conflicts: conflicts, Written: a.written}
	case s.isPending(pending):
		return err
	}
	if !a.written { // after the write, present stays the written state, even if another program has changed it since
		a.present = present
	}
	return nil
}

// outlive returns a context in which the outcome of a call can be determined after the call's context has ended.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
}

// isRefused reports whether err proves that a write had no effect. It returns false if the game may have changed, so that
// the caller reads the outcome.
func isRefused(err error) bool {
	if _, ok := errors.AsType[*gamesparks.UnknownOutcomeError](err); ok {
		return false
	}
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok {
		return false
	}
	switch status := response.HTTPStatusCode(); status {
	case 404, 409, 412: // another program may have changed the game, or an attempt whose response was lost has taken effect
		return false
	default:
		return status >= 400 && status < 500
	}
}

// checkStages checks the stages to deploy to before anything is written.
func (a *application) checkStages(ctx context.Context) error {
	existing := map[string]Stage{}
	maps.Copy(existing, a.present.Stages)
	for _, s := range a.plan.Stages {
		switch s.Action {
		case ActionAdd:
			existing[s.Name] = Stage{}
		case ActionRemove:
			delete(existing, s.Name)
		}
	}
	for i, stage := range a.options.Stages {
		if _, ok := existing[stage]; !ok {
			hint := "add it to game.json"
			if len(existing) > 0 {
				hint = "use " + strings.Join(slices.Sorted(maps.Keys(existing)), ", ") + ", or " + hint
			}
			return fmt.Errorf("%s has no stage %q to deploy to, and nothing was written: %s", a.plan.Game, stage, hint)
		}
		if slices.Contains(a.options.Stages[:i], stage) {
			return fmt.Errorf("the stage %q is given twice, and nothing was written: list each stage once", stage)
		}
		if _, ok := a.present.Stages[stage]; !ok {
			continue
		}
		if err := checkIdle(ctx, a.client, a.plan.Game, stage); err != nil {
			return err
		}
	}
	return nil
}
