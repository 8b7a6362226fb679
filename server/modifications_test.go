package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestModificationsShareDecoding checks that many modifications in one request decode and encode the section once. It
// compares allocated bytes, which, unlike the elapsed time, do not depend on the machine. It does not run in parallel,
// because allocations in other tests would affect the result.
func TestModificationsShareDecoding(t *testing.T) {
	e := newEnv(t)
	e.createGame("chess")
	numbers := "[" + strings.Repeat("123,", 200_000) + "4]"
	members := `"` + strings.Join(numbered("member", 30_000), `":{"x":[1,2]},"`) + `":0`
	tests := map[string]struct {
		before       string
		modification types.SectionModification
	}{
		"replace":              {`{"a":{"b":` + numbers + `}}`, modification(replace, "/a/b/7", "1")},
		"insert":               {`{"a":{"b":` + numbers + `}}`, modification(add, "/a/b/0", "1")},
		"remove":               {`{"a":{"b":` + numbers + `}}`, modification(remove, "/a/b/0", "")},
		"next to a large list": {`{"a":{"b":` + numbers + `}}`, modification(add, "/a/c", "1")},
		"in a large object":    {`{"a":{` + members + `}}`, modification(replace, "/a/member777", "{}")},
	}
	for name, test := range tests {
		allocated := func(modifications int) uint64 {
			e.importSections("chess", `{"A":`+test.before+`}`)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			ok[*gamesparks.UpdateGameConfigurationOutput](e)(e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
				GameName: aws.String("chess"), Modifications: slices.Repeat([]types.SectionModification{test.modification}, modifications),
			}))
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		if one, hundred := allocated(1), allocated(100); hundred > 2*one {
			t.Errorf("%s: one modification allocates %d bytes, but 100 modifications allocate %d bytes",
				name, one, hundred)
		}
	}
}

// TestModificationsOfArrays applies random modifications to an array, which grows and shrinks, and compares the result
// with that of the same changes to a slice.
func TestModificationsOfArrays(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	e.importSections("chess", `{"A":{"l":[]}}`)
	random := rand.New(rand.NewPCG(1, 2))
	want := []int{}
	for round, adds := range []int{9, 6, 1, 1, 8} { // additions per ten modifications
		var modifications []types.SectionModification
		for n := range 100 {
			i := random.IntN(len(want) + 1)
			switch grows := random.IntN(10) < adds; {
			case grows && n%7 == 0:
				modifications = append(modifications, modification(add, "/l/-", fmt.Sprint(n)))
				want = append(want, n)
			case grows || len(want) == 0:
				modifications = append(modifications, modification(add, fmt.Sprintf("/l/%d", i), fmt.Sprint(n)))
				want = slices.Insert(want, i, n)
			case i == len(want):
				modifications = append(modifications, modification(replace, fmt.Sprintf("/l/%d", i-1), fmt.Sprint(-n)))
				want[i-1] = -n
			default:
				modifications = append(modifications, modification(remove, fmt.Sprintf("/l/%d", i), ""))
				want = slices.Delete(want, i, i+1)
			}
		}
		got := ok[*gamesparks.UpdateGameConfigurationOutput](e)(e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
			GameName: aws.String("chess"), Modifications: modifications,
		}))
		var section struct{ L []int }
		if err := json.Unmarshal([]byte(text(e, got.GameConfiguration.Sections["A"].Attributes)), &section); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, section.L); diff != "" {
			t.Fatalf("round %d (-want +got):\n%s", round, diff)
		}
	}
}

func TestModificationsKeepMemberOrder(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	e.importSections("chess", `{"A":{"z":1,"a":{"\u0061":1,"a":2},"m":{"y":1,"x":2}}}`)
	got := ok[*gamesparks.UpdateGameConfigurationOutput](e)(e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
		GameName: aws.String("chess"),
		Modifications: []types.SectionModification{
			modification(remove, "/z", ""), modification(add, "/z", `[ 1, {"k" : 1e400} ]`), modification(add, "/z/1/l", "2"),
			modification(replace, "/m/y", "3"), modification(remove, "/a/a", ""), modification(add, `/"<\`, "null"),
		},
	}))
	const want = `{"a":{},"m":{"y":3,"x":2},"z":[1,{"k":1e400,"l":2}],"\"<\\":null}`
	if got := text(e, got.GameConfiguration.Sections["A"].Attributes); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestModificationDepthLimit checks that no modification can nest a section too deeply to be read.
func TestModificationDepthLimit(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	path := strings.Repeat("/a", 200)
	e.importSections("chess", `{"A":`+strings.Repeat(`{"a":`, 199)+"{}"+strings.Repeat("}", 199)+`}`)
	set := func(levels int) error {
		_, err := e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
			GameName: aws.String("chess"),
			Modifications: []types.SectionModification{
				modification(add, "/b", "1"), modification(add, path, strings.Repeat("[", levels)+strings.Repeat("]", levels)),
			},
		})
		return err
	}
	if err := set(9_700); err != nil {
		t.Error(err)
	}
	wantError[*types.ValidationException](e, set(9_900), "Modifications[1]: cannot ADD at path", "nested 10100 levels deep")
}

// cancelling is a store that cancels a request when its transaction reads the configuration.
type cancelling struct {
	storage.Store
	cancel context.CancelFunc
	ended  chan error
}

func (s *cancelling) Update(ctx context.Context, fn func(storage.Writer) error) error {
	canceled := false
	err := s.Store.Update(ctx, func(tx storage.Writer) error {
		return fn(&cancellingWriter{tx, func() {
			canceled = true
			s.cancel()
			<-ctx.Done()
		}})
	})
	if canceled {
		s.ended <- err
	}
	return err
}

type cancellingWriter struct {
	storage.Writer
	cancel func()
}

func (w *cancellingWriter) Get(key string) ([]byte, error) {
	if strings.HasSuffix(key, "/configuration") {
		w.cancel()
	}
	return w.Writer.Get(key)
}

func TestModificationsStopOnCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	store := &cancelling{Store: storage.NewMemory(), cancel: cancel, ended: make(chan error, 1)}
	client := servertest.Start(t, server.WithStore(store)).Client()
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess")}); err != nil {
		t.Fatal(err)
	}
	first, second := modification(add, "/a", "1"), modification(add, "/a", "1")
	second.Section = aws.String("B")
	_, err := client.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{
		GameName: aws.String("chess"), Modifications: []types.SectionModification{first, second},
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	if err := <-store.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the transaction ended with %v, want %v", err, context.Canceled)
	}
}
