// Package deploy brings a game's configuration to its stages in one call: it imports a file, if one is given, makes a
// snapshot, or takes one that is there, deploys it to the stages and waits for each of them.
//
//	result, err := deploy.Run(ctx, client, &deploy.Input{
//		GameName:      "chess",
//		Stages:        []string{"beta", "live"},
//		Configuration: file,
//	})
//
// Nothing is changed before all stages have been found. A stage that fails does not keep the others from being deployed
// to; the result has what became of each.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// APIClient is the part of a [gamesparks.Client] that [Run] needs.
type APIClient interface {
	gamesparks.GetStageAPIClient
	gamesparks.GetStageDeploymentAPIClient
	CreateSnapshot(context.Context, *gamesparks.CreateSnapshotInput, ...func(*gamesparks.Options)) (*gamesparks.CreateSnapshotOutput, error)
	ImportGameConfiguration(context.Context, *gamesparks.ImportGameConfigurationInput, ...func(*gamesparks.Options)) (*gamesparks.ImportGameConfigurationOutput, error)
	StartStageDeployment(context.Context, *gamesparks.StartStageDeploymentInput, ...func(*gamesparks.Options)) (*gamesparks.StartStageDeploymentOutput, error)
}

// Input says what to deploy, and where.
type Input struct {
	// GameName is the name of the game. Required.
	GameName string

	// Stages are the names of the stages to deploy to, at least one and each once.
	Stages []string

	// Configuration is the file to import first, as ImportGameConfiguration takes it. It replaces the whole
	// configuration of the game, which cannot be undone. Nil leaves the configuration as it is. An empty file is an
	// error.
	Configuration []byte

	// Description describes the snapshot that is made. Empty means none.
	Description string

	// SnapshotID is the identifier of a snapshot that is there, to be deployed in place of a new one. It cannot be
	// combined with Configuration and Description. Empty means that a snapshot is made.
	SnapshotID string
}

// Options configures [Run]. The zero value of every member is a good default.
type Options struct {
	// Concurrency is the largest number of stages to deploy to at the same time. 0 means 4, and less than 0 is an
	// error.
	Concurrency int

	// MaxWait is the longest time to wait for a stage's deployment. 0 means 30 minutes, and less than 0 is an error.
	MaxWait time.Duration

	// WaiterOptions change how deployments are waited for, their delays for example. In a test with the package local,
	// whose deployments end soon, set MinDelay to 50 ms: the default is 2 seconds. Delays that are not valid are an
	// error before anything is changed.
	WaiterOptions []func(*gamesparks.StageDeploymentCompletedWaiterOptions)

	// ClientOptions change the client's options for each call.
	ClientOptions []func(*gamesparks.Options)

	// Progress is told of everything that happens, one event after the other: calls do not overlap, but come from
	// several goroutines. Run waits for it. Nil means nobody is told.
	Progress func(Event)
}

// Step is a part of the work.
type Step string

// The steps, in their order.
const (
	// StepCheck finds out whether the stages are there.
	StepCheck Step = "check"
	// StepImport imports the configuration file.
	StepImport Step = "import"
	// StepSnapshot makes the snapshot.
	StepSnapshot Step = "snapshot"
	// StepDeploy deploys to a stage, and waits.
	StepDeploy Step = "deploy"
)

// Event tells that a step begins, that a deployment has been looked at, or that a step has ended.
type Event struct {
	// Step is the step. StepCheck and StepDeploy have events for each stage.
	Step Step

	// Stage is the name of the stage, empty in StepImport and StepSnapshot.
	Stage string

	// SnapshotID is the identifier of the snapshot, empty as long as there is none.
	SnapshotID string

	// Deployment is the deployment as it was seen last, nil as long as there is none.
	Deployment *types.StageDeploymentDetails

	// Elapsed is the time since Run was called.
	Elapsed time.Duration

	// NextDelay is the time until the deployment is looked at again, 0 in all other events.
	NextDelay time.Duration

	// Done tells whether the step, for that stage, has ended.
	Done bool

	// Err is why the step has failed, or why a look at the deployment has.
	Err error
}

// Run deploys. It returns when all deployments that it started have ended, or when ctx has or their time is over. The
// result is not nil, and is complete also when there is an error: that is an *[Error] then, unless the input or an
// option is not valid. Deployments that were started go on in the service when ctx is cancelled.
func Run(ctx context.Context, client APIClient, input *Input, optFns ...func(*Options)) (*Result, error) {
	if input == nil {
		input = &Input{}
	}
	r := &run{client: client, input: input, start: time.Now(), result: newResult(input)}
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
		errs = append(errs, errors.New("Input.GameName is missing"))
	}
	if len(in.Stages) == 0 {
		errs = append(errs, errors.New("Input.Stages names no stage"))
	}
	seen := map[string]bool{}
	for i, stage := range in.Stages {
		if stage == "" {
			errs = append(errs, fmt.Errorf("Input.Stages[%d] is empty", i))
		} else if seen[stage] {
			errs = append(errs, fmt.Errorf("Input.Stages[%d] is %q, which is there already", i, stage))
		}
		seen[stage] = true
	}
	if in.Configuration != nil && len(in.Configuration) == 0 {
		errs = append(errs, errors.New("Input.Configuration is an empty file"))
	}
	if in.SnapshotID != "" && (in.Configuration != nil || in.Description != "") {
		errs = append(errs, errors.New("Input.SnapshotID is combined with Configuration or Description, which are for a new snapshot"))
	}
	return errors.Join(errs...)
}

