package gamesparks_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/types"
)

// endlessBody is a body that never ends.
type endlessBody struct{ read int }

func (e *endlessBody) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

// TestEndlessResponse checks that the client stops reading a response or an error that never ends.
func TestEndlessResponse(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400} {
		onBothPaths(t, http.StatusText(status), func(t *testing.T, via func(*gamesparks.Options)) {
			body := &endlessBody{}
			a := answer{status: status, reader: func() io.Reader { return body }}
			client := newClient(&recorder{answers: []answer{a}}, via, once, func(o *gamesparks.Options) { o.MaxResponseBytes = 1 << 16 })
			_, err := client.ListGames(t.Context(), nil)
			var tooLarge *gamesparks.ResponseTooLargeError
			var api smithy.APIError
			if status == 200 && !errors.As(err, &tooLarge) || status != 200 && !errors.As(err, &api) {
				t.Errorf("got %v", err)
			}
			if body.read > 4<<20 {
				t.Errorf("the client read %d bytes, want at most 4 MiB", body.read)
			}
		})
	}
}

// TestWrongContentLength checks that a response with a wrong Content-Length is either decoded or causes a
// DeserializationError.
func TestWrongContentLength(t *testing.T) {
	t.Parallel()
	for _, length := range []int64{1 << 10, 1 << 20, 32 << 20} {
		onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
			client := newClient(doFunc(func(req *http.Request) (*http.Response, error) {
				resp, err := answer{body: `{"Games":[]}`}.response(req)
				resp.ContentLength = length
				return resp, err
			}), via, once)
			out, err := client.ListGames(t.Context(), nil)
			var decoding *smithy.DeserializationError
			if err == nil && out.Games == nil || err != nil && !errors.As(err, &decoding) {
				t.Errorf("length %d: got %+v and error %v", length, out, err)
			}
		})
	}
}

// TestContentLengthUnset checks that the client reads the response even if the HTTP client does not set ContentLength. Fakes
// often leave it unset.
func TestContentLengthUnset(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		client := newClient(doFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"Game":{"Name":"g"}}`))}, nil
		}), via)
		out, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
		if err != nil || out.Game == nil || aws.ToString(out.Game.Name) != "g" {
			t.Errorf("got %+v and error %v", out, err)
		}
	})
}

// TestNoBody checks that the client does not panic if the HTTP client returns a nil body or a nil response.
func TestNoBody(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 204, 404, 500} {
		for _, body := range []io.ReadCloser{http.NoBody, nil} {
			onBothPaths(t, http.StatusText(status), func(t *testing.T, via func(*gamesparks.Options)) {
				client := newClient(doFunc(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: status, Body: body}, nil
				}), via, once)
				_, err := client.ListGames(t.Context(), nil)
				var api smithy.APIError
				if (err == nil) != (status < 300) || err != nil && !errors.As(err, &api) {
					t.Errorf("got %v", err)
				}
			})
		}
	}
	onBothPaths(t, "no response", func(t *testing.T, via func(*gamesparks.Options)) {
		client := newClient(doFunc(func(*http.Request) (*http.Response, error) { return nil, nil }), via, once)
		if out, err := client.ListGames(t.Context(), nil); err == nil {
			t.Errorf("got %+v", out)
		}
	})
}

// TestEnums checks that Values returns the values in the order of the model.
func TestEnums(t *testing.T) {
	t.Parallel()
	checkEnum(t, schemas.DeploymentAction, types.DeploymentAction("").Values())
	checkEnum(t, schemas.DeploymentState, types.DeploymentState("").Values())
	checkEnum(t, schemas.GameState, types.GameState("").Values())
	checkEnum(t, schemas.GeneratedCodeJobState, types.GeneratedCodeJobState("").Values())
	checkEnum(t, schemas.Operation, types.Operation("").Values())
	checkEnum(t, schemas.ResultCode, types.ResultCode("").Values())
	checkEnum(t, schemas.StageState, types.StageState("").Values())
}

func checkEnum[E ~string](t *testing.T, s *smithy.Schema, got []E) {
	t.Helper()
	enum, _ := smithy.SchemaTrait[*schemas.Enum](s)
	if len(got) == 0 || len(got) != len(enum.Values) {
		t.Errorf("%T: got values %v, want %v", got, got, enum.Values)
		return
	}
	for i, want := range enum.Values {
		if string(got[i]) != want {
			t.Errorf("%T: got values %v, want %v", got, got, enum.Values)
		}
	}
}
