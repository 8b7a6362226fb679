package deploy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

const snapshotID = "Snapshot_2022-03-01T12:00:00.000000Z"

// mock implements the API for a game that has the stages in deployments. A deployment takes a minute on the test's fake
// clock.
type mock struct {
	gamesparks.API // methods that must not be called are nil

	// deployments maps each stage to the outcome of its deployment.
	deployments map[string]outcome
	// fail maps operations to the errors that they return.
	fail map[string]error
	// onCall is called for each call of an operation. Optional.
	onCall map[string]func()
	// returnNil contains the operations that return neither an output nor an error.
	returnNil map[string]bool
	// empty contains the operations that return an output without members.
	empty map[string]bool
	// imported and snapshot are the sections that the import and the snapshot return.
	imported, snapshot map[string]types.Section

	mu      sync.Mutex
	calls   []string
	started map[string]time.Time
	running int
	most    int // the maximum number of concurrent deployments
}

type outcome struct {
	state    types.DeploymentState // the final state, COMPLETED if empty
	start    error                 // the error of StartStageDeployment
	get      error                 // the error of GetStageDeployment
	none     bool                  // StartStageDeployment returns no deployment
	deleting bool                  // the stage is DELETING
	latest   types.DeploymentState // the state of an earlier deployment, empty for none
}

func (m *mock) call(optFns []func(*gamesparks.Options), format string, args ...any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var o gamesparks.Options
	for _, fn := range optFns {
		fn(&o)
	}
	name := fmt.Sprintf(format, args...)
	m.calls = append(m.calls, name+o.AppID)
	operation, _, _ := strings.Cut(name, " ")
	if fn := m.onCall[operation]; fn != nil {
		fn()
	}
	return m.fail[operation]
}

// output returns the output of an operation, or a nil or empty output if the test is configured to return one.
func output[Out any](m *mock, operation string, out *Out) (*Out, error) {
	switch {
	case m.returnNil[operation]:
		return nil, nil
	case m.empty[operation]:
		return new(Out), nil
	}
	return out, nil
}

func (m *mock) GetStage(_ context.Context, in *gamesparks.GetStageInput, optFns ...func(*gamesparks.Options)) (*gamesparks.GetStageOutput, error) {
	if err := m.call(optFns, "GetStage %s %s", *in.GameName, *in.StageName); err != nil {
		return nil, err
	}
	d, ok := m.deployments[*in.StageName]
	if !ok {
		return nil, &types.ResourceNotFoundException{Message: aws.String("no stage " + *in.StageName)}
	}
	stage := &types.StageDetails{Name: in.StageName, State: types.StageStateActive}
	if d.deleting {
		stage.State = types.StageStateDeleting
	}
	return output(m, "GetStage", &gamesparks.GetStageOutput{Stage: stage})
}

func (m *mock) ImportGameConfiguration(_ context.Context, in *gamesparks.ImportGameConfigurationInput, optFns ...func(*gamesparks.Options)) (*gamesparks.ImportGameConfigurationOutput, error) {
	if err := m.call(optFns, "ImportGameConfiguration %s %s", *in.GameName, in.ImportSource.File); err != nil {
		return nil, err
	}
	return output(m, "ImportGameConfiguration", &gamesparks.ImportGameConfigurationOutput{
		GameConfiguration: &types.GameConfigurationDetails{Sections: m.imported},
	})
}

func (m *mock) CreateSnapshot(_ context.Context, in *gamesparks.CreateSnapshotInput, optFns ...func(*gamesparks.Options)) (*gamesparks.CreateSnapshotOutput, error) {
	description := "without description"
	if in.Description != nil {
		description = *in.Description
	}
	if err := m.call(optFns, "CreateSnapshot %s %s", *in.GameName, description); err != nil {
		return nil, err
	}
	return output(m, "CreateSnapshot", &gamesparks.CreateSnapshotOutput{
		Snapshot: &types.SnapshotDetails{Id: aws.String(snapshotID), Sections: m.snapshot},
	})
}

func (m *mock) StartStageDeployment(_ context.Context, in *gamesparks.StartStageDeploymentInput, optFns ...func(*gamesparks.Options)) (*gamesparks.StartStageDeploymentOutput, error) {
	if err := m.call(optFns, "StartStageDeployment %s %s %s", *in.GameName, *in.StageName, *in.SnapshotId); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.deployments[*in.StageName]
	if d.start != nil || d.none {
		return &gamesparks.StartStageDeploymentOutput{}, d.start
	}
	if m.started == nil {
		m.started = map[string]time.Time{}
	}
	m.started[*in.StageName] = time.Now()
	m.running++
	m.most = max(m.most, m.running)
	return output(m, "StartStageDeployment", &gamesparks.StartStageDeploymentOutput{StageDeployment: m.deployment(*in.StageName, types.DeploymentStatePending)})
}

