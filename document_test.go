package gamesparks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"sync"
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

// sendDocument sends a document on both paths and returns its JSON text as found in the request.
func sendDocument(t *testing.T, d document.Interface) (text string, err error) {
	t.Helper()
	for path, via := range paths {
		again, againErr := sendDocumentVia(t, via, d)
		if text != "" && (again != text || (err == nil) != (againErr == nil)) {
			t.Errorf("%s: got %q and error %v; the other path got %q and error %v", path, again, againErr, text, err)
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

// receiveDocument returns a document decoded from a response with the given JSON text.
func receiveDocument(t *testing.T, text string) document.Interface {
	t.Helper()
	r := &recorder{answers: []answer{{body: `{"GameConfiguration":{"Sections":{"s":{"Attributes":` + text + `}}}}`}}}
	out, err := newClient(r).GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: aws.String("g")})
	if err != nil {
		t.Fatal(err)
	}
	return out.GameConfiguration.Sections["s"].Attributes
}

type attributes map[string]any

type marshaler string

func (m marshaler) MarshalSmithyDocument() ([]byte, error) { return []byte(m), nil }

type Inner struct{ A, Shadowed int }

type outer struct {
	Inner
	Shadowed string
}

type inner struct{ B int }

type innerInt int

// opaqueJSON has no exported fields.
type opaqueJSON struct{ n int }

func (o opaqueJSON) MarshalJSON() ([]byte, error) { return json.Marshal([]int{o.n}) }

func (o *opaqueJSON) UnmarshalJSON(text []byte) error {
	var list [1]int
	err := json.Unmarshal(text, &list)
	o.n = list[0]
	return err
}

// TestDocumentEncoding compares the encodings of all kinds of Go values with the expected JSON texts.
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
		"nil":                  {nil, `null`},
		"true":                 {true, `true`},
		"string":               {"a\"b\\<&>\u2028日本🎮", ``},
		"empty string":         {"", `""`},
		"int":                  {42, `42`},
		"int64 beyond 2^53":    {int64(1<<53 + 1), `9007199254740993`},
		"smallest int64":       {int64(math.MinInt64), `-9223372036854775808`},
		"largest uint64":       {uint64(math.MaxUint64), `18446744073709551615`},
		"big.Int":              {new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil), `1000000000000000000000000000000`},
		"big.Float":            {decimal, `1.234567890123456789012345678905e+29`},
		"number of 30 digits":  {smithydocument.Number("0.123456789012345678901234567890"), `0.123456789012345678901234567890`},
		"float":                {1.5, `1.5`},
		"float32":              {float32(0.25), `0.25`},
		"list":                 {[]any{1, "a", nil, []string{}}, `[1,"a",null,[]]`},
		"array":                {[2]int{1, 2}, `[1,2]`},
		"map":                  {map[string]any{"b": 1, "a": map[string]int{}}, `{"a":{},"b":1}`},
		"struct":               {nested{Name: "n", Hidden: "h", Number: aws.Int64(1)}, `{"name":"n","Number":1}`},
		"pointer":              {&nested{Name: "n"}, `{"name":"n","Number":null}`},
		"pointer to pointer":   {ptr(ptr("x")), `"x"`},
		"another document":     {document.NewLazyDocument([]int{1}), `[1]`},
		"document in a map":    {map[string]any{"d": document.NewLazyDocument([]int{1}), "r": receiveDocument(t, `{"x":1.50}`)}, `{"d":[1],"r":{"x":1.50}}`},
		"document in a list":   {[]any{document.NewLazyDocument(nil), receiveDocument(t, `"y"`)}, `[null,"y"]`},
		"nil map":              {map[string]any(nil), `null`},
		"nil list":             {[]any(nil), `null`},
		"nil in a map":         {map[string]any{"m": map[string]any(nil), "l": []any(nil)}, `{"l":null,"m":null}`},
		"json.Number":          {json.Number("12345678901234567890.5"), `12345678901234567890.5`},
		"json.RawMessage":      {json.RawMessage(`{"a":[1,2]}`), `{"a":[1,2]}`},
		"in a map":             {map[string]any{"n": json.Number("1e3"), "r": json.RawMessage(`[]`)}, `{"n":1e3,"r":[]}`},
		"document of three":    {document.NewLazyDocument(document.NewLazyDocument("x")), `"x"`},
		"null from a response": {receiveDocument(t, `null`), `null`},
		"empty name":           {map[string]any{"": 1}, `{"":1}`},

		// json.Number, json.RawMessage and documents at any place
		"json.Number in a slice":       {[]json.Number{"1.50", ""}, `[1.50,0]`},
		"json.Number in a nested map":  {map[string]map[string]json.Number{"a": {"b": "1e3"}}, `{"a":{"b":1e3}}`},
		"in a slice of maps":           {[]map[string]any{{"n": json.Number("1.0")}, {"r": json.RawMessage(`{"x":1}`)}}, `[{"n":1.0},{"r":{"x":1}}]`},
		"in a field of a map type":     {struct{ M map[string]any }{map[string]any{"n": json.Number("10"), "d": document.NewLazyDocument(1)}}, `{"M":{"d":1,"n":10}}`},
		"in a named map":               {attributes{"n": json.Number("10"), "l": attributes{"r": json.RawMessage(`[null]`)}}, `{"l":{"r":[null]},"n":10}`},
		"in a named map of a slice":    {[]attributes{{"d": receiveDocument(t, `{"y":2.0}`)}}, `[{"d":{"y":2.0}}]`},
		"json.RawMessage in a struct":  {struct{ R, Null json.RawMessage }{R: json.RawMessage(`{"b":1,"a":[]}`)}, `{"R":{"b":1,"a":[]},"Null":null}`},
		"pointer to a json.RawMessage": {struct{ R *json.RawMessage }{ptr(json.RawMessage(`{"a":1}`))}, `{"R":{"a":1}}`},
		"json.Number in an array":      {[1]any{json.Number("7.0")}, `[7.0]`},
		"documents in a struct":        {struct{ D, Null document.Interface }{D: document.NewLazyDocument(1)}, `{"D":1,"Null":null}`},
		"slice of documents":           {[]document.Interface{receiveDocument(t, `{"a":1}`), document.NewLazyDocument(nil), nil}, `[{"a":1},null,null]`},
		"document of another service":  {struct{ D smithydocument.Marshaler }{marshaler(`{"a":1}`)}, `{"D":{"a":1}}`},

		// a json.RawMessage must be valid JSON
		"repeated names in RawMessage":     {json.RawMessage(`{"a":1,"a":2}`), `{"a":1,"a":2}`},
		"unpaired surrogate in RawMessage": {json.RawMessage(`["\ud800"]`), `["\ud800"]`},
		"nil RawMessage":                   {json.RawMessage(nil), `null`},
		"nil RawMessage in a map":          {map[string]any{"r": json.RawMessage(nil)}, `{"r":null}`},
		"white space in RawMessage":        {json.RawMessage(" [ 1 ] "), `[1]`},

		// structs and map keys
		"embedded structs":           {outer{Inner: Inner{A: 1, Shadowed: 2}, Shadowed: "x"}, `{"A":1,"Shadowed":"x"}`},
		"nil embedded pointer":       {struct{ *Inner }{}, `{}`},
		"embedded pointer":           {struct{ *Inner }{&Inner{A: 1}}, `{"A":1,"Shadowed":0}`},
		"embedded unexported struct": {struct{ inner }{inner{B: 1}}, `{"B":1}`},
		"embedded mutex": {&struct {
			sync.Mutex
			N int
		}{N: 1}, `{"N":1}`},
		"no fields":                     {struct{}{}, `{}`},
		"MarshalText of an opaque type": {struct{ A netip.Addr }{netip.MustParseAddr("10.0.0.1")}, `{"A":"10.0.0.1"}`},
		"MarshalJSON of an opaque type": {[]any{opaqueJSON{7}}, `[[7]]`},
		"promoted MarshalText":          {struct{ netip.Addr }{netip.MustParseAddr("::1")}, `"::1"`},
		"pointer to an opaque type":     {map[string]*netip.Addr{"a": ptr(netip.MustParseAddr("::1")), "n": nil}, `{"a":"::1","n":null}`},
		"MarshalText of another type":   {net.IP{10, 0, 0, 1}, `[10,0,0,1]`},
		"json tags": {struct {
			N int `json:"n,omitempty"`
		}{}, `{"N":0}`},
		"int keys":         {map[int]string{10: "b", 9: "a"}, `{"9":"a","10":"b"}`},
		"MarshalText keys": {map[netip.Addr]int{netip.MustParseAddr("::1"): 1}, `{"::1":1}`},
		"keys of any":      {map[any]int{"a": 1, 2: 2}, `{"2":2,"a":1}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := sendDocument(t, document.NewLazyDocument(test.value))
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" { // a string, which can be escaped in several ways
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
				t.Errorf("got %s, want the exact digits %s", got, test.want)
			}
		})
	}
}

// TestDocumentRawMessage checks that a json.RawMessage is sent unchanged, byte for byte.
func TestDocumentRawMessage(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"b":1.0,"a":"\u0041\ud800","b":2}`, `[1e400,-0]`} {
		for what, value := range map[string]any{
			"itself": json.RawMessage(text), "in a map": map[string]any{"x": json.RawMessage(text)},
			"in a struct": struct{ R json.RawMessage }{json.RawMessage(text)}, "in a slice": []json.RawMessage{json.RawMessage(text)},
		} {
			got, err := sendDocument(t, document.NewLazyDocument(value))
			if err != nil || !strings.Contains(got, text) {
				t.Errorf("%s: sent %s (error %v), want %s", what, got, err, text)
			}
		}
	}
}

