package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// malformedRequest is a request that the restJson1 protocol does not allow.
type malformedRequest struct {
	name         string
	method, path string
	header       http.Header
	body         string
	status       int
	code         string
	message      string // part of the message
}

const (
	importPath = "/game/chess/configuration"
	tagsPath   = "/tags/arn:aws:gamesparks:us-east-1:123456789012:game%2Fchess"
)

func jsonBody(name, method, path, body, message string) malformedRequest {
	return malformedRequest{name, method, path, http.Header{"Content-Type": {"application/json"}}, body, 400, "SerializationException", message}
}

func contentType(name string, values ...string) malformedRequest {
	return malformedRequest{name, "POST", "/game", http.Header{"Content-Type": values}, `{"GameName":"go"}`, 415, "UnsupportedMediaTypeException", "application/json"}
}

func accept(name, method, path string, values ...string) malformedRequest {
	return malformedRequest{name, method, path, http.Header{"Accept": values}, "", 406, "NotAcceptableException", "application/json"}
}

var malformedRequests = []malformedRequest{
	contentType("form, the default of curl", "application/x-www-form-urlencoded"),
	contentType("text, which needs no preflight", "text/plain"),
	contentType("multipart form", "multipart/form-data; boundary=x"),
	contentType("binary", "application/octet-stream"),
	contentType("other JSON type", "application/x-amz-json-1.1"),
	contentType("type with JSON suffix", "application/merge-patch+json"),
	contentType("prefix", "application/json5"),
	contentType("wildcard", "application/*"),
	contentType("two types", "application/json", "text/plain"),
	contentType("list of types", "application/json, text/plain"),
	contentType("other charset", "application/json; charset=utf-16"),
	contentType("malformed type", "application/json; charset"),
	contentType("empty type", ""),
	{"content type of a GET with a body", "GET", "/game", http.Header{"Content-Type": {"text/plain"}}, "x", 415, "UnsupportedMediaTypeException", "text/plain"},

	accept("accepted other type", "GET", "/game", "text/html"),
	accept("several types", "GET", "/game", "text/html, application/xml;q=0.9"),
	accept("several headers", "GET", "/game", "text/html", "image/png"),
	accept("accepted type with JSON suffix", "GET", "/game/chess", "application/hal+json"),
	accept("weight of zero", "GET", "/game", "application/json;q=0"),
	accept("excluded by the more specific range", "GET", "/game", "*/*, application/json;q=0.0"),
	accept("type range of another type", "GET", "/game", "text/*"),
	accept("malformed weight", "GET", "/game", "application/json;q=high"),
	accept("before the body is decoded", "PATCH", "/game/chess", "text/html"),

	jsonBody("null body", "POST", "/game", "null", "the value must not be null"),
	jsonBody("null body with spaces", "PATCH", "/game/chess", " null\n", "the value must not be null"),
	jsonBody("body is a string", "POST", "/game", `"chess"`, "expected object, got string"),
	jsonBody("body is a list", "POST", "/game", `[{"GameName":"go"}]`, "expected object, got array"),
	jsonBody("body is a number", "POST", "/game", "1", "expected object, got number"),
	jsonBody("body is a boolean", "POST", "/game", "true", "expected object, got boolean"),
	jsonBody("spaces only", "POST", "/game", "  ", "request body"),
	jsonBody("two bodies", "POST", "/game", `{"GameName":"go"} {"GameName":"go"}`, "byte 18"),
	jsonBody("truncated", "POST", "/game", `{"GameName":"go"`, "request body"),
	jsonBody("trailing comma", "POST", "/game", `{"GameName":"go",}`, "request body"),
	jsonBody("missing colon", "POST", "/game", `{"GameName" "go"}`, "request body"),
	jsonBody("single quotes", "POST", "/game", `{'GameName':'go'}`, "request body"),
	jsonBody("name without quotes", "POST", "/game", `{GameName:"go"}`, "request body"),
	jsonBody("comment", "POST", "/game", `{"GameName":"go"/**/}`, "request body"),
	jsonBody("line break in a string", "POST", "/game", "{\"GameName\":\"go\n\"}", "request body"),
	jsonBody("unknown escape", "POST", "/game", `{"GameName":"\go"}`, "request body"),
	jsonBody("lone surrogate", "POST", "/game", `{"GameName":"go","Description":"\ud800"}`, "request body"),
	jsonBody("invalid UTF-8", "POST", "/game", "{\"GameName\":\"go\",\"Description\":\"\xc3(\"}", "UTF-8"),
	jsonBody("byte order mark", "POST", "/game", "\xef\xbb\xbf{\"GameName\":\"go\"}", "request body"),
	jsonBody("malformed member that is unknown", "POST", "/game", `{"GameName":"go","Unknown":tru}`, "request body"),

	jsonBody("string is a number", "POST", "/game", `{"GameName":1}`, "GameName: expected string, got number"),
	jsonBody("string is a boolean", "POST", "/game", `{"GameName":true}`, "GameName: expected string, got boolean"),
	jsonBody("string is a list", "POST", "/game", `{"GameName":["go"]}`, "GameName: expected string, got array"),
	jsonBody("string is an object", "POST", "/game", `{"GameName":{}}`, "GameName: expected string, got object"),
	jsonBody("enumeration is a number", "PATCH", importPath, `{"Modifications":[{"Section":"A","Operation":1,"Path":"/a"}]}`, "Modifications[0].Operation: expected string"),

	jsonBody("null in a list", "PATCH", importPath, `{"Modifications":[null]}`, "Modifications[0]: the value must not be null"),
	jsonBody("null after an item of a list", "PATCH", importPath, `{"Modifications":[{"Section":"A","Operation":"ADD","Path":"/a","Value":1},null]}`,
		"Modifications[1]: the value must not be null"),
	jsonBody("list is an object", "PATCH", importPath, `{"Modifications":{"0":{}}}`, "Modifications: expected array, got object"),
	jsonBody("list is an item", "PATCH", importPath, `{"Modifications":"x"}`, "Modifications: expected array, got string"),
	jsonBody("item of a wrong type", "PATCH", importPath, `{"Modifications":[1]}`, "Modifications[0]: expected object, got number"),
	jsonBody("list with a trailing comma", "PATCH", importPath, `{"Modifications":[{},]}`, "request body"),

	jsonBody("null in a map", "POST", "/game", `{"GameName":"go","Tags":{"a":null}}`, `Tags["a"]: the value must not be null`),
	jsonBody("null after an entry of a map", "POST", tagsPath, `{"tags":{"a":"1","b":null}}`, `Tags["b"]: the value must not be null`),
	jsonBody("null in a large map", "POST", tagsPath, `{"tags":{"a":"","b":"","c":"","d":"","e":"","f":"","g":"","h":"","i":"","j":null}}`, `Tags["j"]: the value must not be null`),
	jsonBody("map is a list", "POST", "/game", `{"GameName":"go","Tags":[]}`, "Tags: expected object, got array"),
	jsonBody("value of a wrong type", "POST", "/game", `{"GameName":"go","Tags":{"a":1}}`, `Tags["a"]: expected string, got number`),
	jsonBody("structure is a list", "PUT", importPath, `{"ImportSource":[]}`, "ImportSource: expected object, got array"),
	jsonBody("structure is a string", "PUT", importPath, `{"ImportSource":"x"}`, "ImportSource: expected object, got string"),

	jsonBody("blob is a number", "PUT", importPath, `{"ImportSource":{"File":1}}`, "ImportSource.File: expected string, got number"),
	jsonBody("blob is a list of bytes", "PUT", importPath, `{"ImportSource":{"File":[123,125]}}`, "ImportSource.File: expected string, got array"),
	jsonBody("not base64", "PUT", importPath, `{"ImportSource":{"File":"{}"}}`, "ImportSource.File: the value must be base64"),
	jsonBody("base64 without padding", "PUT", importPath, `{"ImportSource":{"File":"e30"}}`, "padding"),
	jsonBody("base64 with too much padding", "PUT", importPath, `{"ImportSource":{"File":"e30=="}}`, "padding"),
	jsonBody("base64 of URLs", "PUT", importPath, `{"ImportSource":{"File":"_-8="}}`, "base64"),
	jsonBody("base64 with unused bits", "PUT", importPath, `{"ImportSource":{"File":"e31="}}`, "canonical"),
	jsonBody("base64 with line breaks", "PUT", importPath, `{"ImportSource":{"File":"e3\n0="}}`, "line breaks"),
	jsonBody("base64 with spaces", "PUT", importPath, `{"ImportSource":{"File":"e3 0="}}`, "base64"),

	{"integer is text", "GET", "/game?MaxResults=ten", nil, "", 400, "SerializationException", "MaxResults"},
	{"integer with a fraction", "GET", "/game?MaxResults=1.0", nil, "", 400, "SerializationException", "MaxResults"},
	{"integer with an exponent", "GET", "/game?MaxResults=1e1", nil, "", 400, "SerializationException", "MaxResults"},
	{"hexadecimal integer", "GET", "/game?MaxResults=0x1", nil, "", 400, "SerializationException", "MaxResults"},
	{"integer with a unit", "GET", "/game?MaxResults=10ms", nil, "", 400, "SerializationException", "MaxResults"},
	{"integer with a space", "GET", "/game?MaxResults=%2010", nil, "", 400, "SerializationException", "MaxResults"},
	{"integer with digit separators", "GET", "/game?MaxResults=1_0", nil, "", 400, "SerializationException", "MaxResults"},
	{"empty integer", "GET", "/game?MaxResults=", nil, "", 400, "SerializationException", "MaxResults"},
	{"integer out of range", "GET", "/game?MaxResults=2147483648", nil, "", 400, "SerializationException", "MaxResults"},
	{"infinite integer", "GET", "/game?MaxResults=Infinity", nil, "", 400, "SerializationException", "MaxResults"},
	{"invalid UTF-8 in a query", "GET", "/game?NextToken=%ff", nil, "", 400, "SerializationException", "NextToken"},
	{"invalid UTF-8 in a label", "GET", "/game/%c3", nil, "", 400, "SerializationException", "GameName"},
}

