package conditional_test

import (
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/conditional"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

func TestMatches(t *testing.T) {
	t.Parallel()
	const tag = `"sha256:a,b"`
	tests := map[string]struct {
		values []string
		want   bool
	}{
		"equal":              {[]string{tag}, true},
		"other":              {[]string{`"sha256:a"`}, false},
		"any":                {[]string{" *\t"}, true},
		"weak":               {[]string{"W/" + tag}, false},
		"first of a list":    {[]string{tag + ` , "x"`}, true},
		"last of a list":     {[]string{`"x",W/"y",` + tag}, true},
		"two headers":        {[]string{`"x"`, tag}, true},
		"empty elements":     {[]string{",, " + tag + " ,"}, true},
		"empty tag":          {[]string{`""`}, false},
		"star as a tag":      {[]string{`"*"`}, false},
		"not ASCII":          {[]string{`"é", ` + tag}, true},
		"no space in a list": {[]string{`"x",` + tag}, true},
	}
	for name, test := range tests {
		condition, err := conditional.Parse(test.values...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := condition.Matches(tag); got != test.want {
			t.Errorf("%s: %q matches %s = %t, want %t", name, test.values, tag, got, test.want)
		}
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	for _, values := range [][]string{
		nil, {""}, {" ,"}, {"sha256:a"}, {`"a`}, {`a"`}, {`"a" "b"`}, {`"a"b`}, {`"a b"`}, {"\"a\x7f\""}, {"\"a\nb\""},
		{`*,"a"`}, {`"a",*`}, {"**"}, {`w/"a"`}, {"W/"}, {"*", "*"},
	} {
		if c, err := conditional.Parse(values...); err == nil || c.Matches("") || c.Matches(`"a"`) || !strings.Contains(err.Error(), "want * or a list") {
			t.Errorf("Parse(%q) = %v, %v; want an error and a condition that never matches", values, c, err)
		}
	}
}

func TestSupports(t *testing.T) {
	t.Parallel()
	for _, op := range schemas.Operations() {
		want := op.Name == "UpdateGameConfiguration" || op.Name == "ImportGameConfiguration"
		if got := conditional.Supports(op); got != want {
			t.Errorf("Supports(%s) = %t, want %t", op.Name, got, want)
		}
	}
}
