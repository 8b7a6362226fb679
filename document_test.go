package gamesparks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	smithydocument "github.com/aws/smithy-go/document"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

// sendDocument sends a document in a request, and returns its text in the body.
func sendDocument(t *testing.T, d document.Interface) (text string, err error) {
	t.Helper()
	for path, via := range paths {
		again, againErr := sendDocumentVia(t, via, d)
		if text != "" && (again != text || (err == nil) != (againErr == nil)) {
			t.Errorf("%s: got %q and %v, by the other path %q and %v", path, again, againErr, text, err)
		}
		text, err = again, againErr
	}
	return text, err
}

func sendDocumentVia(t *testing.T, via func(*gamesparks.Options), d document.Interface) (string, error) {
	t.Helper()
	r := &recorder{}
	_, err := newClient(r, via).UpdateGameConfiguration(t.Context(), &gamesparks.UpdateGameConfigurationInput{
		GameName: aws.String("g"),
		Modifications: []types.SectionModification{{
			Operation: types.OperationAdd, Path: aws.String("/p"), Section: aws.String("s"), Value: d,
		}},
	})
	if err != nil {
		if len(r.all()) != 0 {
			t.Error("a request was sent")
		}
		return "", err
	}
	var body struct {
		Modifications []struct{ Value json.RawMessage }
	}
	if err := json.Unmarshal([]byte(r.last(t).body), &body); err != nil {
		t.Fatal(err)
	}
	return string(body.Modifications[0].Value), nil
}

// receiveDocument returns the document that a response has the text of.
func receiveDocument(t *testing.T, text string) document.Interface {
	t.Helper()
	r := &recorder{answers: []answer{{body: `{"GameConfiguration":{"Sections":{"s":{"Attributes":` + text + `}}}}`}}}
	out, err := newClient(r).GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: aws.String("g")})
	if err != nil {
		t.Fatal(err)
	}
	return out.GameConfiguration.Sections["s"].Attributes
}

