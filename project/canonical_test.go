package project_test

import (
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/project"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"null":                   {` null `, `null`},
		"sorted":                 {`{"b":1,"a":2,"a!":3,"":4}`, `{"":4,"a":2,"a!":3,"b":1}`},
		"arrays keep order":      {`[3, 1, [2]]`, `[3,1,[2]]`},
		"empty":                  {`{"a": {}, "b": [ ]}`, `{"a":{},"b":[]}`},
		"numbers":                {`[1.0, 1, 1e2, 1E+2, -0, 0.10, 12345678901234567890.000000000000001]`, `[1.0,1,1e2,1E+2,-0,0.10,12345678901234567890.000000000000001]`},
		"escapes":                {`"\u0041\/\u00e9\n\u0001\u2028<"`, "\"A/é\\n\\u0001\u2028<\""},
		"surrogate pair":         {`"\ud83d\uDE00"`, `"😀"`},
		"unpaired surrogates":    {`"\u0041\uD800\\ud83d\ud83d\uDE00\udc00"`, `"A\ud800\\ud83d😀\udc00"`},
		"unpaired before a pair": {`"\ud800\ud83d\ude00"`, `"\ud800😀"`},
		"unpaired names":         {`{"\uD801":1,"\ud800":2}`, `{"\ud800":2,"\ud801":1}`},
		"last name wins":         {`{"a":1,"b":2,"\u0061":3}`, `{"a":3,"b":2}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := project.Canonical([]byte(tt.text))
			if err != nil || string(got) != tt.want {
				t.Fatalf("got %s, %v, want %s", got, err, tt.want)
			}
			if again, err := project.Canonical(got); err != nil || string(again) != tt.want {
				t.Errorf("the canonical form of the canonical form is %s, %v", again, err)
			}
		})
	}
}

func TestCanonicalErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"empty":         {"", "at byte 0: unexpected end of the JSON text"},
		"cut":           {`{"a":`, "at byte 5: unexpected end of the JSON text"},
		"trailing data": {`{} x`, "at byte 3: "},
		"two values":    {`1 2`, "at byte 2: unexpected data after the end of the JSON value"},
		"bracket":       {`{"a":1]`, "at byte 6: "},
		"UTF-8":         {"\"a\xff\"", "at byte 2: the text is not valid UTF-8"},
		"byte order":    {"\ufeff{}", "at byte 0: the text begins with a byte order mark"},
		"levels":        {strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001), "at byte 10000: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := project.Canonical([]byte(tt.text))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %s, %v, want an error that begins with %q", got, err, tt.want)
			}
		})
	}
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":null}],"a":"\ud800"}`, `"\ud83d\ude00"`, `[`, `{"\udc00":1e400}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		canonical, err := project.Canonical(text)
		if err != nil {
			return
		}
		again, err := project.Canonical(canonical)
		if err != nil || string(again) != string(canonical) {
			t.Errorf("the canonical form of %s is %s, %v", canonical, again, err)
		}
	})
}