func (m *mock) GetStageDeployment(ctx context.Context, in *gamesparks.GetStageDeploymentInput, optFns ...func(*gamesparks.Options)) (*gamesparks.GetStageDeploymentOutput, error) {
	if in.DeploymentId == nil {
		return m.latestDeployment(in, optFns)
	}
	if err := m.call(optFns, "GetStageDeployment %s %s %s", *in.GameName, *in.StageName, *in.DeploymentId); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.deployments[*in.StageName]
	if d.get != nil {
		return nil, d.get
	}
	state := types.DeploymentStateInProgress
	if d.state != types.DeploymentStateInProgress && time.Since(m.started[*in.StageName]) >= time.Minute {
		m.running--
		if state = d.state; state == "" {
			state = types.DeploymentStateCompleted
		}
	}
	return output(m, "GetStageDeployment", &gamesparks.GetStageDeploymentOutput{StageDeployment: m.deployment(*in.StageName, state)})
}

func (m *mock) latestDeployment(in *gamesparks.GetStageDeploymentInput, optFns []func(*gamesparks.Options)) (*gamesparks.GetStageDeploymentOutput, error) {
	if err := m.call(optFns, "LatestDeployment %s %s", *in.GameName, *in.StageName); err != nil {
		return nil, err
	}
	state := m.deployments[*in.StageName].latest
	if state == "" {
		if !m.returnNil["LatestDeployment"] && !m.empty["LatestDeployment"] {
			return nil, &types.ResourceNotFoundException{Message: aws.String("no deployment")}
		}
	}
	return output(m, "LatestDeployment", &gamesparks.GetStageDeploymentOutput{StageDeployment: m.deployment(*in.StageName, state)})
}

func (m *mock) deployment(stage string, state types.DeploymentState) *types.StageDeploymentDetails {
	return &types.StageDeploymentDetails{DeploymentId: aws.String("d-" + stage), DeploymentState: state}
}

// bubble runs a test with a fake clock.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

// states returns the states of the deployments by stage. A "!" marks a stage with an error.
func states(r *deploy.Result) map[string]string {
	states := map[string]string{}
	for _, s := range r.Stages {
		text := "none"
		if s.Deployment != nil {
			text = string(s.Deployment.DeploymentState)
		}
		if s.Err != nil {
			text += "!"
		}
		states[s.Stage] = text
	}
	return states
}

func TestRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := &mock{deployments: map[string]outcome{"beta": {}, "live": {}}}
		var events []string
		var elapsed time.Duration
		result, err := deploy.Run(t.Context(), m, &deploy.Input{
			GameName: "chess", Stages: []string{"beta", "live"}, Configuration: []byte("file"), Description: "spring",
		}, func(o *deploy.Options) {
			o.Concurrency = 1
			o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
				o.MinDelay, o.MaxDelay = 30*time.Second, 30*time.Second
			})
			o.Progress = func(e deploy.Event) {
				if e.Err != nil || e.Elapsed < elapsed || (e.SnapshotID != "") != (e.Step == deploy.StepDeploy || e.Step == deploy.StepSnapshot && e.Done) {
					t.Errorf("event %+v", e)
				}
				elapsed = e.Elapsed
				text := fmt.Sprintf("%v %s %s", e.Elapsed, e.Step, e.Stage)
				if e.Deployment != nil {
					text += " " + string(e.Deployment.DeploymentState)
				}
				if e.NextDelay != 0 {
					text += fmt.Sprintf(" next in %v", e.NextDelay)
				}
				if e.Done {
					text += " done"
				}
				events = append(events, text)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if !result.Imported || result.SnapshotID != snapshotID {
			t.Errorf("result %+v", result)
		}
		if diff := cmp.Diff(map[string]string{"beta": "COMPLETED", "live": "COMPLETED"}, states(result)); diff != "" {
			t.Errorf("stages (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{
			"GetStage chess beta", "LatestDeployment chess beta", "GetStage chess live", "LatestDeployment chess live",
			"ImportGameConfiguration chess file", "CreateSnapshot chess spring",
			"StartStageDeployment chess beta " + snapshotID,
			"GetStageDeployment chess beta d-beta", "GetStageDeployment chess beta d-beta", "GetStageDeployment chess beta d-beta",
			"StartStageDeployment chess live " + snapshotID,
			"GetStageDeployment chess live d-live", "GetStageDeployment chess live d-live", "GetStageDeployment chess live d-live",
		}, m.calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{
			"0s check beta", "0s check beta done", "0s check live", "0s check live done",
			"0s import ", "0s import  done", "0s snapshot ", "0s snapshot  done",
			"0s deploy beta", "0s deploy beta IN_PROGRESS next in 30s", "30s deploy beta IN_PROGRESS next in 30s",
			"1m0s deploy beta COMPLETED", "1m0s deploy beta COMPLETED done",
			"1m0s deploy live", "1m0s deploy live IN_PROGRESS next in 30s", "1m30s deploy live IN_PROGRESS next in 30s",
			"2m0s deploy live COMPLETED", "2m0s deploy live COMPLETED done",
		}, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestRunOfSnapshot(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := &mock{deployments: map[string]outcome{"live": {}}}
		result, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: []string{"live"}, SnapshotID: "earlier"})
		if err != nil || result.Imported || result.SnapshotID != "earlier" {
			t.Errorf("result %+v, error %v", result, err)
		}
		if diff := cmp.Diff([]string{"GetStage chess live", "LatestDeployment chess live", "StartStageDeployment chess live earlier"}, m.calls[:3]); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestRunWithoutImport(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := &mock{deployments: map[string]outcome{"live": {}}}
		result, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: []string{"live"}})
		if err != nil || result.Imported || result.SnapshotID != snapshotID {
			t.Errorf("result %+v, error %v", result, err)
		}
		if diff := cmp.Diff([]string{"GetStage chess live", "LatestDeployment chess live", "CreateSnapshot chess without description"}, m.calls[:3]); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestPartialFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := &mock{deployments: map[string]outcome{
			"alpha":   {},
			"failed":  {state: types.DeploymentStateFailed},
			"busy":    {start: &types.ConflictException{Message: aws.String("another deployment runs")}},
			"slow":    {state: types.DeploymentStateInProgress},
			"denied":  {get: &types.AccessDeniedException{}},
			"nothing": {none: true},
			"omega":   {},
		}}
		stages := []string{"alpha", "failed", "busy", "slow", "denied", "nothing", "omega"}
		result, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: stages}, func(o *deploy.Options) {
			o.MaxWait = 10 * time.Minute
		})
		if diff := cmp.Diff(map[string]string{
			"alpha": "COMPLETED", "failed": "FAILED!", "busy": "none!", "slow": "IN_PROGRESS!", "denied": "PENDING!",
			"nothing": "none!", "omega": "COMPLETED",
		}, states(result)); diff != "" {
			t.Errorf("stages (-want +got):\n%s", diff)
		}
		for i, s := range result.Stages {
			if s.Stage != stages[i] {
				t.Errorf("stage %d is %s, want %s", i, s.Stage, stages[i])
			}
		}
		var e *deploy.Error
		if !errors.As(err, &e) || e.Result != result || e.Step != deploy.StepDeploy || e.GameName != "chess" {
			t.Fatalf("error %v", err)
		}
		var failed *gamesparks.DeploymentFailedError
		var timeout *gamesparks.WaiterTimeoutError[gamesparks.GetStageDeploymentOutput]
		if !errors.As(err, &failed) || !errors.As(err, &timeout) || !errors.Is(err, context.DeadlineExceeded) ||
			!gamesparks.IsConflict(err) || !gamesparks.IsAccessDenied(err) || errors.Is(err, deploy.ErrNotStarted) {
			t.Errorf("error does not wrap one of its causes: %v", err)
		}
		if timeout.State != "IN_PROGRESS" || *failed.Deployment.DeploymentId != "d-failed" {
			t.Errorf("errors %v and %v", timeout, failed)
		}
		for _, text := range []string{
			"deploy chess: deploy: 5 of 7 stages failed; stage failed: deployment d-failed failed; stage busy: ConflictException: another deployment runs; ",
			"; stage slow: exceeded max wait time", "; stage denied: AccessDeniedException", "; stage nothing: StartStageDeployment returned no deployment",
		} {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("error %q does not contain %q", err, text)
			}
		}
	})
}

