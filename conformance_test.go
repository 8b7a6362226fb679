package gamesparks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
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

// The tables in this file cover Smithy's compliance tests for restJson1 clients, as far as they concern traits that this API
// uses. A name in parentheses is the test's ID in Smithy's suite. TestErrorDecoding covers errors, TestClientToken covers
// idempotency tokens, and TestCustomEndpoint covers a host with a path.

const (
	// reserved contains the reserved characters used in Smithy's escaping tests.
	reserved        = " %:/?#[]@!$&'()*+,;=😹"
	reservedEscaped = "%20%25%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%F0%9F%98%B9"
)

// TestProtocolRequests checks the serialization of inputs.
func TestProtocolRequests(t *testing.T) {
	t.Parallel()
	getGame := func(name string) any { return &gamesparks.GetGameInput{GameName: &name} }
	getConfiguration := func(sections ...string) any {
		return &gamesparks.GetGameConfigurationInput{GameName: aws.String("g"), Sections: sections}
	}
	listGames := func(maxResults *int32, token *string) any {
		return &gamesparks.ListGamesInput{MaxResults: maxResults, NextToken: token}
	}
	updateGame := func(description *string) any {
		return &gamesparks.UpdateGameInput{GameName: aws.String("g"), Description: description}
	}
	tag := func(tags map[string]string) any {
		return &gamesparks.TagResourceInput{ResourceArn: aws.String("arn"), Tags: tags}
	}
	modify := func(m types.SectionModification) any {
		m.Path, m.Section = aws.String("/p"), aws.String("s")
		return &gamesparks.UpdateGameConfigurationInput{GameName: aws.String("g"), Modifications: []types.SectionModification{m}}
	}
	value := func(v any) any {
		return modify(types.SectionModification{Operation: types.OperationAdd, Value: document.NewLazyDocument(v)})
	}
	file := func(data []byte) any {
		return &gamesparks.ImportGameConfigurationInput{
			GameName: aws.String("g"), ImportSource: &types.ImportGameConfigurationSource{File: data},
		}
	}
	added := func(text string) string {
		return `{"Modifications":[{"Operation":"ADD","Path":"/p","Section":"s","Value":` + text + `}]}`
	}

	// The SDK's signer sorts the values of a repeated query parameter.
	tests := map[string]struct {
		operation string
		input     any
		target    string // path and query on the wire
		body      string // compared as text
	}{
		"label: reserved characters (RestJsonHttpRequestLabelEscaping)": {"GetGame", getGame(reserved), "/game/" + reservedEscaped, ""},
		"label: unreserved characters":                                  {"GetGame", getGame("azAZ09-._~"), "/game/azAZ09-._~", ""},
		"label: other ASCII":                                            {"GetGame", getGame("\x00\t\n\x7f\"<>\\^`{|}"), "/game/%00%09%0A%7F%22%3C%3E%5C%5E%60%7B%7C%7D", ""},
		"label: unicode":                                                {"GetGame", getGame("日本é\u2028"), "/game/%E6%97%A5%E6%9C%AC%C3%A9%E2%80%A8", ""},
		"label: percent sign":                                           {"GetGame", getGame("%2F%zz"), "/game/%252F%25zz", ""},
		"label: plus and space":                                         {"GetGame", getGame("a+b c"), "/game/a%2Bb%20c", ""},
		"label: slashes stay in their segment":                          {"GetGame", getGame("/a//b/"), "/game/%2Fa%2F%2Fb%2F", ""},
		"label: one dot":                                                {"GetGame", getGame("."), "/game/.", ""},
		"label: two dots":                                               {"GetGame", getGame(".."), "/game/..", ""},
		"label: dots in a name":                                         {"GetGame", getGame("a..b."), "/game/a..b.", ""},
		"label: value in braces":                                        {"GetStage", &gamesparks.GetStageInput{GameName: aws.String("{StageName}"), StageName: aws.String("{GameName}")}, "/game/%7BStageName%7D/stage/%7BGameName%7D", ""},
		"label: regular expressions (RestJsonToleratesRegexCharsInSegments)": {"GetGame", getGame(`$1.*\b[^a]`), "/game/%241.%2A%5Cb%5B%5Ea%5D", ""},
		"label: invalid UTF-8":         {"GetGame", getGame("\xff\xc3"), "/game/%FF%C3", ""},
		"label: an ARN is one segment": {"ListTagsForResource", &gamesparks.ListTagsForResourceInput{ResourceArn: aws.String(gameARN)}, "/tags/arn%3Aaws%3Agamesparks%3Aus-west-2%3A123456789012%3Agame%2Fspace-race", ""},

		"query: reserved characters (RestJsonQueryStringEscaping)": {"ListGames", listGames(nil, aws.String(reserved)), "/game?NextToken=" + reservedEscaped, ""},
		"query: list (RestJsonAllQueryStringTypes)":                {"GetGameConfiguration", getConfiguration("b", "a", "b", ""), "/game/g/configuration?Sections=&Sections=a&Sections=b&Sections=b", ""},
		"query: list of one":                                       {"GetGameConfiguration", getConfiguration("a,b&c"), "/game/g/configuration?Sections=a%2Cb%26c", ""},
		"query: empty list (RestJsonOmitsEmptyListQueryValues)":    {"GetGameConfiguration", getConfiguration([]string{}...), "/game/g/configuration", ""},
		"query: nil (RestJsonOmitsNullQuery)":                      {"ListGames", listGames(nil, nil), "/game", ""},
		"query: empty string (RestJsonSerializesEmptyQueryValue)":  {"ListGames", listGames(nil, aws.String("")), "/game?NextToken=", ""},
		"query: zero":            {"ListGames", listGames(aws.Int32(0), nil), "/game?MaxResults=0", ""},
		"query: largest number":  {"ListGames", listGames(aws.Int32(math.MaxInt32), nil), "/game?MaxResults=2147483647", ""},
		"query: smallest number": {"ListGames", listGames(aws.Int32(math.MinInt32), nil), "/game?MaxResults=-2147483648", ""},
		"query: empty element of a list, with an escaped path": {"UntagResource", &gamesparks.UntagResourceInput{ResourceArn: aws.String("a/b"), TagKeys: []string{"", "x y"}}, "/tags/a%2Fb?tagKeys=&tagKeys=x%20y", ""},

		"body: none without body members":                                           {"DisconnectPlayer", &gamesparks.DisconnectPlayerInput{GameName: aws.String("g"), StageName: aws.String("s"), PlayerId: aws.String("p")}, "/runtime/game/g/stage/s/player/p/disconnect", ""},
		"body: nil members are absent (RestJsonDoesntSerializeNullStructureValues)": {"UpdateGame", updateGame(nil), "/game/g", `{}`},
		"body: empty string":                                                        {"UpdateGame", updateGame(aws.String("")), "/game/g", `{"Description":""}`},
		"body: escapes":                                                             {"UpdateGame", updateGame(aws.String("\"\\/\b\f\n\r\t\x00\x1f")), "/game/g", `{"Description":"\"\\/\b\f\n\r\t\u0000\u001f"}`},
		"body: unicode":                                                             {"UpdateGame", updateGame(aws.String("日本😹\u2028<&>\x7f")), "/game/g", "{\"Description\":\"日本😹\u2028<&>\x7f\"}"},
		"body: invalid UTF-8":                                                       {"UpdateGame", updateGame(aws.String("a\xffb")), "/game/g", "{\"Description\":\"a\ufffdb\"}"},
		"body: map (RestJsonJsonMaps)":                                              {"TagResource", tag(map[string]string{"b": "", "a": "1", "": "x", "\"": "\\"}), "/tags/arn", `{"tags":{"":"x","\"":"\\","a":"1","b":""}}`},
		"body: empty map":                                                           {"TagResource", tag(map[string]string{}), "/tags/arn", `{"tags":{}}`},
		"body: empty list":                                                          {"UpdateGameConfiguration", &gamesparks.UpdateGameConfigurationInput{GameName: aws.String("g"), Modifications: []types.SectionModification{}}, "/game/g/configuration", `{"Modifications":[]}`},
		"body: list of structures (RestJsonLists)":                                  {"UpdateGameConfiguration", &gamesparks.UpdateGameConfigurationInput{GameName: aws.String("g"), Modifications: []types.SectionModification{{Operation: "REMOVE", Path: aws.String("/1"), Section: aws.String("s")}, {Operation: "REMOVE", Path: aws.String("/2"), Section: aws.String("")}}}, "/game/g/configuration", `{"Modifications":[{"Operation":"REMOVE","Path":"/1","Section":"s"},{"Operation":"REMOVE","Path":"/2","Section":""}]}`},
		"body: unknown enum value":                                                  {"UpdateGameConfiguration", modify(types.SectionModification{Operation: "FUTURE \"X\""}), "/game/g/configuration", `{"Modifications":[{"Operation":"FUTURE \"X\"","Path":"/p","Section":"s"}]}`},
		"body: blob (RestJsonJsonBlobs)":                                            {"ImportGameConfiguration", file([]byte("value")), "/game/g/configuration", `{"ImportSource":{"File":"dmFsdWU="}}`},
		"body: blob, other digits and padding":                                      {"ImportGameConfiguration", file([]byte{0xfb, 0xff, 0xbf, 0x00}), "/game/g/configuration", `{"ImportSource":{"File":"+/+/AA=="}}`},
		"body: empty blob":                                                          {"ImportGameConfiguration", file([]byte{}), "/game/g/configuration", `{"ImportSource":{"File":""}}`},

		"document: object (DocumentTypeInputWithObject)": {"UpdateGameConfiguration", value(map[string]any{"foo": "bar", "n": 1}), "/game/g/configuration", added(`{"foo":"bar","n":1}`)},
		"document: string (DocumentInputWithString)":     {"UpdateGameConfiguration", value("hello"), "/game/g/configuration", added(`"hello"`)},
		"document: number (DocumentInputWithNumber)":     {"UpdateGameConfiguration", value(10), "/game/g/configuration", added(`10`)},
		"document: boolean (DocumentInputWithBoolean)":   {"UpdateGameConfiguration", value(true), "/game/g/configuration", added(`true`)},
		"document: list (DocumentInputWithList)":         {"UpdateGameConfiguration", value([]any{true, "hi", []int{1, 2}, map[string]any{"a": []any{}}}), "/game/g/configuration", added(`[true,"hi",[1,2],{"a":[]}]`)},
		"document: null":                                 {"UpdateGameConfiguration", value(nil), "/game/g/configuration", added(`null`)},
		"document: none":                                 {"UpdateGameConfiguration", modify(types.SectionModification{Operation: types.OperationAdd}), "/game/g/configuration", `{"Modifications":[{"Operation":"ADD","Path":"/p","Section":"s"}]}`},
		"document: received text unchanged":              {"UpdateGameConfiguration", modify(types.SectionModification{Operation: types.OperationAdd, Value: receiveDocument(t, `{"b": 1.0, "a":[ 1e2 ]}`)}), "/game/g/configuration", added(`{"b": 1.0, "a":[ 1e2 ]}`)},
	}
	all := methods()
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{}
			if _, err := all[test.operation].call(t.Context(), newClient(r, via), test.input); err != nil {
				t.Fatal(err)
			}
			sent := r.last(t)
			if diff := cmp.Diff(test.target, sent.URL.RequestURI()); diff != "" {
				t.Errorf("target (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.body, sent.body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			wantType := ""
			if test.body != "" {
				wantType = "application/json"
			}
			if got := sent.Header.Get("Content-Type"); got != wantType {
				t.Errorf("content type is %q, want %q", got, wantType)
			}
			verifySignature(t, sent, signedAs{})
		})
	}
}