// ownDocument implements document.Interface the way a type in another module would.
type ownDocument string

func (d ownDocument) MarshalSmithyDocument() ([]byte, error) {
	if d == "fail" {
		return nil, errors.New("no such page")
	}
	return []byte(d), nil
}

func (d ownDocument) UnmarshalSmithyDocument(v any) error { return json.Unmarshal([]byte(d), v) }

// TestOwnDocument checks that a document type defined in another module is sent if its text is valid JSON.
func TestOwnDocument(t *testing.T) {
	t.Parallel()
	for name, wrap := range map[string]func(document.Interface) document.Interface{
		"itself":  func(d document.Interface) document.Interface { return d },
		"wrapped": func(d document.Interface) document.Interface { return document.NewLazyDocument(d) },
	} {
		if got, err := sendDocument(t, wrap(ownDocument(`{"a":[1.0]}`))); err != nil || got != `{"a":[1.0]}` {
			t.Errorf("%s: sent %s (error %v), want the document unchanged", name, got, err)
		}
		for d, want := range map[ownDocument]string{"fail": "no such page", `{"a":`: "is not JSON", "": "is not JSON", "\"\xff\"": "is not JSON"} {
			if got, err := sendDocument(t, wrap(d)); err == nil || !strings.Contains(err.Error(), "Value: document cannot be encoded: ") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: sent %s, got error %v, want one containing %q", name, got, err, want)
			}
		}
	}
}

