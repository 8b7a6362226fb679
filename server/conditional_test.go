package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// etagOf returns the documented entity tag of a configuration. The names must be sorted.
func etagOf(sections ...[2]string) string {
	var text string
	for _, s := range sections {
		content := sha256.Sum256([]byte(s[1]))
		text += s[0] + "\x00" + string(content[:])
	}
	sum := sha256.Sum256([]byte(text))
	return `"sha256:` + hex.EncodeToString(sum[:]) + `"`
}

func (e *env) getConfiguration(game string, sections ...string) (map[string]string, string) {
	e.Helper()
	out := ok[*gamesparks.GetGameConfigurationOutput](e)(e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{
		GameName: &game, Sections: sections,
	}))
	return texts(e, out.GameConfiguration.Sections), gamesparks.ConfigurationETag(out.ResultMetadata)
}

func importInput(game, sections string) *gamesparks.ImportGameConfigurationInput {
	return &gamesparks.ImportGameConfigurationInput{GameName: &game, ImportSource: &types.ImportGameConfigurationSource{
		File: []byte(`{"Document":{"Type":"Game","Sections":` + sections + `}}`),
	}}
}

func updateInput(game string, modifications ...types.SectionModification) *gamesparks.UpdateGameConfigurationInput {
	return &gamesparks.UpdateGameConfigurationInput{GameName: &game, Modifications: modifications}
}

func TestConfigurationETag(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		e.createGame("go")
		check := func(action, got string, sections ...[2]string) {
			e.Helper()
			want := etagOf(sections...)
			if got != want {
				e.Errorf("%s returned the ETag %s, want %s", action, got, want)
			}
			if _, read := e.getConfiguration("chess"); read != want {
				e.Errorf("after %s, GetGameConfiguration returned the ETag %s, want %s", action, read, want)
			}
			if _, read := e.getConfiguration("chess", "A", "None"); read != want {
				e.Errorf("after %s, GetGameConfiguration of a section returned the ETag %s, want that of the whole configuration, %s", action, read, want)
			}
		}
		check("CreateGame", etagOf())
		imported := ok[*gamesparks.ImportGameConfigurationOutput](e)(e.ImportGameConfiguration(e.ctx, importInput("chess", `{"B":null,"A":{"n":1}}`)))
		check("ImportGameConfiguration", gamesparks.ConfigurationETag(imported.ResultMetadata), [2]string{"A", `{"n":1}`}, [2]string{"B", "null"})
		updated := ok[*gamesparks.UpdateGameConfigurationOutput](e)(e.UpdateGameConfiguration(e.ctx, updateInput("chess", modification(replace, "/n", "2"))))
		check("UpdateGameConfiguration", gamesparks.ConfigurationETag(updated.ResultMetadata), [2]string{"A", `{"n":2}`}, [2]string{"B", "null"})
		imported = ok[*gamesparks.ImportGameConfigurationOutput](e)(e.ImportGameConfiguration(e.ctx, importInput("chess", `{"A":{"n":1}}`)))
		check("ImportGameConfiguration", gamesparks.ConfigurationETag(imported.ResultMetadata), [2]string{"A", `{"n":1}`})

		_, err := e.UpdateGameConfiguration(e.ctx, updateInput("chess", modification(replace, "/none", "2")))
		wantError[*types.ValidationException](e, err)
		check("a failed update", etagOf([2]string{"A", `{"n":1}`}), [2]string{"A", `{"n":1}`})

		if _, got := e.getConfiguration("go"); got != etagOf() {
			e.Errorf("the other game has the ETag %s, want that of an empty configuration", got)
		}
		snapshot := ok[*gamesparks.CreateSnapshotOutput](e)(e.CreateSnapshot(e.ctx, &gamesparks.CreateSnapshotInput{GameName: aws.String("chess")}))
		if got := gamesparks.ConfigurationETag(snapshot.ResultMetadata); got != "" {
			e.Errorf("CreateSnapshot returned the ETag %s, want none", got)
		}
	})
}