func TestStagesAreCheckedFirst(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := &mock{deployments: map[string]outcome{
			"live":    {latest: types.DeploymentStateCompleted},
			"old":     {deleting: true},
			"pending": {latest: types.DeploymentStatePending},
			"running": {latest: types.DeploymentStateInProgress},
			"failed":  {latest: types.DeploymentStateFailed},
		}}
		result, err := deploy.Run(t.Context(), m, &deploy.Input{
			GameName: "chess", Stages: []string{"live", "lvie", "old", "pending", "running", "failed"}, Configuration: []byte("file"),
		})
		for _, call := range m.calls {
			if operation, _, _ := strings.Cut(call, " "); operation != "GetStage" && operation != "LatestDeployment" {
				t.Errorf("call %s", call)
			}
		}
		want := "deploy chess: check: 4 of 6 stages failed; stage lvie: ResourceNotFoundException: no stage lvie" +
			"; stage old: the stage is being deleted: remove it from Input.Stages" +
			"; stage pending: deployment d-pending is PENDING: wait until it has ended" +
			"; stage running: deployment d-running is IN_PROGRESS: wait until it has ended"
		if err == nil || err.Error() != want || !gamesparks.IsNotFound(err) {
			t.Errorf("error %v", err)
		}
		var deleting *deploy.StageDeletingError
		if !errors.As(err, &deleting) || deleting.Stage != "old" {
			t.Errorf("error does not wrap a StageDeletingError: %v", err)
		}
		for i, stage := range map[int]string{3: "pending", 4: "running"} {
			var running *deploy.DeploymentInProgressError
			if !errors.As(result.Stages[i].Err, &running) || running.Stage != stage || *running.Deployment.DeploymentId != "d-"+stage {
				t.Errorf("stage %s has error %v", stage, result.Stages[i].Err)
			}
		}
		if result.Imported || result.SnapshotID != "" || !errors.Is(result.Stages[0].Err, deploy.ErrNotStarted) || !gamesparks.IsNotFound(result.Stages[1].Err) {
			t.Errorf("result %+v", result)
		}
	})
}

// sections returns sections with the given JSON contents. Empty content means nil attributes.
func sections(contents map[string]string) map[string]types.Section {
	found := map[string]types.Section{}
	for name, content := range contents {
		s := types.Section{Name: &name}
		if content != "" {
			s.Attributes = document.NewLazyDocument(json.RawMessage(content))
		}
		found[name] = s
	}
	return found
}

func TestSnapshotIsComparedWithImport(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		imported, snapshot map[string]string
		differing          []string
	}{
		"equal":               {imported: map[string]string{"A": `{"x":1}`}, snapshot: map[string]string{"A": `{"x":1}`}},
		"no sections":         {},
		"order of names":      {imported: map[string]string{"A": `{"x":{"a":1,"b":[2]},"y":3}`}, snapshot: map[string]string{"A": `{ "y":3, "x":{"b":[2],"a":1}}`}},
		"escapes":             {imported: map[string]string{"A": `{"x":"é/"}`}, snapshot: map[string]string{"A": `{"\u0078":"\u00e9\/"}`}},
		"spelling of numbers": {imported: map[string]string{"A": `[1,1,120,0,-2.5,0.01]`}, snapshot: map[string]string{"A": `[1.0,10e-1,1.2E+2,-0.0e5,-25E-1,1e-2]`}},
		"nil means null":      {imported: map[string]string{"A": ``}, snapshot: map[string]string{"A": `null`}},
		"huge exponents":      {imported: map[string]string{"A": `1e999999999999999999999`}, snapshot: map[string]string{"A": `10e999999999999999999998`}},

		"added":            {imported: map[string]string{}, snapshot: map[string]string{"B": `1`, "A": `null`}, differing: []string{"A", "B"}},
		"removed":          {imported: map[string]string{"A": `1`, "B": `1`}, snapshot: map[string]string{"A": `1`}, differing: []string{"B"}},
		"no longer any":    {imported: map[string]string{"A": `null`}, differing: []string{"A"}},
		"changed":          {imported: map[string]string{"A": `1`, "B": `1`}, snapshot: map[string]string{"A": `2`, "B": `1`}, differing: []string{"A"}},
		"exact numbers":    {imported: map[string]string{"A": `9007199254740993`}, snapshot: map[string]string{"A": `9007199254740992`}, differing: []string{"A"}},
		"digits":           {imported: map[string]string{"A": `0.1`}, snapshot: map[string]string{"A": `0.10000000000000000001`}, differing: []string{"A"}},
		"exponents":        {imported: map[string]string{"A": `1e400`}, snapshot: map[string]string{"A": `1e401`}, differing: []string{"A"}},
		"signs":            {imported: map[string]string{"A": `1`}, snapshot: map[string]string{"A": `-1`}, differing: []string{"A"}},
		"number or string": {imported: map[string]string{"A": `1`}, snapshot: map[string]string{"A": `"1"`}, differing: []string{"A"}},
		"order of values":  {imported: map[string]string{"A": `[1,2]`}, snapshot: map[string]string{"A": `[2,1]`}, differing: []string{"A"}},
		"longer":           {imported: map[string]string{"A": `[1]`}, snapshot: map[string]string{"A": `[1,1]`}, differing: []string{"A"}},
		"case of names":    {imported: map[string]string{"A": `{"x":1}`}, snapshot: map[string]string{"A": `{"X":1}`}, differing: []string{"A"}},
		"null":             {imported: map[string]string{"A": `{}`}, snapshot: map[string]string{"A": ``}, differing: []string{"A"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				m := &mock{deployments: map[string]outcome{"live": {}}, imported: sections(tt.imported), snapshot: sections(tt.snapshot)}
				result, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: []string{"live"}, Configuration: []byte("file")})
				if tt.differing == nil {
					if err != nil || result.SnapshotID != snapshotID {
						t.Errorf("error %v, result %+v", err, result)
					}
					return
				}
				var mismatch *deploy.SnapshotMismatchError
				if !errors.As(err, &mismatch) || mismatch.SnapshotID != snapshotID {
					t.Fatalf("error %v", err)
				}
				if diff := cmp.Diff(tt.differing, mismatch.Sections); diff != "" || !strings.Contains(err.Error(), strings.Join(tt.differing, ", ")) {
					t.Errorf("error %v, sections (-want +got):\n%s", err, diff)
				}
				var failed *deploy.Error
				if !errors.As(err, &failed) || failed.Step != deploy.StepSnapshot || !result.Imported || result.SnapshotID != "" ||
					!errors.Is(result.Stages[0].Err, deploy.ErrNotStarted) || slices.ContainsFunc(m.calls, func(c string) bool { return strings.HasPrefix(c, "Start") }) {
					t.Errorf("error %v, result %+v, calls %q", err, result, m.calls)
				}
			})
		})
	}
}