// TestDocumentTargets checks which interface types a document can be decoded into.
func TestDocumentTargets(t *testing.T) {
	t.Parallel()
	d := receiveDocument(t, `{"a":[1.0],"null":null}`)
	var own struct {
		A    document.Interface `document:"a"`
		Null interface {
			MarshalSmithyDocument() ([]byte, error)
			UnmarshalSmithyDocument(any) error
		} `document:"null"`
	}
	if err := d.UnmarshalSmithyDocument(&own); err != nil {
		t.Fatal(err)
	}
	for want, d := range map[string]document.Interface{"[1.0]": own.A, "null": own.Null} {
		if text, err := d.MarshalSmithyDocument(); err != nil || string(text) != want {
			t.Errorf("decoded %s (error %v), want %s", text, err, want)
		}
	}
	var other struct {
		A interface{ UnmarshalSmithyDocument(any) error } `document:"a"`
	}
	var mismatch *smithydocument.UnmarshalTypeError
	if err := d.UnmarshalSmithyDocument(&other); !errors.As(err, &mismatch) {
		t.Errorf("got error %v, want an UnmarshalTypeError", err)
	}
}

// TestDocumentNull checks that a nil document is omitted and that a JSON null is received as a non-nil document.
func TestDocumentNull(t *testing.T) {
	t.Parallel()
	if got, err := sendDocument(t, nil); err != nil || got != "" {
		t.Errorf("nil document: sent %q (error %v), want no document", got, err)
	}
	r := &recorder{answers: []answer{{body: `{"GameConfiguration":{"Sections":{"s":{"Name":"s"}}}}`}}}
	out, err := newClient(r).GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: aws.String("g")})
	if err != nil {
		t.Fatal(err)
	}
	if d := out.GameConfiguration.Sections["s"].Attributes; d != nil {
		t.Errorf("absent member: got document %v, want nil", d)
	}
	d := receiveDocument(t, ` null `)
	if d == nil {
		t.Fatal("null: got a nil document")
	}
	for _, target := range []any{"x", 1, map[string]any{}} {
		if err := d.UnmarshalSmithyDocument(&target); err != nil || target != nil {
			t.Errorf("null: decoded %v (error %v), want nil", target, err)
		}
	}
	if text, err := d.MarshalSmithyDocument(); err != nil || string(text) != "null" {
		t.Errorf("null: encoded %q (error %v), want null", text, err)
	}
	for what, d := range map[string]document.Interface{
		"received": d, "wrapped": document.NewLazyDocument(d), "of nil": document.NewLazyDocument(nil),
		"of a nil pointer": document.NewLazyDocument((*int)(nil)),
	} {
		if got, err := sendDocument(t, d); err != nil || got != "null" {
			t.Errorf("null %s: sent %q (error %v), want null", what, got, err)
		}
	}
}