// TestDocumentEncoding shows the JSON text of documents of all kinds of Go values.
func TestDocumentEncoding(t *testing.T) {
	t.Parallel()
	type nested struct {
		Name   string `document:"name"`
		Hidden string `document:"-"`
		Empty  string `document:"empty,omitempty"`
		Number *int64
	}
	decimal, _, err := big.ParseFloat("123456789012345678901234567890.5", 10, 200, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		value any
		want  string
	}{
		"nil":                 {nil, `null`},
		"true":                {true, `true`},
		"string":              {"a\"b\\<&>\u2028日本🎮", ``},
		"empty string":        {"", `""`},
		"int":                 {42, `42`},
		"int64 beyond 2^53":   {int64(1<<53 + 1), `9007199254740993`},
		"smallest int64":      {int64(math.MinInt64), `-9223372036854775808`},
		"largest uint64":      {uint64(math.MaxUint64), `18446744073709551615`},
		"big.Int":             {new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil), `1000000000000000000000000000000`},
		"big.Float":           {decimal, `1.234567890123456789012345678905e+29`},
		"number of 30 digits": {smithydocument.Number("0.123456789012345678901234567890"), `0.123456789012345678901234567890`},
		"float":               {1.5, `1.5`},
		"float32":             {float32(0.25), `0.25`},
		"list":                {[]any{1, "a", nil, []string{}}, `[1,"a",null,[]]`},
		"array":               {[2]int{1, 2}, `[1,2]`},
		"map":                 {map[string]any{"b": 1, "a": map[string]int{}}, `{"a":{},"b":1}`},
		"struct":              {nested{Name: "n", Hidden: "h", Number: aws.Int64(1)}, `{"name":"n","Number":1}`},
		"pointer":             {&nested{Name: "n"}, `{"name":"n","Number":null}`},
		"pointer to pointer":  {ptr(ptr("x")), `"x"`},
		"another document":    {document.NewLazyDocument([]int{1}), `[1]`},
		"document in a map":   {map[string]any{"d": document.NewLazyDocument([]int{1}), "r": receiveDocument(t, `{"x":1.50}`)}, `{"d":[1],"r":{"x":1.50}}`},
		"document in a list":  {[]any{document.NewLazyDocument(nil), receiveDocument(t, `"y"`)}, `[null,"y"]`},
		"nil map":             {map[string]any(nil), `null`},
		"nil list":            {[]any(nil), `null`},
		"nil in a map":        {map[string]any{"m": map[string]any(nil), "l": []any(nil)}, `{"l":null,"m":null}`},
		"json.Number":         {json.Number("12345678901234567890.5"), `12345678901234567890.5`},
		"json.RawMessage":     {json.RawMessage(`{"a":[1,2]}`), `{"a":[1,2]}`},
		"in a map":            {map[string]any{"n": json.Number("1e3"), "r": json.RawMessage(`[]`)}, `{"n":1e3,"r":[]}`},
		"document of three":   {document.NewLazyDocument(document.NewLazyDocument("x")), `"x"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := sendDocument(t, document.NewLazyDocument(test.value))
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" { // a string: any escaping will do
				var s string
				if err := json.Unmarshal([]byte(got), &s); err != nil || s != test.value {
					t.Errorf("got %s, %v", got, err)
				}
				return
			}
			if diff := cmp.Diff(parseJSON(t, test.want), parseJSON(t, got)); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
			if strings.ContainsAny(test.want, "0123456789") && !strings.ContainsAny(test.want, "{[") && got != test.want {
				t.Errorf("got %s, want the digits %s", got, test.want)
			}
		})
	}
}

// TestDocumentAbsent shows that a nil document is no member, and that one of nil is null.
func TestDocumentAbsent(t *testing.T) {
	t.Parallel()
	if got, err := sendDocument(t, nil); err != nil || got != "" {
		t.Errorf("got %q, %v", got, err)
	}
	r := &recorder{answers: []answer{{body: `{"GameConfiguration":{"Sections":{"s":{"Name":"s"},"n":{"Attributes":null}}}}`}}}
	out, err := newClient(r).GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: aws.String("g")})
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range out.GameConfiguration.Sections {
		if s.Attributes != nil {
			t.Errorf("%s has a document", name)
		}
	}
}

// TestDocumentErrors shows that a value that has no JSON form fails the call that sends it, and nothing is sent.
func TestDocumentErrors(t *testing.T) {
	t.Parallel()
	itself := map[string]any{}
	itself["a"] = []any{itself, itself}
	type list struct{ Next *list }
	ring := &list{}
	ring.Next = ring
	own := map[string]any{}
	own["a"] = document.NewLazyDocument([]any{own})
	for name, value := range map[string]any{
		"channel":                make(chan int),
		"function":               func() {},
		"time":                   time.Now(),
		"channel in a list":      []any{1, make(chan int)},
		"function in a map":      map[string]any{"f": func() {}},
		"channel in a structure": struct{ C chan int }{make(chan int)},
		"time in a list":         []any{time.Now()},
		"NaN":                    math.NaN(),
		"infinity":               math.Inf(-1),
		"NaN in a structure":     struct{ F *float32 }{ptr(float32(math.NaN()))},
		"infinite big.Float":     new(big.Float).SetInf(false),
		"no number":              smithydocument.Number("1x"),
		"complex":                1i,
		"map that holds itself":  itself,
		"list that holds itself": ring,
		"document in itself":     own,
		"bad json.Number":        json.Number("12x"),
		"bad json.RawMessage":    json.RawMessage(`{"a":`),
		"json.Number in a list":  []json.Number{"1"},
		"document in a struct":   struct{ D document.Interface }{document.NewLazyDocument(1)},
		"document in a list":     []document.Interface{receiveDocument(t, `{"a":1}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := document.NewLazyDocument(value)
			got, err := sendDocument(t, d)
			var serialization *smithy.SerializationError
			if !errors.As(err, &serialization) {
				t.Fatalf("got %q and %v, want a SerializationError", got, err)
			}
			if !strings.Contains(err.Error(), "Value") {
				t.Errorf("%v does not name the member", err)
			}
			var out any
			if err := d.UnmarshalSmithyDocument(&out); err == nil {
				t.Errorf("it decodes to %v", out)
			}
		})
	}
}

// TestDocumentRoundTrip shows that what a response holds can be read, and sent again, without a change.
func TestDocumentRoundTrip(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`true`, `"x"`, `""`, `0`, `-0`, `9007199254740993`, `-9223372036854775808`, `18446744073709551615`,
		`123456789012345678901234567890`, `0.123456789012345678901234567890`, `123456789012345678901234567890.123456789012345678901234567890`,
		`1e400`, `-1.50E-7`, `1.0`, `[]`, `{}`, `[null,[null],{"a":null}]`, `{"":1,"a b":"<&>","日本":"\u0000\ud83c\udfae"}`,
		`{"a":[{"b":[{"c":1}]}]}`,
	} {
		d := receiveDocument(t, text)
		if d == nil {
			t.Errorf("%s: no document", text)
			continue
		}
		for how, again := range map[string]document.Interface{"as it is": d, "wrapped": document.NewLazyDocument(d)} {
			got, err := sendDocument(t, again)
			if err != nil {
				t.Errorf("%s, sent %s: %v", text, how, err)
				continue
			}
			if diff := cmp.Diff(exactJSON(t, text), exactJSON(t, got)); diff != "" {
				t.Errorf("%s, sent %s (-want +got):\n%s", text, how, diff)
			}
		}
		encoded, err := d.MarshalSmithyDocument()
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(exactJSON(t, text), exactJSON(t, string(encoded))); diff != "" {
			t.Errorf("%s, encoded (-want +got):\n%s", text, diff)
		}
	}
}