func (o *Options) check() error {
	var errs []error
	if o.Concurrency < 0 {
		errs = append(errs, fmt.Errorf("Options.Concurrency is %d, which is negative", o.Concurrency))
	}
	if o.Concurrency == 0 {
		o.Concurrency = 4
	}
	if o.MaxWait < 0 {
		errs = append(errs, fmt.Errorf("Options.MaxWait is %v, which is negative", o.MaxWait))
	}
	if o.MaxWait == 0 {
		o.MaxWait = 30 * time.Minute
	}
	return errors.Join(errs...)
}

// run is one call of Run.
type run struct {
	client  APIClient
	input   *Input
	options Options
	waiter  *gamesparks.StageDeploymentCompletedWaiter
	start   time.Time
	result  *Result

	progress sync.Mutex
}

func (r *run) tell(e Event) {
	if r.options.Progress == nil {
		return
	}
	r.progress.Lock()
	defer r.progress.Unlock()
	e.SnapshotID, e.Elapsed = r.result.SnapshotID, time.Since(r.start)
	r.options.Progress(e)
}

// checkStages finds the stages before anything is changed, which a wrong name would leave half done.
func (r *run) checkStages(ctx context.Context) error {
	return r.eachStage(ctx, func(stage *StageResult) error {
		r.tell(Event{Step: StepCheck, Stage: stage.Stage})
		out, err := r.client.GetStage(ctx, &gamesparks.GetStageInput{
			GameName: &r.input.GameName, StageName: &stage.Stage,
		}, r.options.ClientOptions...)
		if err == nil && out.Stage != nil && out.Stage.State == types.StageStateDeleting {
			err = errors.New("the stage is being deleted")
		}
		r.tell(Event{Step: StepCheck, Stage: stage.Stage, Done: true, Err: err})
		return err
	})
}

func (r *run) importConfiguration(ctx context.Context) error {
	if r.input.Configuration == nil {
		return nil
	}
	r.tell(Event{Step: StepImport})
	_, err := r.client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName:     &r.input.GameName,
		ImportSource: &types.ImportGameConfigurationSource{File: r.input.Configuration},
	}, r.options.ClientOptions...)
	r.result.Imported = err == nil
	r.tell(Event{Step: StepImport, Done: true, Err: err})
	return err
}

func (r *run) createSnapshot(ctx context.Context) error {
	if r.input.SnapshotID != "" {
		r.result.SnapshotID = r.input.SnapshotID
		return nil
	}
	r.tell(Event{Step: StepSnapshot})
	params := &gamesparks.CreateSnapshotInput{GameName: &r.input.GameName}
	if r.input.Description != "" {
		params.Description = &r.input.Description
	}
	out, err := r.client.CreateSnapshot(ctx, params, r.options.ClientOptions...)
	if err == nil && (out.Snapshot == nil || out.Snapshot.Id == nil) {
		err = errors.New("CreateSnapshot returned no snapshot")
	}
	if err == nil {
		r.result.SnapshotID = *out.Snapshot.Id
	}
	r.tell(Event{Step: StepSnapshot, Done: true, Err: err})
	return err
}

func (r *run) deployToStages(ctx context.Context) error {
	return r.eachStage(ctx, func(stage *StageResult) error {
		r.tell(Event{Step: StepDeploy, Stage: stage.Stage})
		err := r.deploy(ctx, stage)
		if err == nil {
			stage.Err = nil
		}
		r.tell(Event{Step: StepDeploy, Stage: stage.Stage, Deployment: stage.Deployment, Done: true, Err: err})
		return err
	})
}

// deploy deploys to a stage, and keeps the deployment as it is seen last.
func (r *run) deploy(ctx context.Context, stage *StageResult) error {
	started, err := r.client.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{
		GameName: &r.input.GameName, StageName: &stage.Stage, SnapshotId: &r.result.SnapshotID,
	}, r.options.ClientOptions...)
	if err != nil {
		return err
	}
	stage.Deployment = started.StageDeployment
	if stage.Deployment == nil || stage.Deployment.DeploymentId == nil {
		return errors.New("StartStageDeployment returned no deployment")
	}
	return r.waiter.Wait(ctx, &gamesparks.GetStageDeploymentInput{
		GameName: &r.input.GameName, StageName: &stage.Stage, DeploymentId: stage.Deployment.DeploymentId,
	}, r.options.MaxWait, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.ClientOptions = append(o.ClientOptions, r.options.ClientOptions...)
		hook := o.OnAttempt
		o.OnAttempt = func(a gamesparks.WaiterAttempt[gamesparks.GetStageDeploymentOutput]) {
			if a.Output != nil && a.Output.StageDeployment != nil {
				stage.Deployment = a.Output.StageDeployment
			}
			r.tell(Event{Step: StepDeploy, Stage: stage.Stage, Deployment: stage.Deployment, NextDelay: a.NextDelay, Err: a.Err})
			if hook != nil {
				hook(a)
			}
		}
	})
}

// eachStage does something for all stages, some of them at a time, and keeps the errors in their results. Once ctx has
// ended it begins with no other stage.
func (r *run) eachStage(ctx context.Context, do func(*StageResult) error) error {
	errs := make([]error, len(r.result.Stages))
	slots := make(chan struct{}, min(r.options.Concurrency, len(errs)))
	var wg sync.WaitGroup
	for i := range errs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			stage := &r.result.Stages[i]
			var err error
			if ctx.Err() != nil {
				err = fmt.Errorf("%w: %w", ErrNotStarted, ctx.Err())
			} else {
				err = do(stage)
			}
			if err != nil {
				stage.Err = err
				errs[i] = fmt.Errorf("stage %s: %w", stage.Stage, err)
			}
		})
	}
	wg.Wait()
	return joinStages(errs)
}
