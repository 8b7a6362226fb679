package jsonscan_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/jsonscan"
)

// isJSON reports whether jsontext accepts a text.
func isJSON(text []byte) bool {
	return jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// scan reads a text that must consist of exactly one value.
func scan(text []byte) error {
	var s jsonscan.Scanner
	s.Reset(text)
	if _, err := s.Value(); err != nil {
		return err
	}
	return s.End()
}

func requireSameVerdict(t *testing.T, text []byte) {
	t.Helper()
	if err := scan(text); (err == nil) != isJSON(text) {
		t.Errorf("%.100q: error = %v, accepted by jsontext = %t", text, err, isJSON(text))
	}
}

func TestValue(t *testing.T) {
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
		// text around a value
		" 1 ", "\t1\r\n", "\v1", "\f1", "\u00a01", "\ufeff1", "1//", "/**/1", "1,", ",1", ":1", `1,"b":2`, `1},{"b":2`, "1\x00", "\x001",
	} {
		requireSameVerdict(t, []byte(value))
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	nested := func(levels int) []byte { // arrays and objects alternate
		half := levels / 2
		return []byte(strings.Repeat(`[`, levels%2) + strings.Repeat(`{"a":[`, half) + strings.Repeat(`]}`, half) + strings.Repeat(`]`, levels%2))
	}
	for _, levels := range []int{1, 63, 64, 65, 127, 128, 129, 9_999, 10_000, 10_001, 10_002, 1_000_000} {
		value := nested(levels)
		if err := scan(value); (err == nil) != isJSON(value) {
			t.Errorf("%d levels: error = %v, accepted by jsontext = %t", levels, err, isJSON(value))
		}
	}
	if err, want := scan(nested(10_001)), "more than 10000 levels of nesting at byte"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v, want %q", err, want)
	}
	// An error in one text does not affect the next text.
	if err, want := scan([]byte("}")), "unexpected '}' at byte"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v, want %q", err, want)
	}
}

// FuzzScanner compares the scanner with jsontext.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"b",{"c":null}],"d":-1.5e3}`, `"\u00e9\\"`, `[[],{},"12345678",true]`, ` 1 `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) { requireSameVerdict(t, value) })
}

// TestMembers reads the members of an object one by one.
func TestMembers(t *testing.T) {
	t.Parallel()
	type member struct {
		Name    string
		Kind    string
		Escaped bool
	}
	text := []byte(` { "a" : "x" , "\u0062":[1,{"c":"}"}], "d":null,"e":-1.5,"f":true,"g":{} } `)
	var s jsonscan.Scanner
	s.Reset(text)
	if err := s.Open(jsonscan.KindObject); err != nil {
		t.Fatal(err)
	}
	var got []member
	for {
		more, err := s.More('}')
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		name, escaped, err := s.Name()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, member{string(name), s.NextKind().String(), escaped})
		value, err := s.Value()
		if err != nil {
			t.Fatal(err)
		}
		if cap(value) != len(value) || cap(name) != len(name) {
			t.Errorf("%s: slices have spare capacity", name)
		}
	}
	if err := s.End(); err != nil {
		t.Error(err)
	}
	want := []member{
		{`"a"`, "string", false}, {`"\u0062"`, "array", true}, {`"d"`, "null", false}, {`"e"`, "number", false}, {`"f"`, "boolean", false},
		{`"g"`, "object", false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	open := func(s *jsonscan.Scanner) error { return s.Open(jsonscan.KindObject) }
	text := func(s *jsonscan.Scanner) error { _, _, err := s.Text(); return err }
	name := func(s *jsonscan.Scanner) error { _, _, err := s.Name(); return err }
	tests := []struct {
		text, want string
		read       func(*jsonscan.Scanner) error
	}{
		{` [`, "expected object, got array at byte 1", open},
		{`}`, "unexpected '}' at byte 0", open},
		{`1`, "expected string, got number at byte 0", text},
		{`"a` + "\n" + `"`, `unexpected '\n' at byte 2`, text},
		{`"a" 1`, "unexpected '1' at byte 4", name},
		{`a`, "unexpected 'a' at byte 0", name},
	}
	for _, tt := range tests {
		var s jsonscan.Scanner
		s.Reset([]byte(tt.text))
		if err := tt.read(&s); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error = %v, want %q", tt.text, err, tt.want)
		}
	}
	for _, truncated := range []string{"", " ", `"a`, `"a\`, `{"a":`, `[1,`, `tru`, `-`, `1e`} {
		if err := scan([]byte(truncated)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: error = %v, want io.ErrUnexpectedEOF", truncated, err)
		}
	}
}

func TestSkipString(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`"" `: 2, `"a"b`: 3, `"a\"b" `: 6, `"\\" `: 4, "\"a\nb\" ": 5, `"\x" `: 4, `"a`: 2, `"a\`: 3, `"`: 1,
	} {
		if got := jsonscan.SkipString([]byte(text), 0); got != want {
			t.Errorf("SkipString(%q) = %d, want %d", text, got, want)
		}
	}
}

// TestSkipMalformed skips values that are not JSON, up to a comma or a closing bracket.
func TestSkipMalformed(t *testing.T) {
	t.Parallel()
	for text, end := range map[string]byte{
		"\"a\n,}\",1": ',', `{"a":[x,y]},1`: ',', `nul]`: ']', `[1}}`: '}', `"a`: 0, `{`: 0, ``: 0,
	} {
		var s jsonscan.Scanner
		s.Reset([]byte(text))
		found := s.SkipMalformed()
		if found != (end != 0) {
			t.Errorf("SkipMalformed(%q) = %t", text, found)
		}
		if !found {
			continue
		}
		if more, err := s.More(max(end, ']')); err != nil || more != (end == ',') {
			t.Errorf("%q: More returned %t and error %v", text, more, err)
		}
	}
}
