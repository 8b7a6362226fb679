// Package deploy deploys a game's configuration to its stages in one call. It checks the stages, imports a configuration
// file if one is given, creates a snapshot or uses an existing one, deploys it to the stages and waits for each deployment.
//
//	result, err := deploy.Run(ctx, client, &deploy.Input{
//		GameName:      "chess",
//		Stages:        []string{"beta", "live"},
//		Configuration: file,
//	})
//
// Run changes nothing until it has found all stages ready. A failed deployment to one stage does not stop the
// deployments to the others; the result contains the outcome of each stage.
//
// Run deploys exactly the imported configuration or nothing. If another program changes the configuration of the game
// between the import and the snapshot, Run detects the difference and fails with a [SnapshotMismatchError] instead of
// deploying that program's changes.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/relay"
	"github.com/gamesparks-go/gamesparks/types"
)

// APIClient is the subset of [gamesparks.Client] that [Run] requires.
type APIClient interface {
	gamesparks.GetStageAPIClient
	gamesparks.GetStageDeploymentAPIClient
	CreateSnapshot(context.Context, *gamesparks.CreateSnapshotInput, ...func(*gamesparks.Options)) (*gamesparks.CreateSnapshotOutput, error)
	ImportGameConfiguration(context.Context, *gamesparks.ImportGameConfigurationInput, ...func(*gamesparks.Options)) (*gamesparks.ImportGameConfigurationOutput, error)
	StartStageDeployment(context.Context, *gamesparks.StartStageDeploymentInput, ...func(*gamesparks.Options)) (*gamesparks.StartStageDeploymentOutput, error)
}

// Input specifies the configuration to deploy and the stages to deploy it to.
type Input struct {
	// GameName is the name of the game. Required.
	GameName string

	// Stages are the names of the stages to deploy to. Required, without duplicates.
	Stages []string

	// Configuration is the file to import first, in the format of ImportGameConfiguration. It replaces the whole
	// configuration of the game, which cannot be undone. Optional. Nil deploys the current configuration. An empty file
	// is an error.
	Configuration []byte

	// Description is the description of the new snapshot. Optional.
	Description string

	// SnapshotID is the identifier of an existing snapshot to deploy. It cannot be combined with Configuration or
	// Description. Optional. When it is empty, Run creates a snapshot.
	SnapshotID string
}

// Options configures [Run]. The zero value of every field is a good default.
type Options struct {
	// Concurrency is the maximum number of stages to check or to deploy to at the same time. Optional. The default is 4; a
	// negative value is an error.
	Concurrency int

	// MaxWait is the maximum time to wait for the deployment to a stage. Optional. The default is 30 minutes; a negative
	// value is an error.
	MaxWait time.Duration

	// WaiterOptions configure the waiter for deployments, for example its delays. In a test with the package servertest,
	// whose deployments complete quickly, set MinDelay to 50 ms: the default is 2 seconds. Run checks the delays before it
	// changes anything. Optional.
	//
	// An OnAttempt hook is called from one goroutine per stage, but its calls do not overlap with each other or with
	// calls to Progress. A Retryable function is called concurrently for several stages.
	WaiterOptions []func(*gamesparks.StageDeploymentCompletedWaiterOptions)

	// ClientOptions modify the client's options for each call. They are called concurrently for several stages. Optional.
	ClientOptions []func(*gamesparks.Options)

	// Progress is called for every event, and Run waits until it returns. It is called from several goroutines, but its
	// calls do not overlap. Optional.
	Progress func(Event)
}

// Step is a step of [Run].
type Step string

// The steps of [Run], in order.
const (
	// StepCheck checks that the stages exist and that no deployment to them is running.
	StepCheck Step = "check"
	// StepImport imports the configuration file.
	StepImport Step = "import"
	// StepSnapshot creates the snapshot, and compares it with the imported configuration.
	StepSnapshot Step = "snapshot"
	// StepDeploy starts the deployment to a stage and waits for it.
	StepDeploy Step = "deploy"
)