func TestSnapshotWithInvalidDocument(t *testing.T) {
	bubble(t, func(t *testing.T) {
		invalid := map[string]types.Section{"A": {Attributes: document.NewLazyDocument(make(chan int))}}
		m := &mock{deployments: map[string]outcome{"live": {}}, imported: sections(map[string]string{"A": "1"}), snapshot: invalid}
		result, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: []string{"live"}, Configuration: []byte("file")})
		if err == nil || !strings.Contains(err.Error(), "section A: ") || result.SnapshotID != "" {
			t.Errorf("error %v, result %+v", err, result)
		}
	})
}

// TestIncompleteOutputs checks that Run does not panic if a mock returns nil or an output without members.
func TestIncompleteOutputs(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"GetStage", "LatestDeployment", "ImportGameConfiguration", "CreateSnapshot", "StartStageDeployment", "GetStageDeployment"} {
		for _, empty := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, empty %t", operation, empty), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					m := &mock{deployments: map[string]outcome{"live": {}}}
					if set := map[string]bool{operation: true}; empty {
						m.empty = set
					} else {
						m.returnNil = set
					}
					result, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: []string{"live"}, Configuration: []byte("file")})
					if err == nil || result.Stages[0].Err == nil {
						t.Errorf("error %v, result %+v", err, result)
					}
				})
			})
		}
	}
}

// end runs fn in a goroutine and returns its panic value, and whether fn returned.
func end(fn func()) (value any, returned bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { value = recover() }()
		fn()
		returned = true
	}()
	<-done
	return value, returned
}

