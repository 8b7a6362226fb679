package gamesparks_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestDecodingIsLenient checks responses that other implementations of the service may send: the client accepts whatever
// encoding/json accepts.
func TestDecodingIsLenient(t *testing.T) {
	t.Parallel()
	at := func(second, nanosecond int) *time.Time {
		return ptr(time.Date(2022, 1, 1, 0, 0, second, nanosecond, time.UTC))
	}
	section := func(s types.Section) *types.GameConfigurationDetails {
		return &types.GameConfigurationDetails{Sections: map[string]types.Section{"a": s}}
	}
	inSection := func(members string) string { return `{"GameConfiguration":{"Sections":{"a":{` + members + `}}}}` }
	tests := map[string]struct {
		body string
		want *types.GameConfigurationDetails
	}{
		"no body":                        {``, nil},
		"null":                           {`null`, nil},
		"white space":                    {" \r\n\t{} \n", nil},
		"null structure":                 {`{"GameConfiguration":null}`, nil},
		"empty structure":                {`{"GameConfiguration":{}}`, &types.GameConfigurationDetails{}},
		"empty map":                      {`{"GameConfiguration":{"Sections":{}}}`, &types.GameConfigurationDetails{Sections: map[string]types.Section{}}},
		"null map":                       {`{"GameConfiguration":{"Sections":null}}`, &types.GameConfigurationDetails{}},
		"null in a map":                  {`{"GameConfiguration":{"Sections":{"a":null}}}`, &types.GameConfigurationDetails{Sections: map[string]types.Section{}}},
		"null members":                   {inSection(`"Size":null,"Name":null,"Attributes":null`), section(types.Section{Attributes: document.NewLazyDocument(nil)})},
		"unknown members":                {inSection(`"new":{"a":[{"b":null}]},"size":1,"NAME":"n","Size":2`), section(types.Section{Size: 2})},
		"repeated member":                {inSection(`"Name":"x","Name":"y"`), section(types.Section{Name: aws.String("y")})},
		"escapes":                        {inSection(`"\u004e\u0061me":"\"\\\/\b\f\n\r\t\u00e9\ud83c\udfae"`), section(types.Section{Name: aws.String("\"\\/\b\f\n\r\té🎮")})},
		"unpaired surrogate":             {inSection(`"Name":"x\ud800y\udc00"`), section(types.Section{Name: aws.String("x\ufffdy\ufffd")})},
		"invalid UTF-8":                  {inSection("\"Name\":\"x\xffy\""), section(types.Section{Name: aws.String("x\ufffdy")})},
		"escape and invalid UTF-8":       {inSection("\"Name\":\"\\n\xff\""), section(types.Section{Name: aws.String("\n\ufffd")})},
		"repeated name in document":      {inSection(`"Attributes":{"k":1,"k":2}`), section(types.Section{Attributes: document.NewLazyDocument(map[string]int{"k": 2})})},
		"unpaired surrogate in document": {inSection(`"Attributes":"\ud800"`), section(types.Section{Attributes: document.NewLazyDocument("\ufffd")})},
		"time":                           {`{"GameConfiguration":{"Created":"2022-01-01T00:00:00Z"}}`, &types.GameConfigurationDetails{Created: at(0, 0)}},
		"time at an offset":              {`{"GameConfiguration":{"Created":"2021-12-31T19:30:00-04:30"}}`, &types.GameConfigurationDetails{Created: at(0, 0)}},
		"time without zone":              {`{"GameConfiguration":{"Created":"2022-01-01T00:00:00"}}`, &types.GameConfigurationDetails{Created: at(0, 0)}},
		"time, milliseconds":             {`{"GameConfiguration":{"Created":"2022-01-01T00:00:01.5Z"}}`, &types.GameConfigurationDetails{Created: at(1, 500000000)}},
		"time, nanoseconds":              {`{"GameConfiguration":{"Created":"2022-01-01T00:00:01.000000001Z"}}`, &types.GameConfigurationDetails{Created: at(1, 1)}},
		"unknown enum":                   {`{"GameConfiguration":{"State":"NEW"}}`, &types.GameConfigurationDetails{}},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{answers: []answer{{body: test.body}}}
			out, err := newClient(r, via).GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: aws.String("g")})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, out.GameConfiguration, values); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDeepDocument checks that a document can be nested as deeply as encoding/json allows.
func TestDeepDocument(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	d := receiveDocument(t, text)
	if got, err := d.MarshalSmithyDocument(); err != nil || string(got) != text {
		t.Errorf("got %d bytes and error %v, want %d bytes", len(got), err, len(text))
	}
	if got, err := sendDocument(t, d); err != nil || got != text {
		t.Errorf("sent %d bytes that differ from the received document (error %v)", len(got), err)
	}
	var v any
	if err := d.UnmarshalSmithyDocument(&v); err != nil {
		t.Error(err)
	}
}

// TestDecodingIsStrict checks that an invalid value causes an error that contains the member's name and the beginning of the
// body.
func TestDecodingIsStrict(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, member string }{
		"fraction":          {`{"GameConfiguration":{"Sections":{"a":{"Size":1.5}}}}`, "Size"},
		"too large":         {`{"GameConfiguration":{"Sections":{"a":{"Size":2147483648}}}}`, "Size"},
		"text as number":    {`{"GameConfiguration":{"Sections":{"a":{"Size":"3"}}}}`, "Size"},
		"number as text":    {`{"GameConfiguration":{"Sections":{"a":{"Name":3}}}}`, "Name"},
		"list as map":       {`{"GameConfiguration":{"Sections":[]}}`, "Sections"},
		"text as structure": {`{"GameConfiguration":"x"}`, "GameConfiguration"},
		"invalid time":      {`{"GameConfiguration":{"Created":"yesterday"}}`, "Created"},
		"empty time":        {`{"GameConfiguration":{"Created":""}}`, "Created"},
		"epoch":             {`{"GameConfiguration":{"Created":1640995200}}`, "Created"},
		"truncated":         {`{"GameConfiguration":{"Created":"2022`, "Created"},
		"too deep":          {`{"GameConfiguration":{"Sections":{"a":{"Attributes":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}}}}`, "Attributes"},
		"list":              {`[]`, ""},
		"second value":      {`{}{}`, ""},
		"trailing text":     {`{}x`, ""},
		"missing bracket":   {`{"GameConfiguration":{}`, ""},
		"missing comma":     {`{"GameConfiguration":{"Sections":{} "Created":null}}`, ""},
		"missing colon":     {`{"GameConfiguration" {}}`, ""},
		"wrong bracket":     {`{"GameConfiguration":{"Sections":{]}}`, ""},
		"leading comma":     {`{,"GameConfiguration":{}}`, ""},
		"trailing comma":    {`{"GameConfiguration":{},}`, ""},
		"comment":           {`{/* x */}`, ""},
		"single quotes":     {`{'GameConfiguration':{}}`, ""},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{answers: []answer{{body: test.body}}}
			out, err := newClient(r, via).GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: aws.String("g")})
			var decoding *smithy.DeserializationError
			if !errors.As(err, &decoding) {
				t.Fatalf("got %+v and error %v, want a DeserializationError", out, err)
			}
			if !strings.Contains(err.Error(), test.member) {
				t.Errorf("error %v does not name %s", err, test.member)
			}
			if !strings.HasPrefix(test.body, string(decoding.Snapshot)) || len(decoding.Snapshot) == 0 {
				t.Errorf("snapshot %q is not the beginning of the body", decoding.Snapshot)
			}
		})
	}
}