// respond calls the operation and answers the request with the given body.
func respond(ctx context.Context, operation, body string, optFns ...func(*gamesparks.Options)) (any, error) {
	client := newClient(&recorder{answers: []answer{{body: body}}}, optFns...)
	return methods()[operation].call(ctx, client, exchanges()[operation].input, once)
}

// TestProtocolResponses checks the deserialization of outputs.
func TestProtocolResponses(t *testing.T) {
	t.Parallel()
	gameOutput := func(g types.GameDetails) any { return &gamesparks.GetGameOutput{Game: &g} }
	named := func(name string) any { return gameOutput(types.GameDetails{Name: &name}) }
	at := func(year int, month time.Month, day, hour, min, sec, nsec int) any {
		created := time.Date(year, month, day, hour, min, sec, nsec, time.UTC)
		return gameOutput(types.GameDetails{Created: &created})
	}
	createdAt := func(text string) string { return `{"Game":{"Created":"` + text + `"}}` }
	listOutput := func(games ...types.GameSummary) any { return &gamesparks.ListGamesOutput{Games: games} }
	section := func(s types.Section) any {
		return &gamesparks.GetSnapshotOutput{Snapshot: &types.SnapshotDetails{Sections: map[string]types.Section{"s": s}}}
	}
	inSection := func(text string) string { return `{"Snapshot":{"Sections":{"s":{` + text + `}}}}` }
	lazy := document.NewLazyDocument

	tests := map[string]struct {
		operation, body string
		output          any
	}{
		"no body (RestJsonHttpEmptyBody)":                  {"GetGame", ``, &gamesparks.GetGameOutput{}},
		"empty object (RestJsonNoInputAndOutputNoPayload)": {"GetGame", `{}`, &gamesparks.GetGameOutput{}},
		"null":                 {"GetGame", `null`, &gamesparks.GetGameOutput{}},
		"white space":          {"GetGame", " \t\r\n{ \"Game\" : { \"Name\"\n:\t\"g\" } } \r\n", named("g")},
		"members in any order": {"GetGame", `{"Game":{"State":"ACTIVE","Name":"g","Arn":"a"}}`, gameOutput(types.GameDetails{Arn: aws.String("a"), Name: aws.String("g"), State: "ACTIVE"})},

		"unknown members (RestJsonIgnoresUnknownMembers)": {"GetGame", `{"x":{"Game":{"Name":"x"}},"y":[[{}],null,-1.5e-9,true],"Game":{"Names":"x","Name":"g","z":null},"":0}`, named("g")},
		"names are case-sensitive":                        {"GetGame", `{"game":{"Name":"x"},"GAME":1,"Game":{"name":"x","Name":"g","NAME":2}}`, named("g")},
		"names with escapes":                              {"GetGame", `{"\u0047ame":{"N\u0061me":"g"}}`, named("g")},
		"unknown member, nested deeply":                   {"GetGame", `{"x":` + nested(5_000) + `,"Game":{"Name":"g"}}`, named("g")},

		"null structure (RestJsonDoesntDeserializeNullStructureValues)": {"GetGame", `{"Game":null}`, &gamesparks.GetGameOutput{}},
		"null members":            {"GetGame", `{"Game":{"Arn":null,"Created":null,"Description":null,"EnableTerminationProtection":null,"LastUpdated":null,"Name":"g","State":null,"Tags":null}}`, named("g")},
		"null list":               {"ListGames", `{"Games":null,"NextToken":null}`, &gamesparks.ListGamesOutput{}},
		"null elements of a list": {"ListGames", `{"Games":[null,{"Name":"g"},null]}`, listOutput(types.GameSummary{Name: aws.String("g")})},
		"null strings in a list":  {"DisconnectPlayer", `{"DisconnectSuccesses":["a",null,"b"]}`, &gamesparks.DisconnectPlayerOutput{DisconnectSuccesses: []string{"a", "b"}}},
		"null values of a map (RestJsonDeserializesDenseSetMapAndSkipsNull)": {"ListTagsForResource", `{"tags":{"a":null,"b":"c","d":null}}`, &gamesparks.ListTagsForResourceOutput{Tags: map[string]string{"b": "c"}}},
		"null structures in a map": {"GetSnapshot", `{"Snapshot":{"Sections":{"a":null,"s":{"Name":"n"}}}}`, section(types.Section{Name: aws.String("n")})},
		"null integer":             {"GetSnapshot", inSection(`"Size":null,"Name":"n"`), section(types.Section{Name: aws.String("n")})},
		"null document":            {"GetSnapshot", inSection(`"Attributes":null`), section(types.Section{Attributes: lazy(nil)})},

		"empty list":          {"ListGames", `{"Games":[]}`, &gamesparks.ListGamesOutput{Games: []types.GameSummary{}}},
		"empty map":           {"ListTagsForResource", `{"tags":{}}`, &gamesparks.ListTagsForResourceOutput{Tags: map[string]string{}}},
		"empty structures":    {"ListGames", `{"Games":[{},{}]}`, listOutput(types.GameSummary{}, types.GameSummary{})},
		"empty key and value": {"ListTagsForResource", `{"tags":{"":""}}`, &gamesparks.ListTagsForResourceOutput{Tags: map[string]string{"": ""}}},

		"duplicate member: last value":       {"GetGame", `{"Game":{"Name":"a","Name":"b"}}`, named("b")},
		"duplicate structure: last value":    {"GetGame", `{"Game":{"Name":"a","Arn":"a"},"Game":{"Name":"b"}}`, named("b")},
		"duplicate list: last value":         {"ListGames", `{"Games":[{},{}],"Games":[{"Name":"g"}]}`, listOutput(types.GameSummary{Name: aws.String("g")})},
		"duplicate key of a map: last value": {"ListTagsForResource", `{"tags":{"a":"1","b":"2","a":"3"}}`, &gamesparks.ListTagsForResourceOutput{Tags: map[string]string{"a": "3", "b": "2"}}},

		"unknown enum value (RestJsonEnum)": {"GetGame", `{"Game":{"State":"HIBERNATING"}}`, gameOutput(types.GameDetails{State: "HIBERNATING"})},
		"empty enum":                        {"GetGame", `{"Game":{"State":""}}`, gameOutput(types.GameDetails{})},
		"boolean":                           {"GetGame", `{"Game":{"EnableTerminationProtection":true}}`, gameOutput(types.GameDetails{EnableTerminationProtection: true})},

		"string: escapes":            {"GetGame", `{"Game":{"Name":"\"\\\/\b\f\n\r\t\u0000\u00e9"}}`, named("\"\\/\b\f\n\r\t\x00é")},
		"string: surrogate pair":     {"GetGame", `{"Game":{"Name":"\ud83d\ude39"}}`, named("😹")},
		"string: lone surrogate":     {"GetGame", `{"Game":{"Name":"a\ud83db"}}`, named("a\ufffdb")},
		"string: unicode":            {"GetGame", "{\"Game\":{\"Name\":\"日本😹\u2028\x7f\"}}", named("日本😹\u2028\x7f")},
		"string: not UTF-8":          {"GetGame", "{\"Game\":{\"Name\":\"a\xffb\"}}", named("a\ufffdb")},
		"string: not UTF-8, escapes": {"GetGame", "{\"Game\":{\"Name\":\"a\xff\\n\"}}", named("a\ufffd\n")},
		"key: not UTF-8":             {"ListTagsForResource", "{\"tags\":{\"a\xff\":\"b\"}}", &gamesparks.ListTagsForResourceOutput{Tags: map[string]string{"a\ufffd": "b"}}},

		"timestamp (RestJsonJsonTimestampsWithDateTimeFormat)":            {"GetGame", createdAt("2014-04-29T18:30:38Z"), at(2014, 4, 29, 18, 30, 38, 0)},
		"timestamp, positive offset (RestJsonDateTimeWithPositiveOffset)": {"GetGame", createdAt("2019-12-17T00:48:18+01:00"), at(2019, 12, 16, 23, 48, 18, 0)},
		"timestamp, negative offset (RestJsonDateTimeWithNegativeOffset)": {"GetGame", createdAt("2019-12-16T22:48:18-01:00"), at(2019, 12, 16, 23, 48, 18, 0)},
		"timestamp, offset of minutes":                                    {"GetGame", createdAt("2022-03-01T12:00:00.5-09:30"), at(2022, 3, 1, 21, 30, 0, 5e8)},
		"timestamp, zero offset":                                          {"GetGame", createdAt("2022-03-01T12:00:00+00:00"), at(2022, 3, 1, 12, 0, 0, 0)},
		"timestamp, fraction (RestJsonDateTimeWithFractionalSeconds)":     {"GetGame", createdAt("2000-01-02T20:34:56.123Z"), at(2000, 1, 2, 20, 34, 56, 123e6)},
		"timestamp, one digit":                                            {"GetGame", createdAt("2022-03-01T12:00:00.1Z"), at(2022, 3, 1, 12, 0, 0, 1e8)},
		"timestamp, nine digits":                                          {"GetGame", createdAt("2022-03-01T12:00:00.123456789Z"), at(2022, 3, 1, 12, 0, 0, 123456789)},
		"timestamp, twenty digits":                                        {"GetGame", createdAt("2022-03-01T12:00:00.12345678901234567890Z"), at(2022, 3, 1, 12, 0, 0, 123456789)},
		"timestamp, leap day":                                             {"GetGame", createdAt("2024-02-29T23:59:59Z"), at(2024, 2, 29, 23, 59, 59, 0)},
		"timestamp, earliest":                                             {"GetGame", createdAt("0001-01-01T00:00:00Z"), at(1, 1, 1, 0, 0, 0, 0)},
		"timestamp, latest":                                               {"GetGame", createdAt("9999-12-31T23:59:59.999Z"), at(9999, 12, 31, 23, 59, 59, 999e6)},

		"integer, largest":  {"GetSnapshot", inSection(`"Size":2147483647`), section(types.Section{Size: math.MaxInt32})},
		"integer, smallest": {"GetSnapshot", inSection(`"Size":-2147483648`), section(types.Section{Size: math.MinInt32})},
		"integer, -0":       {"GetSnapshot", inSection(`"Size":-0`), section(types.Section{})},

		"document: object (DocumentOutput)":         {"GetSnapshot", inSection(`"Attributes":{"foo":"bar"}`), section(types.Section{Attributes: lazy(map[string]any{"foo": "bar"})})},
		"document: string (DocumentOutputString)":   {"GetSnapshot", inSection(`"Attributes":"hello"`), section(types.Section{Attributes: lazy("hello")})},
		"document: number (DocumentOutputNumber)":   {"GetSnapshot", inSection(`"Attributes":10`), section(types.Section{Attributes: lazy(10)})},
		"document: boolean (DocumentOutputBoolean)": {"GetSnapshot", inSection(`"Attributes":false`), section(types.Section{Attributes: lazy(false)})},
		"document: list (DocumentOutputArray)":      {"GetSnapshot", inSection(`"Attributes":[true,false,null,[]]`), section(types.Section{Attributes: lazy([]any{true, false, nil, []any{}})})},
		"document: duplicate key":                   {"GetSnapshot", inSection(`"Attributes":{"a":1,"a":2}`), section(types.Section{Attributes: lazy(map[string]any{"a": 2})})},
		"document: nested deeply":                   {"GetSnapshot", inSection(`"Attributes":` + nested(5_000) + `,"Name":"n"`), section(types.Section{Name: aws.String("n"), Attributes: lazy(deepList(5_000))})},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			got, err := respond(t.Context(), test.operation, test.body, via)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(name, "document: nested deeply") { // cmp.Diff is slow on it
				want, err1 := test.output.(*gamesparks.GetSnapshotOutput).Snapshot.Sections["s"].Attributes.MarshalSmithyDocument()
				text, err2 := got.(*gamesparks.GetSnapshotOutput).Snapshot.Sections["s"].Attributes.MarshalSmithyDocument()
				if err := errors.Join(err1, err2); err != nil || !bytes.Equal(want, text) {
					t.Errorf("the document differs from the expected one (error %v)", err)
				}
				var decoded any
				if err := got.(*gamesparks.GetSnapshotOutput).Snapshot.Sections["s"].Attributes.UnmarshalSmithyDocument(&decoded); err != nil {
					t.Error(err)
				}
				return
			}
			if diff := cmp.Diff(test.output, got, values); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

// nested returns lists nested to the given depth.
func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

func deepList(depth int) any {
	list := []any{}
	for range depth - 1 {
		list = []any{list}
	}
	return list
}

// TestProtocolViolations checks that a response that violates the API model causes a DeserializationError that includes the
// beginning of the body.
func TestProtocolViolations(t *testing.T) {
	t.Parallel()
	created := func(text string) string { return `{"Game":{"Created":` + text + `}}` }
	size := func(text string) string { return `{"Snapshot":{"Sections":{"s":{"Size":` + text + `}}}}` }
	attributes := func(text string) string { return `{"Snapshot":{"Sections":{"s":{"Attributes":` + text + `}}}}` }
	bodies := map[string][2]string{ // operation and body
		"white space only":           {"GetGame", " \n"},
		"text":                       {"GetGame", `OK`},
		"HTML":                       {"GetGame", `<html><body>It works!</body></html>`},
		"XML":                        {"GetGame", `<?xml version="1.0"?><Game/>`},
		"byte order mark":            {"GetGame", "\ufeff{}"},
		"byte order mark later":      {"GetGame", "{}\ufeff"},
		"UTF-16":                     {"GetGame", "{\x00}\x00"},
		"NUL":                        {"GetGame", "{}\x00"},
		"trailing garbage":           {"GetGame", `{"Game":{}}x`},
		"trailing value":             {"GetGame", `{"Game":{}} {"Game":{}}`},
		"trailing brace":             {"GetGame", `{"Game":{}}}`},
		"trailing comma":             {"GetGame", `{"Game":{"Name":"g",}}`},
		"garbage after null":         {"GetGame", `null,`},
		"comma at the end":           {"GetGame", `{},`},
		"leading comma":              {"GetGame", `{,"Game":{}}`},
		"comma missing":              {"GetGame", `{"Game":{} "x":1}`},
		"colon missing":              {"GetGame", `{"Game" {}}`},
		"value missing":              {"GetGame", `{"Game":}`},
		"value missing, unknown":     {"GetGame", `{"x":,"Game":{}}`},
		"mismatched bracket":         {"GetGame", `{"Game":{]}`},
		"name without quotes":        {"GetGame", `{Game:{}}`},
		"single quotes":              {"GetGame", `{'Game':{}}`},
		"number as name":             {"GetGame", `{1:{}}`},
		"comment":                    {"GetGame", `{/* */"Game":{}}`},
		"line break in a string":     {"GetGame", "{\"Game\":{\"Name\":\"a\nb\"}}"},
		"unknown escape":             {"GetGame", `{"Game":{"Name":"\x41"}}`},
		"incomplete escape":          {"GetGame", `{"Game":{"Name":"\u12"}}`},
		"capital True":               {"GetGame", `{"Game":{"EnableTerminationProtection":True}}`},
		"malformed unknown member":   {"GetGame", `{"x":[1,,2],"Game":{}}`},
		"comma in a list":            {"ListGames", `{"Games":[,{}]}`},
		"comma missing in a list":    {"ListGames", `{"Games":[{} {}]}`},
		"nested too deeply":          {"GetGame", `{"x":` + nested(1_000_000) + `}`},
		"document nested too deeply": {"GetSnapshot", attributes(nested(100_000))},
		"brackets without end":       {"GetGame", `{"x":` + strings.Repeat(`[`, 1_000_000)},

		"list for the output":            {"GetGame", `[]`},
		"string for the output":          {"GetGame", `"x"`},
		"number for the output":          {"GetGame", `1`},
		"boolean for the output":         {"GetGame", `true`},
		"list for a structure":           {"GetGame", `{"Game":[]}`},
		"string for a structure":         {"GetGame", `{"Game":"g"}`},
		"number for a string":            {"GetGame", `{"Game":{"Name":1}}`},
		"boolean for a string":           {"GetGame", `{"Game":{"Name":false}}`},
		"object for a string":            {"GetGame", `{"Game":{"Name":{}}}`},
		"list for a string":              {"GetGame", `{"Game":{"Name":["g"]}}`},
		"number for an enum":             {"GetGame", `{"Game":{"State":1}}`},
		"string for a boolean":           {"GetGame", `{"Game":{"EnableTerminationProtection":"true"}}`},
		"number for a boolean":           {"GetGame", `{"Game":{"EnableTerminationProtection":1}}`},
		"list for a map":                 {"GetGame", `{"Game":{"Tags":[]}}`},
		"string for a map":               {"GetGame", `{"Game":{"Tags":"a=b"}}`},
		"number for a value of a map":    {"GetGame", `{"Game":{"Tags":{"a":1}}}`},
		"object for a list":              {"ListGames", `{"Games":{}}`},
		"string for a list":              {"ListGames", `{"Games":"g"}`},
		"string for an element":          {"ListGames", `{"Games":["g"]}`},
		"string for an element of a map": {"GetSnapshot", `{"Snapshot":{"Sections":{"s":"x"}}}`},

		"string for an integer":      {"GetSnapshot", size(`"1"`)},
		"boolean for an integer":     {"GetSnapshot", size(`true`)},
		"integer too large":          {"GetSnapshot", size(`2147483648`)},
		"integer too small":          {"GetSnapshot", size(`-2147483649`)},
		"integer far too large":      {"GetSnapshot", size(strings.Repeat("9", 1000))},
		"integer with a fraction":    {"GetSnapshot", size(`1.5`)},
		"integer with an exponent":   {"GetSnapshot", size(`1e400`)},
		"number with a leading zero": {"GetSnapshot", size(`01`)},
		"number with a plus":         {"GetSnapshot", size(`+1`)},
		"number with a bare point":   {"GetSnapshot", size(`1.`)},
		"number without digits":      {"GetSnapshot", size(`-`)},
		"not a number":               {"GetSnapshot", size(`NaN`)},
		"infinity":                   {"GetSnapshot", size(`Infinity`)},
		"hexadecimal number":         {"GetSnapshot", size(`0x10`)},
		"malformed document":         {"GetSnapshot", attributes(`{"a":01}`)},
		"document missing":           {"GetSnapshot", attributes(``)},

		"timestamp, number":            {"GetGame", created(`1646136000`)},
		"timestamp, number as text":    {"GetGame", created(`"1646136000"`)},
		"timestamp, empty":             {"GetGame", created(`""`)},
		"timestamp, HTTP date":         {"GetGame", created(`"Tue, 01 Mar 2022 12:00:00 GMT"`)},
		"timestamp, date only":         {"GetGame", created(`"2022-03-01"`)},
		"timestamp, no such day":       {"GetGame", created(`"2022-02-30T12:00:00Z"`)},
		"timestamp, no such hour":      {"GetGame", created(`"2022-03-01T24:00:00Z"`)},
		"timestamp, no such offset":    {"GetGame", created(`"2022-03-01T12:00:00+25:00"`)},
		"timestamp, offset incomplete": {"GetGame", created(`"2022-03-01T12:00:00+1"`)},
		"timestamp, trailing garbage":  {"GetGame", created(`"2022-03-01T12:00:00Zulu"`)},
		"timestamp, megabytes":         {"GetGame", created(`"` + strings.Repeat("2022", 1<<18) + `"`)},
	}
	for operation, e := range map[string]string{"GetGame": `{"Game":` + gameJSON + `}`, "GetSnapshot": snapshotJSON} {
		for i := range strings.TrimSpace(e) {
			if i > 0 { // an empty body is an output without members
				bodies[operation+" cut at "+string(e[i])+" "+time.Duration(i).String()] = [2]string{operation, e[:i]}
			}
		}
	}
	for name, test := range bodies {
		operation, body := test[0], test[1]
		for path, via := range paths {
			out, err := respond(t.Context(), operation, body, via)
			var malformed *smithy.DeserializationError
			if !errors.As(err, &malformed) {
				t.Errorf("%s, %s: got %+v and error %v, want a DeserializationError", name, path, out, err)
				continue
			}
			if !strings.HasPrefix(body, string(malformed.Snapshot)) || len(malformed.Snapshot) != min(len(body), 1024) {
				t.Errorf("%s, %s: snapshot %q is not the beginning of the body %.80q", name, path, malformed.Snapshot, body)
			}
			if len(err.Error()) > 1000 {
				t.Errorf("%s, %s: error message of %d bytes, want at most 1000: %.200s", name, path, len(err.Error()), err)
			}
		}
	}

	// Check that the helpers return valid responses, so that a test cannot pass because of an unrelated fault.
	for _, body := range []string{created(`"2022-03-01T12:00:00Z"`), size(`1`), attributes(`{"a":0}`)} {
		if !json.Valid([]byte(body)) {
			t.Errorf("%s is not JSON", body)
		}
	}
}