// TestPanicReachesCaller checks that a panic or runtime.Goexit in a hook or the client reaches the caller of Run, even
// if the deployment to another stage never ends.
func TestPanicReachesCaller(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	atStage := func(step deploy.Step, abort func()) func(deploy.Event) {
		return func(e deploy.Event) {
			if e.Step == step && e.Stage == "live" {
				abort()
			}
		}
	}
	waiter := func(set func(*gamesparks.StageDeploymentCompletedWaiterOptions)) func(*mock, *deploy.Options) {
		return func(_ *mock, o *deploy.Options) { o.WaiterOptions = append(o.WaiterOptions, set) }
	}
	places := map[string]func(abort func()) func(*mock, *deploy.Options){
		"Progress of check": func(abort func()) func(*mock, *deploy.Options) {
			return func(_ *mock, o *deploy.Options) { o.Progress = atStage(deploy.StepCheck, abort) }
		},
		"Progress of deploy": func(abort func()) func(*mock, *deploy.Options) {
			return func(_ *mock, o *deploy.Options) { o.Progress = atStage(deploy.StepDeploy, abort) }
		},
		"OnAttempt": func(abort func()) func(*mock, *deploy.Options) {
			return waiter(func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
				o.OnAttempt = func(gamesparks.WaiterAttempt[gamesparks.GetStageDeploymentOutput]) { abort() }
			})
		},
		"Retryable": func(abort func()) func(*mock, *deploy.Options) {
			return waiter(func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
				o.Retryable = func(context.Context, *gamesparks.GetStageDeploymentInput, *gamesparks.GetStageDeploymentOutput, error) (bool, error) {
					abort()
					return false, nil
				}
			})
		},
		"ClientOptions": func(abort func()) func(*mock, *deploy.Options) {
			return func(_ *mock, o *deploy.Options) {
				o.ClientOptions = append(o.ClientOptions, func(*gamesparks.Options) { abort() })
			}
		},
	}
	for _, operation := range []string{"GetStage", "LatestDeployment", "ImportGameConfiguration", "CreateSnapshot", "StartStageDeployment", "GetStageDeployment"} {
		places[operation] = func(abort func()) func(*mock, *deploy.Options) {
			return func(m *mock, _ *deploy.Options) { m.onCall = map[string]func(){operation: abort} }
		}
	}
	for name, place := range places {
		for _, goexit := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, Goexit %t", name, goexit), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					m := &mock{deployments: map[string]outcome{"live": {}, "slow": {state: types.DeploymentStateInProgress}}}
					start := time.Now()
					value, returned := end(func() {
						deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: []string{"slow", "live"}, Configuration: []byte("file")}, func(o *deploy.Options) {
							place(func() {
								if goexit {
									runtime.Goexit()
								}
								panic(broken)
							})(m, o)
						})
					})
					err, _ := value.(error)
					if returned || errors.Is(err, broken) == goexit || goexit && value != nil {
						t.Errorf("Run returned: %t, panic value %v", returned, value)
					}
					if took := time.Since(start); took != 0 {
						t.Errorf("Run ended after %v", took)
					}
				})
			})
		}
	}
}

// TestHooksDoNotOverlap counts the hooks that run at the same time. OnAttempt and Progress share state without a lock,
// so that the race detector finds overlapping calls too.
func TestHooksDoNotOverlap(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := &mock{deployments: map[string]outcome{"a": {}, "b": {}, "c": {}, "d": {}}}
		running, attempts := false, 0
		hook := func() {
			if running {
				t.Error("calls overlap")
			}
			running = true
			for range 100 {
				runtime.Gosched() // not a sleep: the fake clock stops while goroutines wait for a mutex
			}
			running = false
		}
		_, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: []string{"a", "b", "c", "d"}}, func(o *deploy.Options) {
			o.Progress = func(deploy.Event) { hook() }
			o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
				o.OnAttempt = func(gamesparks.WaiterAttempt[gamesparks.GetStageDeploymentOutput]) {
					attempts++
					hook()
				}
			})
		})
		if err != nil || attempts < 8 {
			t.Errorf("error %v after %d attempts", err, attempts)
		}
	})
}

func TestCauseOfCancelledRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		shutdown := errors.New("shutdown")
		m := &mock{deployments: map[string]outcome{"a": {state: types.DeploymentStateInProgress}, "b": {}}}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(90*time.Second, func() { cancel(shutdown) })
		result, _ := deploy.Run(ctx, m, &deploy.Input{GameName: "chess", Stages: []string{"a", "b"}}, func(o *deploy.Options) { o.Concurrency = 1 })
		for _, stage := range result.Stages {
			if !errors.Is(stage.Err, context.Canceled) || !errors.Is(stage.Err, shutdown) {
				t.Errorf("stage %s: error %v", stage.Stage, stage.Err)
			}
		}
	})
}

