package restjson_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// isJSON reports whether jsontext accepts a text.
func isJSON(text []byte) bool {
	return jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func decodeOutput[In, Out any](b operations.Binding[In, Out], body []byte, out *Out) error {
	return restjson.Decode(body, &serde.Shape{Schema: b.Schema.Output, Type: b.Output, Value: out})
}

// TestMutatedResponses changes, removes and inserts a byte at every position of a response. Decoding must fail whenever
// the result is not JSON.
func TestMutatedResponses(t *testing.T) {
	t.Parallel()
	response := []byte(`{"Snapshot": {"Created":"2022-03-04T05:06:07Z","Id":"a\"b","Sections":{"A":{"Attributes":{"x":[1,-2.5e3,{"y":null}]},` +
		`"Name":"A","Size":12} , "B":{"Attributes":"\u00e9","Name":null,"Size":0},"C":null},"New":[true,false,{}]},"Other":[]}`)
	decode := func(body []byte) error {
		return decodeOutput(operations.Of((*gamesparks.Client).GetSnapshot), body, new(gamesparks.GetSnapshotOutput))
	}
	if err := decode(response); err != nil {
		t.Fatal(err)
	}
	try := func(body []byte) {
		if len(body) > 0 && !isJSON(body) && decode(body) == nil {
			t.Errorf("no error for\n%s", body)
		}
	}
	for i := range response {
		try(response[:i])
		try(append(bytes.Clone(response[:i]), response[i+1:]...))
		for _, b := range []byte("{}[],:\"\\ 0-.e+tnfu\x00\n\x80") {
			mutant := bytes.Clone(response)
			mutant[i] = b
			try(mutant)
			try(append(append(bytes.Clone(response[:i]), b), response[i:]...))
		}
	}
	try(append(bytes.Clone(response), response...))
}

// TestLargeMaps decodes maps whose sizes are near the limit for small maps or near a multiple of the chunk size.
func TestLargeMaps(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 7, 8, 9, 15, 16, 17, 255, 256, 257, 511, 512, 513, 767, 768, 769, 5_000} {
		var body strings.Builder
		body.WriteString(`{"Snapshot":{"Sections":{`)
		for i := range size {
			if i > 0 {
				body.WriteByte(',')
			}
			fmt.Fprintf(&body, `"S%d":{"Size":%d,"Name":"%d"}`, i, i, i)
		}
		body.WriteString(`}}}`)
		var out gamesparks.GetSnapshotOutput
		if err := decodeOutput(operations.Of((*gamesparks.Client).GetSnapshot), []byte(body.String()), &out); err != nil {
			t.Fatal(err)
		}
		if got := len(out.Snapshot.Sections); got != size {
			t.Errorf("got %d sections, want %d", got, size)
		}
		for i := range size {
			if got := out.Snapshot.Sections[fmt.Sprint("S", i)]; int(got.Size) != i || *got.Name != fmt.Sprint(i) {
				t.Errorf("%d sections: S%d has size %d and name %s", size, i, got.Size, *got.Name)
			}
		}
	}
}