// TestDocumentErrorPath checks that an encoding error names the input member and the path inside the document.
func TestDocumentErrorPath(t *testing.T) {
	t.Parallel()
	add := func(v any) types.SectionModification {
		return types.SectionModification{
			Operation: types.OperationAdd, Path: aws.String("/p"), Section: aws.String("s"), Value: document.NewLazyDocument(v),
		}
	}
	tests := map[string]struct {
		value any
		want  string
	}{
		"value itself": {make(chan int), `Modifications[1].Value: document cannot be encoded: a value of type chan int cannot be represented in JSON`},
		"inside": {map[string]any{"a": []any{1, struct {
			F func() `document:"f"`
		}{}, struct {
			F func() `document:"f"`
		}{func() {}}}}, `: a[1].f: a value of type func()`},
		"in typed values": {map[string][]chan int{"a": {nil, make(chan int)}}, `: a[0]: a value of type chan int`},
		"itself":          {[]map[string]any{{"n": json.Number("1x")}}, `: [0].n: "1x" is not a JSON number`},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			_, err := newClient(&recorder{}, via).UpdateGameConfiguration(t.Context(), &gamesparks.UpdateGameConfigurationInput{
				GameName: aws.String("g"), Modifications: []types.SectionModification{add(1), add(test.value), add(make(chan string))},
			})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Modifications[1].Value: ") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestResponseErrorPath checks that a decoding error contains the full path of the member.
func TestResponseErrorPath(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, want string }{
		"integer":   {`{"GameConfiguration":{"Sections":{"a":{"Size":1},"b":{"Size":1.5}}}}`, `, GameConfiguration.Sections["b"].Size: 1.5 is not`},
		"document":  {`{"GameConfiguration":{"Sections":{"a":{"Attributes":[x]}}}}`, `, GameConfiguration.Sections["a"].Attributes: not JSON`},
		"map":       {`{"GameConfiguration":{"Sections":[]}}`, `, GameConfiguration.Sections: expected object`},
		"structure": {`{"GameConfiguration":{"Sections":{"a":1}}}`, `, GameConfiguration.Sections["a"]: expected object`},
		"outermost": {`[]`, `expected object`},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{answers: []answer{{body: test.body}}}
			_, err := newClient(r, via).GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: aws.String("g")})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	r := &recorder{answers: []answer{{body: `{"Games":[{"Name":"a"},null,{"Name":3}]}`}}}
	_, err := newClient(r).ListGames(t.Context(), nil)
	if want := ", Games[2].Name: expected string"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// unexportedOnly has only unexported fields and no methods.
type unexportedOnly struct{ n int }

type failing struct{ n int }

func (failing) MarshalText() ([]byte, error) { return nil, errors.New("no text") }

// TestDocumentErrors checks that a call fails before sending a request if its document cannot be encoded.
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
		"channel":                             make(chan int),
		"function":                            func() {},
		"time":                                time.Now(),
		"channel in a list":                   []any{1, make(chan int)},
		"function in a map":                   map[string]any{"f": func() {}},
		"channel in a structure":              struct{ C chan int }{make(chan int)},
		"time in a list":                      []any{time.Now()},
		"NaN":                                 math.NaN(),
		"infinity":                            math.Inf(-1),
		"NaN in a structure":                  struct{ F *float32 }{ptr(float32(math.NaN()))},
		"infinite big.Float":                  new(big.Float).SetInf(false),
		"invalid Number":                      smithydocument.Number("1x"),
		"complex":                             1i,
		"map that contains itself":            itself,
		"list that contains itself":           ring,
		"document that contains itself":       own,
		"invalid json.Number":                 json.Number("12x"),
		"invalid json.RawMessage":             json.RawMessage(`{"a":`),
		"json.Number of an object":            json.Number(`{}`),
		"json.Number with space":              []json.Number{" 1"},
		"empty json.RawMessage":               json.RawMessage{},
		"json.RawMessage of two values":       json.RawMessage(`1 2`),
		"json.RawMessage not UTF-8":           json.RawMessage("\"\xff\""),
		"invalid json.RawMessage in a struct": struct{ R json.RawMessage }{json.RawMessage(`{`)},
		"invalid document of another service": struct{ D marshaler }{marshaler(`{`)},
		"only unexported fields":              unexportedOnly{1},
		"only unexported fields in a map":     map[string]unexportedOnly{"a": {1}},
		"embedded value that would be lost": struct {
			netip.Addr
			Port int
		}{netip.MustParseAddr("::1"), 80},
		"embedded time": struct {
			time.Time
			N int
		}{time.Now(), 1},
		"struct key":                  map[[2]int]string{{1, 2}: "a"},
		"pointer key":                 map[*int]string{ptr(1): "a"},
		"two keys with the same name": map[any]int{1: 1, "1": 2},
		"MarshalText fails":           []failing{{1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := document.NewLazyDocument(value)
			got, err := sendDocument(t, d)
			var serialization *smithy.SerializationError
			if !errors.As(err, &serialization) {
				t.Fatalf("sent %q, got error %v, want a SerializationError", got, err)
			}
			if !strings.Contains(err.Error(), "Value") {
				t.Errorf("error %v does not name the member", err)
			}
			var out any
			if err := d.UnmarshalSmithyDocument(&out); err == nil {
				t.Errorf("the document was decoded to %v, want an error", out)
			}
		})
	}
}

