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

// isJSON is what jsontext says about a text.
func isJSON(text []byte) bool {
	return jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func decodeOutput[In, Out any](b operations.Binding[In, Out], body []byte, out *Out) error {
	return restjson.Decode(body, &serde.Shape{Schema: b.Schema.Output, Type: b.Output, Value: out})
}

// decodeUnknown decodes a value that the API's model does not have, which is passed over.
func decodeUnknown(value []byte) error {
	body := append(append([]byte(`{"Unknown":`), value...), '}')
	return decodeOutput(operations.Of((*gamesparks.Client).DeleteGame), body, new(gamesparks.DeleteGameOutput))
}

func requireSameVerdict(t *testing.T, value []byte) {
	t.Helper()
	// Around a value that is none, the whole may be JSON: 1,"a":2 is an example.
	whole := append(append([]byte(`{"Unknown":`), value...), '}')
	if err := decodeUnknown(value); (err == nil) != isJSON(whole) {
		t.Errorf("%.100q: error %v; to jsontext it is JSON: %t", value, err, isJSON(whole))
	}
}

func TestWhatIsJSON(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		// numbers
		"0", "-0", "1", "-1", "10", "1.5", "0.5", "1e5", "1E+5", "1e-05", "123456789012345678901234567890.5e-300",
		"", "-", "+1", "01", "-01", "00", "1.", ".5", "1.e5", "1e", "1e+", "1e5.5", "0x1", "1_000", "NaN", "Infinity", "-Infinity", "1 2",
		// words
		"true", "false", "null", "t", "tru", "True", "truee", "fals", "nul", "nulls", "undefined",
		// strings
		`""`, `"a"`, `"a b"`, `"é"`, "\"\u2028\"", "\"\x7f\"", "\"\xff\"", `"\""`, `"\\"`, `"\/\b\f\n\r\t"`, `"\u00e9"`, `"\uD83D\uDE00"`, `"\ud800"`,
		`"1234567"`, `"12345678"`, `"123456789"`, `"1234567\n"`, `"12345678\n90123456"`, `"1234567\"89"`,
		`"`, `"a`, `a"`, `"\"`, `"\a"`, `"\u00g9"`, `"\u00e"`, `"\x41"`, "\"\x00\"", "\"\n\"", "\"1234567\x1f\"", "\"12345678\t\"", "'a'", `"a"b`,
		// arrays
		"[]", "[ ]", "[1]", "[1,2]", "[ 1 , 2 ]", "[[],[[]],{}]", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1,,2]", "[1}", "[]]", "[}",
		// objects
		"{}", "{ }", `{"a":1}`, `{ "a" : 1 , "b" : 2 }`, `{"a":1,"a":2}`, `{"":1}`, `{"a":{"b":{"c":[{}]}}}`, `{"a":[{"b":1},{"b":2}],"c":3}`,
		"{", "}", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,"a":1}`, `{"a"}`, `{"a",1}`, `{"a" 1}`, `{"a":}`, `{a:1}`, `{1:1}`, `{"a":1 "b":2}`,
		`{"a":1]`, `{"a"::1}`, `{"a":[}]`, `{"a":{]}`, `{]`, `{null:1}`, `{"a\x":1}`,
		// what is around them
		" 1 ", "\t1\r\n", "\v1", "\f1", "\u00a01", "\ufeff1", "1//", "/**/1", "1,", ",1", ":1", `1,"b":2`, `1},{"b":2`, "1\x00", "\x001",
	} {
		requireSameVerdict(t, []byte(value))
	}
}

// TestMutatedResponses changes every byte of a response in turn: what is no JSON any more has to be an error, wherever in
// the structure that is.
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
			t.Errorf("%s\nis taken for JSON", body)
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

func TestLevels(t *testing.T) {
	t.Parallel()
	nested := func(levels int) []byte { // of arrays and objects in turn
		half := levels / 2
		return []byte(strings.Repeat(`[`, levels%2) + strings.Repeat(`{"a":[`, half) + strings.Repeat(`]}`, half) + strings.Repeat(`]`, levels%2))
	}
	for _, levels := range []int{1, 63, 64, 65, 127, 128, 129, 9_999, 10_000, 10_001, 10_002, 1_000_000} {
		value := nested(levels)
		if err := decodeUnknown(value); (err == nil) != isJSON(value) {
			t.Errorf("%d levels: error %v; to jsontext it is JSON: %t", levels, err, isJSON(value))
		}
	}
	if err, want := decodeUnknown(nested(10_001)), "more than 10000 levels at byte"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
	// The error is that call's only.
	if err, want := decodeUnknown([]byte("}")), "unexpected '}' at byte"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

// TestLargeMaps reads maps of the sizes around those up to which they are small and at which chunks of entries are full.
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
			t.Errorf("%d sections, want %d", got, size)
		}
		for i := range size {
			if got := out.Snapshot.Sections[fmt.Sprint("S", i)]; int(got.Size) != i || *got.Name != fmt.Sprint(i) {
				t.Errorf("of %d sections, S%d has size %d and the name %s", size, i, got.Size, *got.Name)
			}
		}
	}
}

// FuzzJSON compares what is taken for JSON with jsontext.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"b",{"c":null}],"d":-1.5e3}`, `"\u00e9\\"`, `[[],{},"12345678",true]`, ` 1 `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) { requireSameVerdict(t, value) })
}