// TestMalformedRequests checks that the service refuses malformed requests without any effect.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithAnonymousAccess())
	if got := send(t, srv, "POST", "/game", `{"GameName":"chess"}`); got.status != 200 {
		t.Fatal(got)
	}
	before := send(t, srv, "GET", "/game/chess", "").body
	for _, tc := range malformedRequests {
		t.Run(tc.name, func(t *testing.T) {
			got := sendWith(t, srv, tc.method, tc.path, tc.header, tc.body)
			var body struct{ Message string }
			err := json.Unmarshal([]byte(got.body), &body)
			if err != nil || got.status != tc.status || got.code != tc.code || !strings.Contains(body.Message, tc.message) {
				t.Errorf("got %d %s %s, want %d %s with a message that contains %q", got.status, got.code, got.body, tc.status, tc.code, tc.message)
			}
			if !requestID.MatchString(got.header.Get("X-Amzn-RequestId")) || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("got header %v, want a request id and JSON", got.header)
			}
		})
	}
	if after := send(t, srv, "GET", "/game/chess", "").body; after != before {
		t.Errorf("the game has changed:\n%s\nwant\n%s", after, before)
	}
	if games := send(t, srv, "GET", "/game", "").body; games != `{"Games":[{"Name":"chess","State":"ACTIVE"}]}` {
		t.Errorf("got games %s, want only chess", games)
	}
}