// Event reports the start of a step, an attempt to read the state of a deployment, or the end of a step.
type Event struct {
	// Step is the step. In StepCheck and StepDeploy, each stage has its own events.
	Step Step

	// Stage is the name of the stage. It is empty in StepImport and StepSnapshot.
	Stage string

	// SnapshotID is the identifier of the snapshot. It is empty until it is known.
	SnapshotID string

	// Deployment is the latest known state of the deployment. It is nil before the deployment has started.
	Deployment *types.StageDeploymentDetails

	// Elapsed is the time since Run was called.
	Elapsed time.Duration

	// NextDelay is the time until the next attempt to read the state of the deployment. It is 0 in all other events.
	NextDelay time.Duration

	// Done reports whether the step has ended for the stage.
	Done bool

	// Err is the error of the step, or of an attempt to read the state of the deployment.
	Err error
}

// Run deploys a configuration to stages. It returns when all deployments that it started have ended or exceeded
// MaxWait, or when ctx is done. Deployments that are still running at that point continue in the service. The result is
// never nil, and is complete even if Run returns an error. The error is an *[Error], unless the input or an option is
// invalid.
//
// Before it changes anything, Run checks the stages. It fails with a *[StageDeletingError] if a stage is DELETING, and
// a *[DeploymentInProgressError] if the latest deployment to a stage has not ended. If the new snapshot differs from
// the imported configuration, Run fails with a *[SnapshotMismatchError] and deploys nothing.
//
// To continue after some stages have failed, call Run again. Set Input.SnapshotID to Result.SnapshotID and Input.Stages
// to the names of the stages whose Err is not nil, and leave Configuration and Description empty: Run then deploys the
// same snapshot and imports nothing. If Result.SnapshotID is empty, no snapshot is ready to deploy: repeat the call. If
// Err is a [gamesparks.WaiterTimeoutError] or an error of ctx, the deployment may still be running: wait for it with
// [gamesparks.NewStageDeploymentCompletedWaiter] first.
//
// If the client, its middleware or a hook panics in a goroutine started by Run, Run cancels its other calls, waits for
// its goroutines, and panics in its caller's goroutine. The panic value is an error that contains the original value
// and its stack trace. Likewise, if such a goroutine calls [runtime.Goexit], for example through [testing.T.FailNow] in
// a mock, Run calls it in its caller's goroutine.
func Run(ctx context.Context, client APIClient, input *Input, optFns ...func(*Options)) (*Result, error) {
	if input == nil {
		input = &Input{}
	}
	r := &run{client: client, input: input, start: time.Now(), result: newResult(input)}
	if client == nil || client == APIClient((*gamesparks.Client)(nil)) {
		return r.result, errors.New("deploy: client is nil: create one with gamesparks.New or gamesparks.NewFromConfig")
	}
	for _, fn := range optFns {
		fn(&r.options)
	}
	if err := errors.Join(input.check(), r.options.check()); err != nil {
		return r.result, fmt.Errorf("deploy: %w", err)
	}
	r.waiter = gamesparks.NewStageDeploymentCompletedWaiter(client, r.options.WaiterOptions...)
	if err := r.waiter.Validate(); err != nil {
		return r.result, fmt.Errorf("deploy: Options.WaiterOptions: %w", err)
	}

	for _, step := range []struct {
		name Step
		do   func(context.Context) error
	}{
		{StepCheck, r.checkStages},
		{StepImport, r.importConfiguration},
		{StepSnapshot, r.createSnapshot},
		{StepDeploy, r.deployToStages},
	} {
		if err := step.do(ctx); err != nil {
			return r.result, &Error{GameName: input.GameName, Step: step.name, Result: r.result, Err: err}
		}
	}
	return r.result, nil
}

func (in *Input) check() error {
	var errs []error
	if in.GameName == "" {
		errs = append(errs, errors.New("Input.GameName is empty: set the name of the game"))
	}
	if len(in.Stages) == 0 {
		errs = append(errs, errors.New("Input.Stages is empty: add at least one stage"))
	}
	seen := map[string]bool{}
	for i, stage := range in.Stages {
		if stage == "" {
			errs = append(errs, fmt.Errorf("Input.Stages[%d] is empty: set the name of a stage", i))
		} else if seen[stage] {
			errs = append(errs, fmt.Errorf("Input.Stages[%d] repeats %q: list each stage once", i, stage))
		}
		seen[stage] = true
	}
	if in.Configuration != nil && len(in.Configuration) == 0 {
		errs = append(errs, errors.New("Input.Configuration is an empty file: set it to nil to deploy the current configuration"))
	}
	if in.SnapshotID != "" && (in.Configuration != nil || in.Description != "") {
		errs = append(errs, errors.New("Input.SnapshotID is combined with Configuration or Description: set SnapshotID alone to deploy an existing snapshot"))
	}
	return errors.Join(errs...)
}