// TestDocumentRoundTrip checks that a received document can be decoded and sent again without changes.
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
			t.Errorf("%s: got a nil document", text)
			continue
		}
		for how, again := range map[string]document.Interface{"unchanged": d, "wrapped": document.NewLazyDocument(d)} {
			got, err := sendDocument(t, again)
			if err != nil {
				t.Errorf("%s, sent %s: got error %v", text, how, err)
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

// exactJSON decodes a JSON text without losing digits of numbers.
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

// TestDocumentDecoding checks the Go values that documents are decoded into.
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
		small    string //lint:ignore U1000 unexported fields are ignored
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

	// Decode a document created from a Go value into another type, without a request.
	var back map[string]any
	if err := document.NewLazyDocument(field{Type: "int"}).UnmarshalSmithyDocument(&back); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]any{"type": "int", "optional": false}, back); diff != "" {
		t.Errorf("map (-want +got):\n%s", diff)
	}
}

// TestDocumentDecodingTargets checks decoding into types with special rules.
func TestDocumentDecodingTargets(t *testing.T) {
	t.Parallel()
	type tagged struct {
		Secret string `document:"-"`
		Name   string `document:"name,omitempty"`
	}
	type embedding struct {
		*Inner
		inner
		C int
	}
	tests := map[string]struct {
		text   string
		target any
		want   any
	}{
		"json.Number":                {`1.50`, new(json.Number), json.Number("1.50")},
		"json.RawMessage":            {` {"b":1.0,"a":"\u0041"} `, new(json.RawMessage), json.RawMessage(`{"b":1.0,"a":"\u0041"}`)},
		"json.RawMessage, null":      {`{"R":null}`, &struct{ R json.RawMessage }{}, struct{ R json.RawMessage }{json.RawMessage(`null`)}},
		"json.RawMessage in a map":   {`{"a":[1, 2]}`, new(map[string]json.RawMessage), map[string]json.RawMessage{"a": json.RawMessage(`[1, 2]`)}},
		"documents":                  {`[{"a":1.0},null]`, new([]document.Interface), []document.Interface{receiveDocument(t, `{"a":1.0}`), receiveDocument(t, `null`)}},
		"int keys":                   {`{"1":"a","-2":"b"}`, new(map[int8]string), map[int8]string{1: "a", -2: "b"}},
		"uint keys":                  {`{"1":"a"}`, new(map[uint]string), map[uint]string{1: "a"}},
		"UnmarshalText keys":         {`{"::1":1}`, new(map[netip.Addr]int), map[netip.Addr]int{netip.MustParseAddr("::1"): 1}},
		"named key":                  {`{"a":1}`, new(map[types.Operation]int), map[types.Operation]int{"a": 1}},
		"UnmarshalText":              {`["::1",null]`, new([]netip.Addr), []netip.Addr{netip.MustParseAddr("::1"), {}}},
		"UnmarshalJSON":              {`{"a":[7]}`, new(map[string]*opaqueJSON), map[string]*opaqueJSON{"a": {7}}},
		"field tagged -":             {`{"Secret":"s","secret":"s","-":"s","name":"n"}`, new(tagged), tagged{Name: "n"}},
		"embedded":                   {`{"A":1,"B":2,"C":3}`, new(embedding), embedding{&Inner{A: 1}, inner{2}, 3}},
		"case":                       {`{"NAME":"n"}`, new(tagged), tagged{Name: "n"}},
		"repeated member":            {`{"M":{"x":1},"M":{"y":2}}`, &struct{ M map[string]int }{}, struct{ M map[string]int }{map[string]int{"y": 2}}},
		"absent members keep values": {`{}`, &tagged{Name: "n"}, tagged{Name: "n"}},
		"used slice":                 {`[{"A":1}]`, &[]Inner{{A: 5, Shadowed: 5}, {A: 6}}, []Inner{{A: 1}}},
		"used slice, empty list":     {`[]`, &[]int{1}, []int{}},
		"nil slice, empty list":      {`[]`, new([]int), []int{}},
		"longer array":               {`[1]`, &[2]int{5, 5}, [2]int{1, 0}},
		"shorter array":              {`[1,2]`, new([1]int), [1]int{1}},
		"pointer to pointer":         {`1`, new(**int), ptr(ptr(1))},
		"pointer, null":              {`null`, ptr(ptr(1)), (*int)(nil)},
		"number, null":               {`null`, ptr(1), 0},
		"empty name":                 {`{"":1}`, new(any), map[string]any{"": smithydocument.Number("1")}},
	}
	for name, test := range tests {
		for how, d := range map[string]document.Interface{
			"response": receiveDocument(t, test.text), "Go value": document.NewLazyDocument(json.RawMessage(test.text)),
		} {
			if err := d.UnmarshalSmithyDocument(test.target); err != nil {
				t.Errorf("%s, document from a %s: %v", name, how, err)
				continue
			}
			got := reflect.ValueOf(test.target).Elem().Interface()
			if diff := cmp.Diff(test.want, got, values, cmp.AllowUnexported(embedding{}, opaqueJSON{}), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Errorf("%s, document from a %s (-want +got):\n%s", name, how, diff)
			}
		}
	}
}

