package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// openBusy returns a store in which a shared transaction of one view waits for the only connection. release lets it continue.
func openBusy(t *testing.T, settings ...func(*postgres.Store)) (s *postgres.Store, release func()) {
	t.Helper()
	s = open(t, pgtest.Shared(t).URL("postgres"), inSchema(newSchema()), func(o *postgres.Options) { o.MaxConns = 1 })
	for _, set := range settings {
		set(s)
	}
	holds, free := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		if err := s.View(t.Context(), func(storage.Reader) error { close(holds); <-free; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-holds
	ctx := waitContext{t.Context(), make(chan struct{})}
	group.Go(func() {
		if err := storage.ViewKeys(ctx, s, nil, func(storage.Reader) error { return nil }); err != nil {
			t.Error(err)
		}
	})
	<-ctx.waits
	awaitPending(s, 0)
	release = sync.OnceFunc(func() {
		close(free)
		group.Wait()
	})
	t.Cleanup(func() {
		release()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, release
}

// awaitPending waits until a number of views wait for the next shared transaction.
func awaitPending(s *postgres.Store, n int) {
	for waiting, _ := s.PendingViews(); waiting != n; waiting, _ = s.PendingViews() {
		runtime.Gosched()
	}
}

// TestSharedViews checks that views that wait at the same time share a transaction of limited size. Such views have the same
// time.
func TestSharedViews(t *testing.T) {
	t.Parallel()
	const views = postgres.MaxShared + 10
	s, release := openBusy(t, (*postgres.Store).WaitForSharedViews)
	var (
		group  sync.WaitGroup
		mu     sync.Mutex
		shares = map[time.Time]int{}
		values = map[string]string{}
	)
	for i := range views {
		key := fmt.Sprint(i)
		group.Go(func() {
			err := storage.ViewKeys(t.Context(), s, []string{key}, func(r storage.Reader) error {
				value, err := r.Get(key)
				mu.Lock()
				defer mu.Unlock()
				shares[r.(storage.Timed).Now()]++
				if value != nil {
					values[key] = string(value)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	awaitPending(s, views)
	other := open(t, pgtest.Shared(t).URL("postgres"), inSchema(s.Schema()))
	defer other.Close()
	if err := put(t.Context(), other, "7", "written while the views wait"); err != nil {
		t.Fatal(err)
	}
	release()
	group.Wait()
	if diff := cmp.Diff(map[string]string{"7": "written while the views wait"}, values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if len(shares) != 2 {
		t.Errorf("%d views ran in %d transactions, want 2: %v", views, len(shares), shares)
	}
	for _, n := range shares {
		if n > postgres.MaxShared {
			t.Errorf("%d views share a transaction, want at most %d", n, postgres.MaxShared)
		}
	}
}

// TestCanceledSharedView cancels a view that waits together with another. It must return at once, and the other must read.
func TestCanceledSharedView(t *testing.T) {
	t.Parallel()
	s, release := openBusy(t, (*postgres.Store).WaitForSharedViews)
	var group sync.WaitGroup
	group.Go(func() {
		if err := storage.ViewKeys(t.Context(), s, []string{"a"}, func(storage.Reader) error { return nil }); err != nil {
			t.Error(err)
		}
	})
	awaitPending(s, 1)
	ctx, cancel := context.WithCancel(t.Context())
	canceled := make(chan error)
	go func() {
		canceled <- storage.ViewKeys(ctx, s, []string{"a"}, func(storage.Reader) error { return errors.New("the view ran") })
	}()
	awaitPending(s, 2)
	cancel()
	if err := <-canceled; !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	awaitPending(s, 1) // no transaction reads for the canceled view
	release()
	group.Wait()
}

// TestCanceledSharedTransaction cancels the only view of a transaction that waits for a connection. The transaction must end.
// Otherwise, such transactions would accumulate while the database does not respond.
func TestCanceledSharedTransaction(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.Shared(t).URL("postgres"), inSchema(newSchema()), func(o *postgres.Options) { o.MaxConns = 1 })
	release, err := s.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	ctx, done := waitContext{canceled, make(chan struct{})}, make(chan error)
	go func() { done <- storage.ViewKeys(ctx, s, []string{"a"}, func(storage.Reader) error { return nil }) }()
	<-ctx.waits
	awaitPending(s, 0)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	ended := make(chan struct{})
	go func() { s.AwaitTransactions(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the transaction of a canceled view still waits for a connection")
	}
	release()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestCanceledSharedViews cancels some of the views that share transactions. The others must read.
func TestCanceledSharedViews(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.Shared(t).URL("postgres"), inSchema(newSchema()), func(o *postgres.Options) { o.MaxConns = 2 })
	defer s.Close()
	if err := put(t.Context(), s, "a", "1"); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for i := range 20 {
				ctx, cancel := context.WithCancel(t.Context())
				if i%2 == 0 {
					group.Go(cancel)
				}
				err := storage.ViewKeys(ctx, s, []string{"a"}, func(r storage.Reader) error {
					value, err := r.Get("a")
					if err == nil && string(value) != "1" {
						t.Errorf("read %q, want 1", value)
					}
					return err
				})
				if err != nil && (i%2 != 0 || !errors.Is(err, context.Canceled)) {
					t.Errorf("view %d: %v", i, err)
				}
				cancel()
			}
		})
	}
	group.Wait()
}

// TestCloseWithSharedViews closes a store while views wait. Closing waits for them.
func TestCloseWithSharedViews(t *testing.T) {
	t.Parallel()
	s, release := openBusy(t, (*postgres.Store).WaitForSharedViews)
	ctx, cancel := context.WithCancel(t.Context())
	canceled := make(chan error)
	for _, ctx := range []context.Context{t.Context(), ctx} {
		go func() {
			canceled <- storage.ViewKeys(ctx, s, []string{"a"}, func(storage.Reader) error { return nil })
		}()
	}
	awaitPending(s, 2)
	cancel() // the caller of one view leaves before its transaction has begun
	if err := <-canceled; !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	release()
	if err := <-canceled; err != nil {
		t.Errorf("a view that began before closing: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
	if waiting, running := s.PendingViews(); waiting != 0 || running {
		t.Errorf("after closing, %d views wait, and a transaction will begin: %t", waiting, running)
	}
}

// TestSlowSharedView checks that views do not wait long for the transaction of other views: another one begins.
func TestSlowSharedView(t *testing.T) {
	t.Parallel()
	s, release := openBusy(t)
	for range 3 {
		ctx, done := waitContext{t.Context(), make(chan struct{})}, make(chan error)
		go func() { done <- storage.ViewKeys(ctx, s, nil, func(storage.Reader) error { return nil }) }()
		defer func() {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}()
		<-ctx.waits
		awaitPending(s, 0)
	}
	release()
}

// waitContext is a context that closes waits when a view begins to wait for its end.
type waitContext struct {
	context.Context
	waits chan struct{}
}

func (c waitContext) Done() <-chan struct{} {
	close(c.waits)
	return c.Context.Done()
}

// TestSharedViewReadsOnlyKeys checks that a view of keys cannot read anything else.
func TestSharedViewReadsOnlyKeys(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.Shared(t).URL("postgres"), inSchema(newSchema()))
	defer s.Close()
	for name, read := range map[string]func(storage.Reader) error{
		"another key": func(r storage.Reader) error { _, err := r.Get("b"); return err },
		"a range": func(r storage.Reader) error {
			for _, err := range r.Scan(storage.Range{}) {
				return err
			}
			return nil
		},
	} {
		if err := storage.ViewKeys(t.Context(), s, []string{"a"}, read); !errors.Is(err, storage.ErrOtherKey) {
			t.Errorf("reading %s: got error %v, want %v", name, err, storage.ErrOtherKey)
		}
	}
}

// TestSharedViewHoldsNoConnection checks that a view of keys holds no connection while it runs.
func TestSharedViewHoldsNoConnection(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.Shared(t).URL("postgres"), inSchema(newSchema()), func(o *postgres.Options) { o.MaxConns = 1 })
	defer s.Close()
	err := storage.ViewKeys(t.Context(), s, []string{"a"}, func(storage.Reader) error { return put(t.Context(), s, "a", "1") })
	if err != nil {
		t.Error(err)
	}
}