func (o *Options) check() error {
	var errs []error
	if o.Concurrency < 0 {
		errs = append(errs, fmt.Errorf("Options.Concurrency is %d: set it to 0 for the default, or to a positive number", o.Concurrency))
	}
	if o.Concurrency == 0 {
		o.Concurrency = 4
	}
	if o.MaxWait < 0 {
		errs = append(errs, fmt.Errorf("Options.MaxWait is %v: set it to 0 for the default, or to a positive duration", o.MaxWait))
	}
	if o.MaxWait == 0 {
		o.MaxWait = 30 * time.Minute
	}
	return errors.Join(errs...)
}

// run is the state of one call to Run.
type run struct {
	client  APIClient
	input   *Input
	options Options
	waiter  *gamesparks.StageDeploymentCompletedWaiter
	start   time.Time
	result  *Result

	// imported is the configuration that the service returned for the import, or nil if nothing was imported.
	imported *types.GameConfigurationDetails

	hooks sync.Mutex // held while a hook of the caller runs
}

func (r *run) report(e Event) {
	r.hooks.Lock()
	defer r.hooks.Unlock()
	r.reportLocked(e)
}

func (r *run) reportLocked(e Event) {
	if r.options.Progress != nil {
		e.SnapshotID, e.Elapsed = r.result.SnapshotID, time.Since(r.start)
		r.options.Progress(e)
	}
}

// checkStages checks all stages before Run changes anything, so that a wrong name cannot cause a partial deployment.
func (r *run) checkStages(ctx context.Context) error {
	return r.eachStage(ctx, func(ctx context.Context, stage *StageResult) error {
		r.report(Event{Step: StepCheck, Stage: stage.Stage})
		err := r.checkStage(ctx, stage.Stage)
		r.report(Event{Step: StepCheck, Stage: stage.Stage, Done: true, Err: err})
		return err
	})
}

func (r *run) checkStage(ctx context.Context, stage string) error {
	got, err := r.client.GetStage(ctx, &gamesparks.GetStageInput{
		GameName: &r.input.GameName, StageName: &stage,
	}, r.options.ClientOptions...)
	if err != nil {
		return err
	}
	if got == nil || got.Stage == nil {
		return errors.New("GetStage returned no stage")
	}
	if got.Stage.State == types.StageStateDeleting {
		return &StageDeletingError{Stage: stage}
	}

	latest, err := r.client.GetStageDeployment(ctx, &gamesparks.GetStageDeploymentInput{
		GameName: &r.input.GameName, StageName: &stage,
	}, r.options.ClientOptions...)
	if gamesparks.IsNotFound(err) { // the stage has no deployments yet
		return nil
	}
	if err != nil {
		return err
	}
	if latest == nil || latest.StageDeployment == nil {
		return errors.New("GetStageDeployment returned no deployment")
	}
	switch latest.StageDeployment.DeploymentState {
	case types.DeploymentStatePending, types.DeploymentStateInProgress:
		return &DeploymentInProgressError{Stage: stage, Deployment: latest.StageDeployment}
	}
	return nil
}

func (r *run) importConfiguration(ctx context.Context) error {
	if r.input.Configuration == nil {
		return nil
	}
	r.report(Event{Step: StepImport})
	out, err := r.client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName:     &r.input.GameName,
		ImportSource: &types.ImportGameConfigurationSource{File: r.input.Configuration},
	}, r.options.ClientOptions...)
	if err == nil && (out == nil || out.GameConfiguration == nil) {
		err = errors.New("ImportGameConfiguration returned no configuration")
	}
	if err == nil {
		r.result.Imported, r.imported = true, out.GameConfiguration
	}
	r.report(Event{Step: StepImport, Done: true, Err: err})
	return err
}

