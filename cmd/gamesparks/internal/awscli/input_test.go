package awscli_test

import (
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/cmd/gamesparks/internal/awscli"
)

// parameter returns a parameter of an operation.
func parameter(t testing.TB, command, flag string) *awscli.Parameter {
	t.Helper()
	for _, op := range awscli.Operations() {
		for i := range op.Parameters {
			if op.Command == command && op.Parameters[i].Flag == flag {
				return &op.Parameters[i]
			}
		}
	}
	t.Fatalf("%s has no parameter %s", command, flag)
	return nil
}

func TestShorthand(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want, wantErr string }{
		"pairs":                     {"a=1,b=2", `{"a":"1","b":"2"}`, ""},
		"empty value":               {"a=,b=", `{"a":"","b":""}`, ""},
		"equals sign in value":      {"a=b=c", `{"a":"b=c"}`, ""},
		"space":                     {"a = 1 , b= x y ", `{"a":"1","b":"x y"}`, ""},
		"double quotes":             {`a="1, 2",b='3, "4"'`, `{"a":"1, 2","b":"3, \"4\""}`, ""},
		"escaped quotes":            {`a="say \"x\" \\",b='it\'s'`, `{"a":"say \"x\" \\","b":"it's"}`, ""},
		"escaped comma":             {`a=1\,2`, `{"a":"1,2"}`, ""},
		"backslash":                 {`a=C:\x`, `{"a":"C:\\x"}`, ""},
		"key with punctuation":      {"a.b/c:d#e_f-g=1", `{"a.b/c:d#e_f-g":"1"}`, ""},
		"not ASCII":                 {"a=ä\u2028", "{\"a\":\"ä\u2028\"}", ""},
		"no equals sign":            {"a", "", "expected '=', found the end"},
		"no key":                    {"=1", `{"":"1"}`, ""},
		"no pair after the comma":   {"a=1,", "", "expected '=', found the end"},
		"value with a comma":        {"a=1,2", "", "expected '=', found the end"},
		"text after the quote":      {`a="1"2`, "", "expected ',', found \"2\""},
		"open quote":                {`a="1`, "", `the quote " is not closed`},
		"duplicate":                 {"a=1,a=2", "", `second instance of key "a"`},
		"file without a file":       {"a@=x", "", "requires the name of a file"},
		"file that does not exist":  {"a@=file://missing", "", "missing"},
		"JSON":                      {` {"a":"1"} `, `{"a":"1"}`, ""},
		"JSON that is not complete": {`{"a":`, "", "invalid JSON"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := awscli.Input{}
			err := in.Set(parameter(t, "create-game", "tags"), []string{tt.text})
			switch {
			case tt.wantErr != "":
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) || !strings.HasPrefix(err.Error(), "Error parsing parameter '--tags': ") {
					t.Errorf("error = %v, want %q", err, tt.wantErr)
				}
			case err != nil:
				t.Error(err)
			case string(in["Tags"]) != tt.want:
				t.Errorf("got %s, want %s", in["Tags"], tt.want)
			}
		})
	}
}

// FuzzInput checks that no value of a parameter causes a panic, and that a value that is accepted is valid JSON.
func FuzzInput(f *testing.F) {
	for _, text := range []string{"", "a=1,b='2'", `a="1\"`, `{"a":1}`, `["a","b"]`, "[", "5", "file://", "fileb://", "a@=file://", "\xff=\xff", " "} {
		f.Add(text)
	}
	parameters := []*awscli.Parameter{
		parameter(f, "create-game", "tags"), parameter(f, "create-game", "game-name"), parameter(f, "list-games", "max-results"),
		parameter(f, "untag-resource", "tag-keys"), parameter(f, "update-game-configuration", "modifications"),
		parameter(f, "import-game-configuration", "import-source"), parameter(f, "start-generated-code-job", "generator"),
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "file") {
			return // do not read files
		}
		for _, p := range parameters {
			in := awscli.Input{}
			if err := in.Set(p, []string{text}); err == nil && !in[p.Member.MemberName()].IsValid() {
				t.Errorf("--%s %q becomes %q", p.Flag, text, in[p.Member.MemberName()])
			}
		}
		_ = awscli.Input{}.SetJSON("--input-json", []byte(text)) // must not panic
	})
}