// TestMediaTypes checks that the service accepts these content types and Accept headers.
func TestMediaTypes(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithAnonymousAccess())
	if got := send(t, srv, "POST", "/game", `{"GameName":"chess"}`); got.status != 200 {
		t.Fatal(got)
	}
	for name, tc := range map[string]struct {
		method, path string
		header       http.Header
		body         string
	}{
		"no content type":                   {"PATCH", "/game/chess", nil, "{}"},
		"JSON":                              {"PATCH", "/game/chess", http.Header{"Content-Type": {"application/json"}}, "{}"},
		"JSON in UTF-8":                     {"PATCH", "/game/chess", http.Header{"Content-Type": {"Application/JSON; charset=UTF-8"}}, "{}"},
		"content type without body":         {"POST", "/game/chess/snapshot", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, ""},
		"any type":                          {"GET", "/game", http.Header{"Accept": {"*/*"}}, ""},
		"any application type":              {"GET", "/game", http.Header{"Accept": {"application/*;q=0.1"}}, ""},
		"JSON among others":                 {"GET", "/game", http.Header{"Accept": {"text/html, application/xml;q=0.9, application/json;q=0.001"}}, ""},
		"JSON in another header":            {"GET", "/game", http.Header{"Accept": {"text/html", "application/json"}}, ""},
		"browser":                           {"GET", "/game", http.Header{"Accept": {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}}, ""},
		"more specific range":               {"GET", "/game", http.Header{"Accept": {"*/*;q=0, application/json"}}, ""},
		"empty Accept header":               {"GET", "/game", http.Header{"Accept": {""}}, ""},
		"other type without modeled output": {"DELETE", "/game/none", http.Header{"Accept": {"text/html"}}, ""},
	} {
		if got := sendWith(t, srv, tc.method, tc.path, tc.header, tc.body); got.status != 200 {
			t.Errorf("%s: got %d %s, want status 200", name, got.status, got.body)
		}
	}
}