func (r *run) createSnapshot(ctx context.Context) error {
	if r.input.SnapshotID != "" {
		r.result.SnapshotID = r.input.SnapshotID
		return nil
	}
	r.report(Event{Step: StepSnapshot})
	params := &gamesparks.CreateSnapshotInput{GameName: &r.input.GameName}
	if r.input.Description != "" {
		params.Description = &r.input.Description
	}
	out, err := r.client.CreateSnapshot(ctx, params, r.options.ClientOptions...)
	if err == nil && (out == nil || out.Snapshot == nil || out.Snapshot.Id == nil) {
		err = errors.New("CreateSnapshot returned no snapshot")
	}
	if err == nil {
		err = r.compareWithImport(out.Snapshot)
	}
	if err == nil {
		r.result.SnapshotID = *out.Snapshot.Id
	}
	r.report(Event{Step: StepSnapshot, Done: true, Err: err})
	return err
}

// compareWithImport returns an error if the sections of the snapshot differ from the imported ones. It compares with the
// response to the import instead of the file, because only the service defines how it stores a file.
func (r *run) compareWithImport(snapshot *types.SnapshotDetails) error {
	if r.imported == nil {
		return nil
	}
	differing, err := differingSections(r.imported.Sections, snapshot.Sections)
	if err != nil {
		return fmt.Errorf("compare snapshot %s with the imported configuration: %w", *snapshot.Id, err)
	}
	if differing != nil {
		return &SnapshotMismatchError{SnapshotID: *snapshot.Id, Sections: differing}
	}
	return nil
}

func (r *run) deployToStages(ctx context.Context) error {
	return r.eachStage(ctx, func(ctx context.Context, stage *StageResult) error {
		r.report(Event{Step: StepDeploy, Stage: stage.Stage})
		err := r.deploy(ctx, stage)
		if err == nil {
			stage.Err = nil
		}
		r.report(Event{Step: StepDeploy, Stage: stage.Stage, Deployment: stage.Deployment, Done: true, Err: err})
		return err
	})
}

// deploy deploys to a stage and stores the latest known state of the deployment in the result.
func (r *run) deploy(ctx context.Context, stage *StageResult) error {
	started, err := r.client.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{
		GameName: &r.input.GameName, StageName: &stage.Stage, SnapshotId: &r.result.SnapshotID,
	}, r.options.ClientOptions...)
	if err != nil {
		return err
	}
	if started == nil || started.StageDeployment == nil || started.StageDeployment.DeploymentId == nil {
		return errors.New("StartStageDeployment returned no deployment")
	}
	stage.Deployment = started.StageDeployment
	return r.waiter.Wait(ctx, &gamesparks.GetStageDeploymentInput{
		GameName: &r.input.GameName, StageName: &stage.Stage, DeploymentId: stage.Deployment.DeploymentId,
	}, r.options.MaxWait, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.ClientOptions = append(o.ClientOptions, r.options.ClientOptions...)
		hook := o.OnAttempt
		o.OnAttempt = func(a gamesparks.WaiterAttempt[gamesparks.GetStageDeploymentOutput]) {
			if a.Output != nil && a.Output.StageDeployment != nil {
				stage.Deployment = a.Output.StageDeployment
			}
			r.hooks.Lock()
			defer r.hooks.Unlock()
			r.reportLocked(Event{Step: StepDeploy, Stage: stage.Stage, Deployment: stage.Deployment, NextDelay: a.NextDelay, Err: a.Err})
			if hook != nil {
				hook(a)
			}
		}
	})
}

// eachStage calls do for all stages, up to Concurrency at the same time, and stores the errors in their results. Once ctx
// is done, it does not call do for further stages.
func (r *run) eachStage(ctx context.Context, do func(context.Context, *StageResult) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(r.result.Stages))
	slots := make(chan struct{}, min(r.options.Concurrency, len(errs)))
	stages := relay.Group{OnAbort: cancel}
	for i := range errs {
		slots <- struct{}{}
		stages.Go(func() {
			defer func() { <-slots }()
			stage := &r.result.Stages[i]
			var err error
			if ctx.Err() != nil {
				err = fmt.Errorf("%w: %w", ErrNotStarted, contextError(ctx))
			} else {
				err = do(ctx, stage)
			}
			if err != nil {
				stage.Err = err
				errs[i] = fmt.Errorf("stage %s: %w", stage.Stage, err)
			}
		})
	}
	stages.Wait()
	return joinStages(errs)
}

// contextError returns the error of a context that is done, together with its cause.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