// TestContinueAfterPartialFailure deploys the snapshot created by a first call to the stage that failed.
func TestContinueAfterPartialFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := &mock{deployments: map[string]outcome{"alpha": {}, "live": {start: &types.ThrottlingException{}}}}
		first, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: []string{"alpha", "live"}, Configuration: []byte("file")})
		if err == nil {
			t.Fatal("no error")
		}
		var failed []string
		for _, stage := range first.Stages {
			if stage.Err != nil {
				failed = append(failed, stage.Stage)
			}
		}
		m.deployments["live"], m.calls = outcome{}, nil
		if _, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: failed, SnapshotID: first.SnapshotID}); err != nil {
			t.Fatal(err)
		}
		want := []string{"GetStage chess live", "LatestDeployment chess live", "StartStageDeployment chess live " + snapshotID}
		if diff := cmp.Diff(want, m.calls[:3]); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestStepFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := map[deploy.Step]*mock{
		deploy.StepCheck:    {fail: map[string]error{"GetStage": broken}},
		deploy.StepImport:   {fail: map[string]error{"ImportGameConfiguration": broken}},
		deploy.StepSnapshot: {fail: map[string]error{"CreateSnapshot": broken}},
		deploy.StepDeploy:   {fail: map[string]error{"StartStageDeployment": broken}},
	}
	for step, m := range tests {
		m.deployments = map[string]outcome{"beta": {}, "live": {}}
		var last deploy.Event
		result, err := deploy.Run(t.Context(), m, &deploy.Input{
			GameName: "chess", Stages: []string{"beta", "live"}, Configuration: []byte("file"),
		}, func(o *deploy.Options) { o.Progress = func(e deploy.Event) { last = e } })
		var e *deploy.Error
		if !errors.As(err, &e) || e.Step != step || e.Result != result || !errors.Is(err, broken) {
			t.Errorf("%s: error %v", step, err)
		}
		if result.Imported != (step == deploy.StepSnapshot || step == deploy.StepDeploy) || (result.SnapshotID != "") != (step == deploy.StepDeploy) {
			t.Errorf("%s: result %+v", step, result)
		}
		for _, s := range result.Stages {
			if checked := step == deploy.StepCheck || step == deploy.StepDeploy; errors.Is(s.Err, broken) != checked || errors.Is(s.Err, deploy.ErrNotStarted) == checked {
				t.Errorf("%s: stage %s has error %v", step, s.Stage, s.Err)
			}
		}
		if last.Step != step || !last.Done || last.Err != broken {
			t.Errorf("%s: last event %+v", step, last)
		}
	}
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	for concurrency, want := range map[int]int{0: 4, 1: 1, 3: 3, 7: 7, 100: 7} {
		synctest.Test(t, func(t *testing.T) {
			m := &mock{deployments: map[string]outcome{}}
			for _, stage := range []string{"a", "b", "c", "d", "e", "f", "g"} {
				m.deployments[stage] = outcome{}
			}
			telling := false
			start := time.Now()
			_, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: []string{"a", "b", "c", "d", "e", "f", "g"}}, func(o *deploy.Options) {
				o.Concurrency = concurrency
				o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
					o.MinDelay, o.MaxDelay = time.Minute, time.Minute
				})
				o.Progress = func(deploy.Event) {
					if telling {
						t.Error("calls to Progress overlap")
					}
					telling = true
					runtime.Gosched() // lets other goroutines run
					telling = false
				}
			})
			rounds := time.Duration((7 + want - 1) / want)
			if took := time.Since(start).Truncate(time.Second); err != nil || m.most != want || took != rounds*time.Minute {
				t.Errorf("error %v after %v with concurrency %d, %d deployments at the same time, want %d", err, took, concurrency, m.most, want)
			}
		})
	}
}

func TestCancelledRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := &mock{deployments: map[string]outcome{"a": {}, "b": {state: types.DeploymentStateInProgress}, "c": {}, "d": {}}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(90*time.Second, cancel)
		result, err := deploy.Run(ctx, m, &deploy.Input{GameName: "chess", Stages: []string{"a", "b", "c", "d"}}, func(o *deploy.Options) {
			o.Concurrency = 1
			o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) { o.MaxDelay = 2 * time.Second })
		})
		if diff := cmp.Diff(map[string]string{"a": "COMPLETED", "b": "IN_PROGRESS!", "c": "none!", "d": "none!"}, states(result)); diff != "" {
			t.Errorf("stages (-want +got):\n%s", diff)
		}
		for i, started := range []bool{true, true, false, false} {
			if err := result.Stages[i].Err; i > 0 && (!errors.Is(err, context.Canceled) || errors.Is(err, deploy.ErrNotStarted) == started) {
				t.Errorf("stage %s: error %v", result.Stages[i].Stage, err)
			}
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

// TestWaiterOptionsAreChecked checks that Run rejects invalid delays before it changes anything.
func TestWaiterOptionsAreChecked(t *testing.T) {
	bubble(t, func(t *testing.T) {
		input := &deploy.Input{GameName: "chess", Stages: []string{"live"}, Configuration: []byte("file")}
		delays := func(minDelay, maxDelay time.Duration) func(*deploy.Options) {
			return func(o *deploy.Options) {
				o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
					if minDelay != 0 {
						o.MinDelay = minDelay
					}
					o.MaxDelay = maxDelay
				})
			}
		}
		m := &mock{deployments: map[string]outcome{"live": {}}}
		_, err := deploy.Run(t.Context(), m, input, delays(2*time.Second, time.Second))
		if err == nil || !strings.Contains(err.Error(), "Options.WaiterOptions: minimum waiter delay 2s") || len(m.calls) != 0 {
			t.Errorf("error %v after %q", err, m.calls)
		}
		result, err := deploy.Run(t.Context(), m, input, delays(0, time.Second))
		if diff := cmp.Diff(map[string]string{"live": "COMPLETED"}, states(result)); err != nil || diff != "" {
			t.Errorf("error %v, stages (-want +got):\n%s", err, diff)
		}
	})
}