// exactJSON returns the value of a JSON text with its numbers as they are written.
func exactJSON(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

// TestDocumentDecoding shows the Go values that documents are decoded into.
func TestDocumentDecoding(t *testing.T) {
	t.Parallel()
	type field struct {
		Type     string `document:"type"`
		Optional bool   `document:"optional"`
	}
	type model struct {
		Fields   map[string]field `document:"fields"`
		Order    []string         `document:"order"`
		Big      int64            `document:"big"`
		Huge     *big.Int         `document:"huge"`
		Digits   smithydocument.Number
		Nothing  *field `document:"nothing"`
		Any      any    `document:"any"`
		Untagged string
		Ignored  string `document:"-"`
		small    string //lint:ignore U1000 unexported fields are passed over
	}
	const text = `{"fields":{"score":{"type":"int","optional":true}},"order":["score"],"big":9007199254740993,
		"huge":123456789012345678901234567890,"Digits":0.123456789012345678901234567890,"nothing":null,
		"any":[1,"x",{"y":false}],"Untagged":"u","Ignored":"i","unknown":1,"small":"s"}`
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	want := model{
		Fields: map[string]field{"score": {Type: "int", Optional: true}}, Order: []string{"score"}, Big: 9007199254740993,
		Huge: huge, Digits: "0.123456789012345678901234567890",
		Any: []any{smithydocument.Number("1"), "x", map[string]any{"y": false}}, Untagged: "u",
	}
	bigInts := cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })
	for how, d := range map[string]document.Interface{
		"of a response": receiveDocument(t, text), "of a Go value": document.NewLazyDocument(receiveDocument(t, text)),
	} {
		var got model
		if err := d.UnmarshalSmithyDocument(&got); err != nil {
			t.Errorf("%s: %v", how, err)
			continue
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(model{}), bigInts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", how, diff)
		}
	}

	// A Go value can be decoded into another type without being sent.
	var back map[string]any
	if err := document.NewLazyDocument(field{Type: "int"}).UnmarshalSmithyDocument(&back); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]any{"type": "int", "optional": false}, back); diff != "" {
		t.Errorf("map (-want +got):\n%s", diff)
	}
}

// TestDocumentDecodingErrors shows that a document that does not fit the Go value is an error.
func TestDocumentDecodingErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text   string
		target any
	}{
		"text for a number":       {`"x"`, new(int)},
		"too large":               {`300`, new(int8)},
		"too large for int64":     {`9223372036854775808`, new(int64)},
		"negative":                {`-1`, new(uint)},
		"fraction":                {`1.5`, new(int)},
		"too large for a float":   {`1e400`, new(float64)},
		"list for a map":          {`[]`, new(map[string]any)},
		"object for a list":       {`{}`, new([]any)},
		"time":                    {`"2022-03-01T12:00:00Z"`, new(time.Time)},
		"no pointer":              {`1`, 1},
		"nil":                     {`1`, nil},
		"element of another type": {`[1,"x"]`, new([]int)},
	}
	for name, test := range tests {
		for how, d := range map[string]document.Interface{
			"response": receiveDocument(t, test.text), "Go value": document.NewLazyDocument(receiveDocument(t, test.text)),
		} {
			if err := d.UnmarshalSmithyDocument(test.target); err == nil {
				t.Errorf("%s of a %s: no error", name, how)
			}
		}
	}
}

// TestDocumentConcurrent shows that a document can be read by many goroutines.
func TestDocumentConcurrent(t *testing.T) {
	t.Parallel()
	d := receiveDocument(t, `{"a":[1,2,3]}`)
	results := make(chan string)
	for range 8 {
		go func() {
			var v map[string][]int
			err := d.UnmarshalSmithyDocument(&v)
			text, _ := d.MarshalSmithyDocument()
			results <- fmt.Sprint(v, string(text), err)
		}()
	}
	for range 8 {
		if got, want := <-results, `map[a:[1 2 3]]{"a":[1,2,3]}<nil>`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
