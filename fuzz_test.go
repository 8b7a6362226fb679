package gamesparks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
)

// Each go test run executes the fuzz targets below on their seeds and on testdata/fuzz. CI also fuzzes them for a limited
// time.

// onBothPathsEqual runs the call on both paths and fails the test if the results differ.
func onBothPathsEqual(t *testing.T, call func(via func(*gamesparks.Options)) (any, error)) (any, error) {
	t.Helper()
	direct, directErr := call(paths["direct"])
	stack, stackErr := call(paths["stack"])
	if diff := cmp.Diff(direct, stack, values); diff != "" {
		t.Errorf("outputs (-direct +stack):\n%s", diff)
	}
	if diff := cmp.Diff(errorText(directErr), errorText(stackErr)); diff != "" {
		t.Errorf("errors (-direct +stack):\n%s", diff)
	}
	return direct, directErr
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// FuzzResponse decodes arbitrary bodies as outputs of each operation.
func FuzzResponse(f *testing.F) {
	table := exchanges()
	all := methods()
	names := slices.Sorted(maps.Keys(all))
	for i, name := range names {
		f.Add(uint8(i), []byte(table[name].response))
	}
	f.Fuzz(func(t *testing.T, operation uint8, body []byte) {
		name := names[int(operation)%len(names)]
		out, err := onBothPathsEqual(t, func(via func(*gamesparks.Options)) (any, error) {
			client := newClient(&recorder{answers: []answer{{body: string(body)}}}, via)
			return all[name].call(t.Context(), client, table[name].input, once)
		})
		var malformed *smithy.DeserializationError
		switch {
		case err != nil && !errors.As(err, &malformed):
			t.Errorf("%s: got %v, want a DeserializationError", name, err)
		case err == nil && !all[name].HasOutput():
			// The body is ignored.
		case err == nil && len(body) > 0 && !json.Valid(body):
			t.Errorf("%s: no error for %q, which is not valid JSON", name, body)
		case err == nil:
			requireUTF8(t, name, reflect.ValueOf(out))
		}
	})
}

// requireUTF8 fails the test if a string at any depth is not valid UTF-8.
func requireUTF8(t *testing.T, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if !utf8.ValidString(v.String()) {
			t.Errorf("%s is %q, which is not valid UTF-8", path, v)
		}
	case reflect.Pointer:
		if v.Elem().IsValid() {
			requireUTF8(t, path, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && field.Name != "ResultMetadata" {
				requireUTF8(t, path+"."+field.Name, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			requireUTF8(t, path+"[]", v.Index(i))
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			requireUTF8(t, path+" key", it.Key())
			requireUTF8(t, path+"{}", it.Value())
		}
	}
}

// FuzzErrorResponse decodes error responses. The error must be an APIError with a code and the response's status.
func FuzzErrorResponse(f *testing.F) {
	f.Add(uint16(404), "ResourceNotFoundException", []byte(`{"message":"m"}`))
	f.Add(uint16(400), "", []byte(`{"__type":"com.amazonaws.gamesparks#ValidationException:http://x","Message":"M"}`))
	f.Add(uint16(502), ":#", []byte(`<html>`))
	f.Add(uint16(307), " a#b:c ", []byte(`{"code":1,"message":null,"message":"\ud800"`))
	f.Fuzz(func(t *testing.T, status uint16, header string, body []byte) {
		if status < 300 || status > 999 {
			return
		}
		_, err := onBothPathsEqual(t, func(via func(*gamesparks.Options)) (any, error) {
			a := answer{status: int(status), body: string(body), header: http.Header{"X-Amzn-Errortype": {header}}}
			return newClient(&recorder{answers: []answer{a}}, via, once).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
		})
		var api smithy.APIError
		if !errors.As(err, &api) {
			t.Fatalf("got %v, want an APIError", err)
		}
		if api.ErrorCode() == "" || !utf8.ValidString(api.ErrorMessage()) {
			t.Errorf("got code %q and message %q, want a code", api.ErrorCode(), api.ErrorMessage())
		}
		var response *awshttp.ResponseError
		if !errors.As(err, &response) || response.HTTPStatusCode() != int(status) {
			t.Errorf("got %v, want an error with status %d", err, status)
		}
		for _, is := range predicates {
			is(err)
		}
	})
}

// FuzzDocument receives a document, decodes it and sends it again.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		`null`, `true`, `"a\u00e9\ud83d\ude39\ud800"`, `-0`, `1e400`, `123456789012345678901234567890.5`, `[[],{}]`,
		`{"a":{"b":[1,null,"x"]},"a":2,"":3}`, "\"\xff\"", `{"a":1`, ` [ 1 , 2 ] `, `1 2`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		body := `{"Snapshot":{"Sections":{"s":{"Attributes":` + string(text) + `}}}}`
		out, err := respond(t.Context(), "GetSnapshot", body)
		if !json.Valid([]byte(body)) {
			if err == nil {
				t.Errorf("no error for invalid document %q", text)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if !json.Valid(text) {
			return // the text adds members to the section
		}
		d := out.(*gamesparks.GetSnapshotOutput).Snapshot.Sections["s"].Attributes
		var got any
		if err := d.UnmarshalSmithyDocument(&got); err != nil {
			t.Fatalf("decode %q: %v", text, err)
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var want any
		if err := decoder.Decode(&want); err != nil {
			t.Fatal(err)
		}
		got = numbersAsText(got)
		if diff := cmp.Diff(numbersAsText(want), got); diff != "" {
			t.Errorf("%q (-encoding/json +document):\n%s", text, diff)
		}

		for what, d := range map[string]document.Interface{"unchanged": d, "in a Go value": document.NewLazyDocument([]any{d})} {
			sent, err := sendDocument(t, d)
			if err != nil || !json.Valid([]byte(sent)) {
				t.Errorf("%q, sent %s: got %q (error %v), want valid JSON", text, what, sent, err)
			}
		}
		again := document.NewLazyDocument(got)
		sent, err := sendDocument(t, again)
		if err != nil {
			t.Fatalf("encode %q again: %v", text, err)
		}
		if diff := cmp.Diff(got, numbersAsText(mustDecode(t, sent))); diff != "" {
			t.Errorf("%q, encoded again (-want +got):\n%s", text, diff)
		}
	})
}

func mustDecode(t *testing.T, text string) any {
	t.Helper()
	var v any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// numbersAsText replaces numbers with text, so that number types of different packages compare as equal.
func numbersAsText(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = numbersAsText(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = numbersAsText(v[key])
		}
	case nil, bool, string:
	default:
		return "number " + reflect.ValueOf(v).String()
	}
	return v
}

// hosts lists the suffixes of the service's hosts in all partitions.
var hosts = []string{
	".amazonaws.com", ".api.aws", ".amazonaws.com.cn", ".api.amazonwebservices.com.cn", ".amazonaws.eu",
	".api.amazonwebservices.eu", ".c2s.ic.gov", ".api.aws.ic.gov", ".sc2s.sgov.gov", ".api.aws.scloud",
	".cloud.adc-e.uk", ".api.cloud-aws.adc-e.uk", ".csp.hci.ic.gov", ".api.aws.hci.ic.gov",
}

// FuzzEndpointParameters checks that no region makes either resolver send requests to a foreign host. If a custom endpoint
// is set, requests must go to its host, and the label must be a single path segment.
func FuzzEndpointParameters(f *testing.F) {
	f.Add("us-east-1", "", false, false, "g")
	f.Add("us-iso-east-1", "", true, true, "a/b")
	f.Add("fips-us-gov-west-1", "", true, false, "..")
	f.Add("evil.example.com/", "https://games.example.com/a b/%2F/", false, false, "a/b%2F")
	f.Add("x@evil.example.com#", "http://[::1]:8080", false, true, "?")
	f.Add("", "HTTPS://h", false, false, "日本")
	f.Fuzz(func(t *testing.T, region, endpoint string, fips, dualStack bool, game string) {
		params := gamesparks.EndpointParameters{Region: &region, UseFIPS: &fips, UseDualStack: &dualStack}
		if resolved, err := gamesparks.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), params); err == nil {
			requireHost(t, resolved.URI.String())
		}
		options := gamesparks.EndpointResolverOptions{}
		if fips {
			options.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
		}
		if dualStack {
			options.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
		}
		if legacy, err := gamesparks.NewDefaultEndpointResolver().ResolveEndpoint(region, options); err == nil {
			requireHost(t, legacy.URL)
		}
		if game == "" {
			return
		}

		configure := func(o *gamesparks.Options) {
			o.Region, o.EndpointOptions = region, options
			if endpoint != "" {
				o.BaseEndpoint = &endpoint
			}
		}
		var sent []*recordedRequest
		_, err := onBothPathsEqual(t, func(via func(*gamesparks.Options)) (any, error) {
			r := &recorder{}
			out, err := newClient(r, configure, via).GetGame(context.Background(), &gamesparks.GetGameInput{GameName: &game})
			sent = append(sent, r.all()...)
			return out, err
		})
		if err != nil {
			if len(sent) != 0 {
				t.Errorf("sent %d requests although the call failed with %v", len(sent), err)
			}
			return
		}
		for _, r := range sent {
			if !strings.HasSuffix(r.URL.EscapedPath(), "/game/"+strings.ReplaceAll(url.QueryEscape(game), "+", "%20")) {
				t.Errorf("path %s does not end with the label %q", r.URL.EscapedPath(), game)
			}
			if endpoint == "" {
				requireHost(t, r.URL.String())
				continue
			}
			want, err := url.Parse(endpoint)
			if err != nil || want.Host != r.URL.Host || want.Scheme != r.URL.Scheme || r.URL.User != nil {
				t.Errorf("endpoint %q: request sent to %s (endpoint parse error %v)", endpoint, r.URL, err)
			}
		}
	})
}

// requireHost fails the test if the URL does not belong to the service.
func requireHost(t *testing.T, rawURL string) {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	ours := slices.ContainsFunc(hosts, func(suffix string) bool { return strings.HasSuffix(u.Host, suffix) })
	if u.Scheme != "https" || !strings.HasPrefix(u.Host, "gamesparks") || !ours || u.User != nil {
		t.Errorf("%s is not one of the service's URLs", rawURL)
	}
}
