package restjson_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// bindings returns the bindings of all operations by name.
func bindings(t *testing.T) map[string]operations.Untyped {
	t.Helper()
	found := map[string]operations.Untyped{}
	client := reflect.TypeFor[*gamesparks.Client]()
	for i := range client.NumMethod() {
		if m := client.Method(i); schemas.FindOperation(m.Name) != nil {
			found[m.Name] = operations.OfMethod(m.Func)
		}
	}
	if len(found) != 33 {
		t.Errorf("got %d operations, want 33", len(found))
	}
	return found
}

// awkward contains characters that must be escaped in paths, queries or JSON.
const awkward = "a/b {GameName} %2F+&=?\"\\\n<é>\U0001F600"

func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	if v.Type() == reflect.TypeFor[document.Interface]() {
		v.Set(reflect.ValueOf(document.NewLazyDocument(map[string]any{"n": json.Number("12345678901234567890.10"), "null": nil})))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.String:
		v.SetString(awkward)
	case reflect.Int32:
		v.SetInt(-7)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte("\x00\xff{}"))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0))
		fill(t, v.Index(1))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		value := reflect.New(v.Type().Elem()).Elem()
		fill(t, value)
		v.SetMapIndex(reflect.ValueOf(awkward), value)
	default:
		t.Fatalf("fill does not support type %v", v.Type())
	}
}

// asJSON makes cmp compare documents by their JSON text.
var asJSON = cmp.Transformer("JSON", func(d document.Interface) string {
	text, err := d.MarshalSmithyDocument()
	if err != nil {
		return err.Error()
	}
	return string(text)
})

func TestRequestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, binding := range bindings(t) {
		op, want, got := binding.Schema, binding.Input.New(), binding.Input.New()
		fill(t, reflect.ValueOf(want).Elem())
		r, err := restjson.EncodeRequest(op, binding.Input, want)
		if err != nil {
			t.Errorf("%s: encode: %v", name, err)
			continue
		}
		query, err := url.ParseQuery(r.Query)
		if err != nil {
			t.Errorf("%s: query: %v", name, err)
		}
		if err := restjson.DecodeRequest(op, labels(t, op, r.RawPath), query, r.Body, binding.Input, got); err != nil {
			t.Errorf("%s: decode: %v", name, err)
		}
		if diff := cmp.Diff(want, got, asJSON); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// labels returns the unescaped values of the labels in a path.
func labels(t *testing.T, op *schemas.APIOperation, rawPath string) []string {
	t.Helper()
	var found []string
	segments := strings.Split(rawPath, "/")
	for i, segment := range strings.Split(op.URI, "/") {
		if strings.HasPrefix(segment, "{") {
			value, err := url.PathUnescape(segments[i])
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, value)
		}
	}
	return found
}

func decodeRequest[In, Out any](b operations.Binding[In, Out], labels []string, query url.Values, body []byte, in *In) error {
	return restjson.DecodeRequest(b.Schema, labels, query, body, b.Input, in)
}

func TestDecodeRequest(t *testing.T) {
	t.Parallel()
	update := `{"Modifications":[{"Section":"A","Value":VALUE}]}`
	for value, want := range map[string]string{
		"null":     "null",
		`{"b":1 }`: `{"b":1 }`,
	} {
		var in gamesparks.UpdateGameConfigurationInput
		err := decodeRequest(operations.Of((*gamesparks.Client).UpdateGameConfiguration), []string{"chess"}, nil, []byte(strings.Replace(update, "VALUE", value, 1)), &in)
		if err != nil {
			t.Fatal(err)
		}
		text, err := in.Modifications[0].Value.MarshalSmithyDocument()
		if err != nil || string(text) != want {
			t.Errorf("%s: got %s, error = %v; want %s", value, text, err, want)
		}
	}

	var in gamesparks.UpdateGameInput
	if err := decodeRequest(operations.Of((*gamesparks.Client).UpdateGame), []string{"chess"}, nil, []byte(`{"GameName":"other","Description":null}`), &in); err != nil {
		t.Fatal(err)
	}
	if *in.GameName != "chess" || in.Description != nil {
		t.Errorf("got game %s and description %v, want the game from the label and no description", *in.GameName, in.Description)
	}

	for body, want := range map[string]string{
		`{"Description":"`:           "request body",
		`{"Description":1}`:          "Description: expected string, got number",
		`{} {}`:                      "unexpected '{' at byte 3",
		"{\"Description\":\"\xff\"}": "not valid UTF-8",
	} {
		err := decodeRequest(operations.Of((*gamesparks.Client).UpdateGame), []string{"chess"}, nil, []byte(body), new(gamesparks.UpdateGameInput))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error = %v, want %q", body, err, want)
		}
	}
	for body, want := range map[string]string{
		"null":                          "the value must not be null",
		`{"Modifications":[null]}`:      "Modifications[0]: the value must not be null",
		`{"Modifications":[{},null]}`:   "Modifications[1]: the value must not be null",
		`{"Modifications":[{}, {}, 1]}`: "Modifications[2]: expected object, got number",
	} {
		err := decodeRequest(operations.Of((*gamesparks.Client).UpdateGameConfiguration), []string{"chess"}, nil, []byte(body), new(gamesparks.UpdateGameConfigurationInput))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error = %v, want %q", body, err, want)
		}
	}
	for file, want := range map[string]string{
		"e30=": "", "": "", "e31=": "canonical", "e30": "padding", "e3 0=": "base64", "e30=\\n": "line breaks", "e30_": "base64", "e30==": "padding",
	} {
		in := new(gamesparks.ImportGameConfigurationInput)
		err := decodeRequest(operations.Of((*gamesparks.Client).ImportGameConfiguration), []string{"chess"}, nil, []byte(`{"ImportSource":{"File":"`+file+`"}}`), in)
		if want == "" {
			if err != nil || file != "" && string(in.ImportSource.File) != "{}" {
				t.Errorf("File %q: got %+v, error = %v", file, in.ImportSource, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), "ImportSource.File: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("File %q: error = %v, want %q", file, err, want)
		}
	}
	for query, want := range map[string]string{"MaxResults=x": `MaxResults: "x" is not a 32-bit integer`, "NextToken=%ff": "NextToken: not valid UTF-8"} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		err = decodeRequest(operations.Of((*gamesparks.Client).ListGames), nil, values, nil, new(gamesparks.ListGamesInput))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q", query, err, want)
		}
	}
}