// TestDocumentRoundTripOfGoValues encodes Go values and decodes them into values of the same type.
func TestDocumentRoundTripOfGoValues(t *testing.T) {
	t.Parallel()
	type value struct {
		Raw    json.RawMessage
		Number json.Number
		Addr   netip.Addr
		Keys   map[int]string
		Any    map[string]any
		Hidden string `document:"-"`
	}
	in := value{json.RawMessage(`{"z":1,"a":2}`), "1.0", netip.MustParseAddr("::1"), map[int]string{-1: "x"}, map[string]any{"a": nil}, "secret"}
	want := in
	want.Hidden = ""
	var got value
	if err := document.NewLazyDocument(in).UnmarshalSmithyDocument(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("value (-want +got):\n%s", diff)
	}
	text, err := sendDocument(t, document.NewLazyDocument(in))
	if err != nil || strings.Contains(text, "ecret") {
		t.Errorf("sent %s (error %v), want a document without the hidden field", text, err)
	}
}

// TestDocumentDoesNotChange checks that decoded values do not share memory with the document, so that changing them does not
// change it.
func TestDocumentDoesNotChange(t *testing.T) {
	t.Parallel()
	d := receiveDocument(t, `{"a":[1]}`)
	var raw json.RawMessage
	if err := d.UnmarshalSmithyDocument(&raw); err != nil {
		t.Fatal(err)
	}
	clear(raw)
	if got, err := sendDocument(t, d); err != nil || got != `{"a":[1]}` {
		t.Errorf("sent %q, %v", got, err)
	}
}