func TestInputIsChecked(t *testing.T) {
	t.Parallel()
	live := []string{"live"}
	tests := []struct {
		input   *deploy.Input
		options deploy.Options
		want    []string
	}{
		{nil, deploy.Options{}, []string{"Input.GameName is empty", "Input.Stages is empty"}},
		{&deploy.Input{Stages: live}, deploy.Options{}, []string{"Input.GameName is empty"}},
		{&deploy.Input{GameName: "chess", Stages: []string{"live", "", "live"}}, deploy.Options{}, []string{"Input.Stages[1] is empty", `Input.Stages[2] repeats "live"`}},
		{&deploy.Input{GameName: "chess", Stages: live, Configuration: []byte{}}, deploy.Options{}, []string{"Input.Configuration is an empty file"}},
		{&deploy.Input{GameName: "chess", Stages: live, Configuration: []byte("x"), SnapshotID: "y"}, deploy.Options{}, []string{"Input.SnapshotID is combined"}},
		{&deploy.Input{GameName: "chess", Stages: live, Description: "x", SnapshotID: "y"}, deploy.Options{}, []string{"Input.SnapshotID is combined"}},
		{&deploy.Input{GameName: "chess", Stages: live}, deploy.Options{Concurrency: -1, MaxWait: -time.Second}, []string{"Options.Concurrency is -1", "Options.MaxWait is -1s"}},
	}
	for _, tt := range tests {
		m := &mock{}
		result, err := deploy.Run(t.Context(), m, tt.input, func(o *deploy.Options) { *o = tt.options })
		if err == nil || len(m.calls) != 0 || result == nil {
			t.Fatalf("error %v and calls %q for %+v", err, m.calls, tt.input)
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q does not contain %q", err, want)
			}
		}
	}
}

func TestNilClient(t *testing.T) {
	t.Parallel()
	for _, client := range []deploy.APIClient{nil, (*gamesparks.Client)(nil)} {
		result, err := deploy.Run(t.Context(), client, &deploy.Input{GameName: "chess", Stages: []string{"live"}})
		if err == nil || err.Error() != "deploy: client is nil: create one with gamesparks.New or gamesparks.NewFromConfig" || result == nil {
			t.Errorf("%T: result %v, error %v", client, result, err)
		}
	}
}

// TestOptionsArePassedOn checks that each call receives the client options, and that the hook in WaiterOptions is
// called.
func TestOptionsArePassedOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := &mock{deployments: map[string]outcome{"live": {}}}
		attempts := 0
		_, err := deploy.Run(t.Context(), m, &deploy.Input{GameName: "chess", Stages: []string{"live"}, Configuration: []byte("x")}, func(o *deploy.Options) {
			o.ClientOptions = append(o.ClientOptions, func(o *gamesparks.Options) { o.AppID = " marked" })
			o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
				o.OnAttempt = func(gamesparks.WaiterAttempt[gamesparks.GetStageDeploymentOutput]) { attempts++ }
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		looks := 0
		for _, call := range m.calls {
			if !strings.HasSuffix(call, " marked") {
				t.Errorf("%s was called without the option", call)
			}
			if strings.HasPrefix(call, "GetStageDeployment ") {
				looks++
			}
		}
		if attempts != looks || !slices.ContainsFunc(m.calls, func(c string) bool { return strings.HasPrefix(c, "ImportGame") }) {
			t.Errorf("OnAttempt was called %d times for %d attempts", attempts, looks)
		}
	})
}
