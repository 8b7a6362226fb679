package restjson_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestPooledDecoder verifies that a pooled decoder keeps no state from the previous text: neither the strict rules for
// requests nor the position in a truncated text.
func TestPooledDecoder(t *testing.T) {
	// Not parallel, because other tests would take the decoder out of the pool.
	const (
		update   = `{"Modifications":[{"Section":"A","Value":null}]}`
		response = `{"GameConfiguration":{"Sections":{"a":{"Name":"\ud800","Attributes":null}}}}`
	)
	before := map[string]func() error{
		"request": func() error {
			return decodeRequest(operations.Of((*gamesparks.Client).UpdateGameConfiguration), []string{"g"}, nil, []byte(update), new(gamesparks.UpdateGameConfigurationInput))
		},
		"truncated request": func() error {
			decodeRequest(operations.Of((*gamesparks.Client).UpdateGameConfiguration), []string{"g"}, nil, []byte(update[:30]), new(gamesparks.UpdateGameConfigurationInput))
			return nil
		},
		"truncated response": func() error {
			restjson.Decode([]byte(response[:50]), &serde.Shape{Schema: schemas.GetGameConfiguration.Output, Type: operations.Of((*gamesparks.Client).GetGameConfiguration).Output, Value: new(gamesparks.GetGameConfigurationOutput)})
			return nil
		},
	}
	for name, decode := range before {
		// Repeat, because a pool drops values at random under the race detector.
		for range 100 {
			if err := decode(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var out gamesparks.GetGameConfigurationOutput
			if err := restjson.Decode([]byte(response), &serde.Shape{Schema: schemas.GetGameConfiguration.Output, Type: operations.Of((*gamesparks.Client).GetGameConfiguration).Output, Value: &out}); err != nil {
				t.Fatalf("after a %s: %v", name, err)
			}
			section := out.GameConfiguration.Sections["a"]
			if *section.Name != "\ufffd" {
				t.Fatalf("after a %s: got name %q", name, *section.Name)
			}
		}
	}
}

// TestPooledEncoder verifies that a pooled encoder keeps no state from an input that could not be encoded.
func TestPooledEncoder(t *testing.T) {
	// Not parallel, because other tests would take the encoder out of the pool.
	unencodable := &gamesparks.UpdateGameConfigurationInput{GameName: aws.String("other"), Modifications: []types.SectionModification{
		{Section: aws.String("A"), Value: document.NewLazyDocument(make(chan int))},
	}}
	in := &gamesparks.ListStagesInput{GameName: aws.String("g"), MaxResults: aws.Int32(5)}
	for range 100 {
		if _, err := restjson.EncodeRequest(schemas.UpdateGameConfiguration, operations.Of((*gamesparks.Client).UpdateGameConfiguration).Input, unencodable); err == nil {
			t.Fatal("no error for a document that contains a channel")
		}
		got, err := restjson.EncodeRequest(schemas.ListStages, operations.Of((*gamesparks.Client).ListStages).Input, in)
		if err != nil {
			t.Fatal(err)
		}
		if got.Path != "/game/g/stage" || got.Query != "MaxResults=5" || got.Body != nil {
			t.Fatalf("got path %q, query %q and body %q", got.Path, got.Query, got.Body)
		}
	}
}

// TestUnpairedSurrogates verifies that a request with an unpaired surrogate is rejected. A response with one is accepted.
func TestUnpairedSurrogates(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"Description":"\ud800"}`, `{"\udc00":1}`} {
		if err := decodeRequest(operations.Of((*gamesparks.Client).UpdateGame), []string{"g"}, nil, []byte(body), new(gamesparks.UpdateGameInput)); err == nil {
			t.Errorf("no error for %s", body)
		}
	}
}

// TestUnexpectedBody verifies that a request body is ignored if the operation has no body.
func TestUnexpectedBody(t *testing.T) {
	t.Parallel()
	var in gamesparks.GetGameInput
	if err := decodeRequest(operations.Of((*gamesparks.Client).GetGame), []string{"g"}, nil, []byte("not JSON"), &in); err != nil || *in.GameName != "g" {
		t.Errorf("got %+v, error = %v", in, err)
	}
}