// TestDocumentDecodingErrors checks that decoding fails if the document does not match the Go type.
func TestDocumentDecodingErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text   string
		target any
	}{
		"string for a number":     {`"x"`, new(int)},
		"too large":               {`300`, new(int8)},
		"too large for int64":     {`9223372036854775808`, new(int64)},
		"negative":                {`-1`, new(uint)},
		"fraction":                {`1.5`, new(int)},
		"too large for a float":   {`1e400`, new(float64)},
		"list for a map":          {`[]`, new(map[string]any)},
		"object for a list":       {`{}`, new([]any)},
		"time":                    {`"2022-03-01T12:00:00Z"`, new(time.Time)},
		"target is not a pointer": {`1`, 1},
		"nil":                     {`1`, nil},
		"element of another type": {`[1,"x"]`, new([]int)},
		"embedded pointer to an unexported struct": {`{"B":1}`, &struct{ *inner }{}},
		"embedded unexported type":                 {`{"innerInt":1}`, &struct{ innerInt }{}},
		"string for an int key":                    {`{"a":1}`, new(map[int]int)},
		"int key too large":                        {`{"300":1}`, new(map[int8]int)},
		"bool key":                                 {`{"true":1}`, new(map[bool]int)},
		"UnmarshalText fails":                      {`"x"`, new(netip.Addr)},
		"number for a string":                      {`1`, new(netip.Addr)},
		"UnmarshalJSON fails":                      {`"x"`, new(opaqueJSON)},
		"interface with methods":                   {`1`, new(error)},
		"channel":                                  {`1`, new(chan int)},
		"NoSerde":                                  {`{}`, &struct{ smithydocument.NoSerde }{}},
	}
	for name, test := range tests {
		for how, d := range map[string]document.Interface{
			"response": receiveDocument(t, test.text), "Go value": document.NewLazyDocument(receiveDocument(t, test.text)),
		} {
			if err := d.UnmarshalSmithyDocument(test.target); err == nil {
				t.Errorf("%s, document from a %s: got no error", name, how)
			}
		}
	}
}

// TestDocumentConcurrent checks that several goroutines can decode the same document concurrently.
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