func TestIfMatch(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		writes := map[string]func(sections string, condition string) error{
			"import": func(value, condition string) error {
				_, err := e.ImportGameConfiguration(e.ctx, importInput("chess", `{"A":{"n":`+value+`}}`), gamesparks.WithIfMatch(condition))
				return err
			},
			"update": func(value, condition string) error {
				_, err := e.UpdateGameConfiguration(e.ctx, updateInput("chess", modification(add, "/n", value)), gamesparks.WithIfMatch(condition))
				return err
			},
		}
		n := 0
		for name, write := range writes {
			for kind, test := range map[string]struct {
				condition string // %s is the current entity tag
				want      bool
			}{
				"current":     {"%s", true},
				"in a list":   {`"x", %s`, true},
				"any":         {"*", true},
				"weak":        {"W/%s", false},
				"stale":       {etagOf([2]string{"A", "stale"}), false},
				"not a match": {`"*"`, false},
			} {
				before, etag := e.getConfiguration("chess")
				n++
				want := map[string]string{"A": fmt.Sprintf(`{"n":%d}`, n)}
				err := write(fmt.Sprint(n), strings.ReplaceAll(test.condition, "%s", etag))
				if !test.want {
					want = before
					wantError[*types.PreconditionFailedException](e, err, `"chess"`, etag, "Read it again")
					var response *awshttp.ResponseError
					if !gamesparks.IsPreconditionFailed(err) || !errors.As(err, &response) || response.HTTPStatusCode() != http.StatusPreconditionFailed {
						e.Errorf("%s, %s: got error %v, want status 412", name, kind, err)
					}
				} else if err != nil {
					e.Errorf("%s, %s: %v", name, kind, err)
				}
				after, afterETag := e.getConfiguration("chess")
				if diff := cmp.Diff(want, after); diff != "" {
					e.Errorf("%s, %s: sections (-want +got):\n%s", name, kind, diff)
				}
				if (afterETag == etag) == test.want {
					e.Errorf("%s, %s: the ETag was %s and is %s", name, kind, etag, afterETag)
				}
			}
		}
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
		e.clock.Advance(deletion)
		for _, write := range writes {
			wantError[*types.ResourceNotFoundException](e, write("1", "*"), `"chess"`)
		}
	})
}

// TestIfMatchIsAtomic increments a number from concurrent clients. No increment may be lost.
func TestIfMatchIsAtomic(t *testing.T) {
	onEachStore(t, func(e *env) {
		const writers, each = 8, 5
		e.createGame("chess")
		e.importSections("chess", `{"A":{"n":0}}`)
		increment := func() error {
			for {
				out, err := e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{GameName: aws.String("chess")})
				if err != nil {
					return err
				}
				var section struct{ N int }
				if err := out.GameConfiguration.Sections["A"].Attributes.UnmarshalSmithyDocument(&section); err != nil {
					return err
				}
				_, err = e.UpdateGameConfiguration(e.ctx, updateInput("chess", modification(replace, "/n", fmt.Sprint(section.N+1))),
					gamesparks.WithIfMatch(gamesparks.ConfigurationETag(out.ResultMetadata)))
				if !gamesparks.IsPreconditionFailed(err) {
					return err
				}
			}
		}
		var running sync.WaitGroup
		for range writers {
			running.Go(func() {
				for range each {
					if err := increment(); err != nil {
						e.Error(err)
						return
					}
				}
			})
		}
		running.Wait()
		if got, _ := e.getConfiguration("chess"); got["A"] != fmt.Sprintf(`{"n":%d}`, writers*each) {
			e.Errorf("after %d increments, the section is %s", writers*each, got["A"])
		}
	})
}

// withHeader adds header values to the request of a call, and so tests the server without the checks of the client.
func withHeader(name string, values ...string) func(*gamesparks.Options) {
	return gamesparks.WithAPIOptions(func(stack *middleware.Stack) error {
		return stack.Build.Add(middleware.BuildMiddlewareFunc("Header", func(
			ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler,
		) (middleware.BuildOutput, middleware.Metadata, error) {
			in.Request.(*smithyhttp.Request).Header[name] = values
			return next.HandleBuild(ctx, in)
		}), middleware.After)
	})
}

func TestRejectedIfMatch(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	game := aws.String("chess")
	for _, values := range [][]string{{""}, {"abc"}, {`"a`}, {`*`, `"a"`}} {
		_, err := e.ImportGameConfiguration(e.ctx, importInput("chess", `{"A":1}`), withHeader("If-Match", values...))
		wantError[*types.ValidationException](e, err, "If-Match is", "want * or a list of entity tags")
	}
	_, err := e.ImportGameConfiguration(e.ctx, importInput("chess", `{"A":1}`), withHeader("If-Match", `"a"`, etagOf()))
	if err != nil {
		t.Errorf("If-Match in two headers: %v", err)
	}
	calls := map[string]func(...func(*gamesparks.Options)) error{
		"DeleteGame": func(optFns ...func(*gamesparks.Options)) error {
			_, err := e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("none")}, optFns...)
			return err
		},
		"GetGameConfiguration": func(optFns ...func(*gamesparks.Options)) error {
			_, err := e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{GameName: game}, optFns...)
			return err
		},
		"ListExtensions": func(optFns ...func(*gamesparks.Options)) error {
			_, err := e.ListExtensions(e.ctx, &gamesparks.ListExtensionsInput{}, optFns...)
			return err
		},
	}
	for name, call := range calls {
		wantError[*types.ValidationException](e, call(withHeader("If-Match", "*")), "If-Match is not supported by the operation "+name,
			"send it only with UpdateGameConfiguration and ImportGameConfiguration")
		if err := call(); err != nil {
			t.Errorf("%s without If-Match: %v", name, err)
		}
	}
}
