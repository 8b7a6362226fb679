package gamesparks_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// The tests in this file compare the client with botocore, an independent implementation. The version in Debian 12 still
// supports gamesparks.

const (
	// debianPython is the interpreter that imports Debian's botocore. Another python3 in PATH may import a botocore without
	// the gamesparks model.
	debianPython = "/usr/bin/python3"

	// seed seeds the random inputs and responses, so that runs are reproducible.
	seed = 20211004

	casesPerOperation = 60
)

// intended lists the deliberate differences from botocore. Two more are handled in the comparison of queries and signatures:
// the SDK sorts the values of a repeated query parameter and does not resolve dot segments before signing.
var intended = struct{ results, errors []difference }{
	results: []difference{{
		name: "absent numbers and booleans",
		why:  "Size and EnableTerminationProtection are values, not pointers, as in the official package: an absent member is zero",
		change: func(v any) any {
			return eachMap(v, func(m map[string]any) {
				for _, name := range []string{"Size", "EnableTerminationProtection"} {
					if v := m[name]; v == nil || v == false || v == "0" {
						delete(m, name)
					}
				}
			})
		},
	}, {
		name: "null elements",
		why:  "the model's lists and maps are dense: Smithy's protocol tests require clients to drop nulls in them",
		change: func(v any) any {
			absent := func(v any) bool {
				m, ok := v.(map[string]any)
				return ok && m["$absent"] == true
			}
			switch v := v.(type) {
			case []any:
				return slices.DeleteFunc(v, absent)
			case map[string]any:
				for k, e := range v {
					if absent(e) {
						delete(v, k)
					}
				}
			}
			return v
		},
	}, {
		name: "empty enumeration values",
		why:  "enumerations are strings, not pointers, as in the official package: an absent member is empty",
		change: func(v any) any {
			return eachMap(v, func(m map[string]any) {
				for _, name := range []string{"State", "Status", "ResultCode", "DeploymentAction", "DeploymentState"} {
					if m[name] == "" {
						delete(m, name)
					}
				}
			})
		},
	}},
	errors: []difference{{
		name: "no code",
		why:  "botocore uses the status as the code; the client uses UnknownError, like every client of the Go SDK",
		change: func(v any) any {
			return eachMap(v, func(m map[string]any) {
				if code, _ := m["Code"].(string); len(code) == 3 && strings.Trim(code, "0123456789") == "" || code == "" {
					m["Code"] = "UnknownError"
				}
			})
		},
	}, {
		name: "no message",
		why:  "an unmodeled error without a message has the status as its message",
		change: func(v any) any {
			return eachMap(v, func(m map[string]any) {
				if status, _ := m["Status"].(float64); m["Type"] == "ClientError" && m["Message"] == "" {
					m["Message"] = strings.TrimSpace(fmt.Sprint(status, " ", http.StatusText(int(status))))
				}
			})
		},
	}},
}

// difference is a deliberate difference from botocore. change converts botocore's answer to the answer expected from the
// client.
type difference struct {
	name, why string
	change    func(any) any
}

func eachMap(v any, change func(map[string]any)) any {
	if m, ok := v.(map[string]any); ok {
		change(m)
	}
	return v
}

// apply applies the differences to v and, recursively, to the values it contains.
func apply(differences []difference, v any) any {
	for _, d := range differences {
		v = d.change(v)
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = apply(differences, v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = apply(differences, v[k])
		}
	}
	return v
}

// peer is a process that runs botocore.
type peer struct {
	in  *json.Encoder
	out *bufio.Reader

	// model is botocore's model of the service.
	model json.RawMessage
}

// peerCase is a test case sent to the peer.
type peerCase struct {
	Operation string
	Params    any
	Response  struct {
		Status int
		Header map[string]string
		Body   []byte
	}
	Sent struct {
		Method, URL string
		Header      map[string]string
		Body        []byte
	}
}

// peerAnswer is the peer's answer to a peerCase.
type peerAnswer struct {
	Request       struct{ Method, URL, ContentType, Body string }
	Result        json.RawMessage
	Error         map[string]any
	Failure       string
	Authorization string
}

func startPeer(t *testing.T) *peer {
	t.Helper()
	const install = "apt-get install python3-botocore (Debian 12, version 1.29 or earlier)"
	check := exec.Command(debianPython, "-c",
		`import botocore.session as s; s.Session().get_service_model("gamesparks")`)
	if out, err := check.CombinedOutput(); err != nil {
		t.Skipf("botocore with the gamesparks model is missing: install it with %s: %v\n%s", install, err, out)
	}

	cmd := exec.Command(debianPython, "testdata/botocore_peer.py")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("botocore: %v\n%s", err, stderr.String())
		}
	})
	p := &peer{in: json.NewEncoder(in), out: bufio.NewReader(out)}
	if err := p.in.Encode(map[string]string{
		"Region": testRegion, "AccessKey": testAccessKey, "SecretKey": testSecretKey, "SessionToken": testSessionToken,
	}); err != nil {
		t.Fatal(err)
	}
	p.read(t, &p.model)
	return p
}

// ask sends the question and stores the reply in the value that answer points to.
func (p *peer) ask(t *testing.T, question, answer any) {
	t.Helper()
	if err := p.in.Encode(question); err != nil {
		t.Fatal(err)
	}
	p.read(t, answer)
}

func (p *peer) read(t *testing.T, v any) {
	t.Helper()
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("read from botocore: %v", err)
	}
	if err := json.Unmarshal(line, v); err != nil {
		t.Fatal(err)
	}
}

// TestBotocore compares requests, signatures, results and errors of all operations.
func TestBotocore(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	t.Run("Model", func(t *testing.T) { compareModels(t, p.model) })
	for i, op := range schemas.Operations() {
		t.Run(op.Name, func(t *testing.T) {
			g := generator{rand.New(rand.NewPCG(seed, uint64(i)))}
			t.Logf("seed %d, stream %d", seed, i)
			for n := range casesPerOperation {
				params := g.input(op.Input)
				response := answer{body: string(g.marshal(g.output(op.Output)))}
				path := []string{"direct", "stack"}[n%2]
				if !compare(t, p, paths[path], op, params, response) {
					t.Fatalf("case %d, %s: params %s\nresponse %s", n, path, g.marshal(params), response.body)
				}
			}
		})
	}
	t.Run("Errors", func(t *testing.T) { compareErrors(t, p) })
	t.Run("Endpoints", func(t *testing.T) { compareEndpoints(t, p) })
}

// compare runs one call with both clients and compares the results.
func compare(t *testing.T, p *peer, via func(*gamesparks.Options), op *schemas.APIOperation, params any, a answer) bool {
	t.Helper()
	m := methods()[op.Name]
	input := reflect.New(m.input)
	fill(t, input.Elem(), op.Input, params)

	rec := &recorder{answers: []answer{a}}
	output, err := m.call(t.Context(), newClient(rec, via), input.Interface(), once)
	if len(rec.all()) != 1 {
		t.Errorf("the client sent %d requests, want 1: %v", len(rec.all()), err)
		return false
	}
	sent := rec.last(t)

	c := peerCase{Operation: op.Name, Params: params}
	c.Response.Status = max(a.status, http.StatusOK)
	c.Response.Header = flatten(a.header)
	c.Response.Body = []byte(a.body)
	c.Sent.Method, c.Sent.URL, c.Sent.Body = sent.Method, sent.URL.String(), []byte(sent.body)
	c.Sent.Header = flatten(signedHeaders(sent))
	var want peerAnswer
	p.ask(t, &c, &want)

	ok := true
	diff := func(what string, want, got any, opts ...cmp.Option) {
		t.Helper()
		if d := cmp.Diff(want, got, opts...); d != "" {
			t.Errorf("%s (-botocore +client):\n%s", what, d)
			ok = false
		}
	}
	wantURL, parseErr := url.Parse(want.Request.URL)
	if parseErr != nil {
		t.Fatal(parseErr)
	}
	diff("method", want.Request.Method, sent.Method)
	diff("host", wantURL.Host, sent.URL.Host)
	diff("path", wantURL.EscapedPath(), sent.URL.EscapedPath())
	diff("query", pairs(wantURL.RawQuery), pairs(sent.URL.RawQuery))
	diff("body", parseJSON(t, want.Request.Body), parseJSON(t, sent.body))
	diff("content type", want.Request.ContentType, sent.Header.Get("Content-Type"))
	if !hasDotSegment(sent.URL.Path) {
		diff("authorization", want.Authorization, sent.Header.Get("Authorization"))
	}

	switch {
	case want.Failure != "":
		if err == nil {
			t.Errorf("botocore failed with %s, but the client returned %+v", want.Failure, output)
			return false
		}
	case want.Error != nil:
		diff("error", apply(intended.errors, map[string]any(want.Error)), describeError(err))
	case err != nil:
		t.Errorf("botocore returned %s, but the client failed with %v", want.Result, err)
		return false
	default:
		diff("result", apply(intended.results, parseJSON(t, string(want.Result))),
			apply(intended.results, generic(reflect.ValueOf(output).Elem())))
	}
	return ok
}

// hasDotSegment reports whether a path has dot segments, which botocore's signer resolves. The Go SDK's signer signs the
// path without resolving them.
func hasDotSegment(path string) bool {
	segments := strings.Split(path, "/")
	return slices.Contains(segments, ".") || slices.Contains(segments, "..")
}

func flatten(h http.Header) map[string]string {
	flat := map[string]string{}
	for k, v := range h {
		flat[k] = strings.Join(v, ",")
	}
	return flat
}

// signedHeaders returns the request headers covered by the signature.
func signedHeaders(r *recordedRequest) http.Header {
	signed := http.Header{}
	for name := range strings.SplitSeq(signedHeaderNames(r.Header.Get("Authorization")), ";") {
		switch name {
		case "host": // botocore derives it from the URL
		case "content-length": // net/http adds it when it sends the request
			signed.Set(name, fmt.Sprint(r.ContentLength))
		default:
			signed.Set(name, r.Header.Get(name))
		}
	}
	return signed
}

// pairs returns the escaped parameters of a query in sorted order. The Go SDK's signer sorts all parameters; botocore keeps
// the order of repeated ones.
func pairs(query string) []string {
	if query == "" {
		return nil
	}
	all := strings.Split(query, "&")
	slices.Sort(all)
	return all
}

// parseJSON decodes a JSON text. It returns nil if the text is empty. Numbers become reduced fractions, so that 1e2 equals
// 100.
func parseJSON(t *testing.T, text string) any {
	t.Helper()
	if text == "" {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return normalizeNumbers(v)
}

func normalizeNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		r, ok := new(big.Rat).SetString(v.String())
		if !ok { // the exponent is out of range
			return v.String()
		}
		return r.RatString()
	case []any:
		for i := range v {
			v[i] = normalizeNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = normalizeNumbers(v[k])
		}
	}
	return v
}

// describeError returns those properties of an error that the peer also reports.
func describeError(err error) map[string]any {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return map[string]any{"NotAnAPIError": fmt.Sprint(err)}
	}
	status := 0
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	kind := "ClientError"
	if _, generic := api.(*smithy.GenericAPIError); !generic {
		kind = reflect.TypeOf(api).Elem().Name()
	}
	return map[string]any{
		"Type": kind, "Code": api.ErrorCode(), "Message": api.ErrorMessage(), "RequestID": gamesparks.RequestID(err),
		"Status": float64(status),
	}
}

// compareErrors decodes error responses with both clients, in every known format.
func compareErrors(t *testing.T, p *peer) {
	g := generator{rand.New(rand.NewPCG(seed, 1<<32))}
	headers := []string{
		"", "ResourceNotFoundException", "ValidationException:http://internal.amazon.com/coral/com.amazon.coral.service/",
		"ConflictException:", "SomethingNewException",
	}
	bodies := []string{
		``, `{}`, `{"message":"lower"}`, `{"Message":"upper"}`, `{"message":"lower","Message":"upper"}`,
		`{"Message":"upper","message":"lower"}`, `{"code":"ThrottlingException","message":"m"}`,
		`{"__type":"com.amazonaws.gamesparks#AccessDeniedException","Message":"m"}`,
		`{"__type":"InternalServerException"}`, `{"code":"ConflictException","__type":"x#ValidationException","message":"m"}`,
		`{"__type":"x#ValidationException","code":"ConflictException","message":"m"}`,
		`{"__type":"aws.protocols#ServiceQuotaExceededException","message":"日本 \u0000 <b>","extra":{"a":[1,null]}}`,
	}
	for _, status := range []int{400, 402, 403, 404, 409, 429, 500, 503, 599} {
		for _, header := range headers {
			for _, body := range bodies {
				if status >= 500 && body == "" {
					continue // botocore ignores the headers; TestErrorDecoding covers this case
				}
				a := answer{status: status, body: body, header: http.Header{"X-Amzn-Requestid": {"request-1"}}}
				if header != "" {
					a.header.Set("X-Amzn-ErrorType", header)
				}
				op := schemas.Operations()[g.IntN(len(schemas.Operations()))]
				path := []string{"direct", "stack"}[g.IntN(2)]
				if !compare(t, p, paths[path], op, g.input(op.Input), a) {
					t.Fatalf("%s, %s: status %d, header %q, body %q", op.Name, path, status, header, body)
				}
			}
		}
	}
}

// compareEndpoints compares endpoints and endpoint errors in the partitions that have not changed since that version of
// botocore. It skips dual-stack endpoints in isolated partitions, which are newer.
func compareEndpoints(t *testing.T, p *peer) {
	resolver := gamesparks.NewDefaultEndpointResolverV2()
	both := []bool{false, true}
	for _, region := range []string{
		"us-east-1", "us-west-2", "eu-west-1", "ap-southeast-3", "me-central-1", "af-south-1", "sa-east-1", "ca-central-1", "aws-global",
		"cn-north-1", "cn-northwest-1", "aws-cn-global", "us-gov-west-1", "us-gov-east-1", "aws-us-gov-global",
		"us-iso-east-1", "us-isob-east-1", "moon-base-1", "us-east",
	} {
		for _, endpoint := range []string{"", "https://games.example.com/base"} {
			for _, fips := range both {
				for _, dualStack := range both {
					if dualStack && strings.HasPrefix(region, "us-iso") && endpoint == "" {
						continue
					}
					question := map[string]any{"Region": region, "UseFIPS": fips, "UseDualStack": dualStack}
					params := gamesparks.EndpointParameters{Region: &region, UseFIPS: &fips, UseDualStack: &dualStack}
					if endpoint != "" {
						question["Endpoint"], params.Endpoint = endpoint, &endpoint
					}
					var want struct{ URL, Error string }
					p.ask(t, map[string]any{"Endpoint": question}, &want)
					got, err := resolver.ResolveEndpoint(t.Context(), params)
					switch {
					case want.Error != "":
						if err == nil || err.Error() != "endpoint rule error, "+want.Error {
							t.Errorf("%v: botocore reports %q, the client reports %v", question, want.Error, err)
						}
					case err != nil || got.URI.String() != want.URL:
						t.Errorf("%v: botocore resolves %s, the client resolves %s (error %v)", question, want.URL, got.URI.String(), err)
					}
				}
			}
		}
	}
}

// fill sets v to a value generated for the schema.
func fill(t *testing.T, v reflect.Value, s *smithy.Schema, from any) {
	t.Helper()
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch s.Type() {
	case smithy.ShapeTypeStructure:
		for name, value := range from.(map[string]any) {
			field := v.FieldByName(goName(name))
			if !field.IsValid() {
				t.Fatalf("%v has no member %s", v.Type(), name)
			}
			fill(t, field, s.Member(name), value)
		}
	case smithy.ShapeTypeList:
		items := from.([]any)
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
		for i, item := range items {
			fill(t, v.Index(i), s.ListMember(), item)
		}
	case smithy.ShapeTypeMap:
		v.Set(reflect.MakeMap(v.Type()))
		for key, item := range from.(map[string]any) {
			value := reflect.New(v.Type().Elem()).Elem()
			fill(t, value, s.MapValue(), item)
			v.SetMapIndex(reflect.ValueOf(key), value)
		}
	case smithy.ShapeTypeDocument:
		v.Set(reflect.ValueOf(document.NewLazyDocument(from)))
	case smithy.ShapeTypeBlob:
		v.SetBytes(from.([]byte))
	default:
		v.Set(reflect.ValueOf(from).Convert(v.Type()))
	}
}

// goName returns the Go field name of a member.
func goName(member string) string { return strings.ToUpper(member[:1]) + member[1:] }

// generic converts an output to the format of the peer's results: a decoded JSON value keyed by Go member names.
func generic(v reflect.Value) any {
	switch value := v.Interface().(type) {
	case time.Time:
		return value.UTC().Format("2006-01-02T15:04:05.000000Z")
	case document.Interface:
		return decodeDocument(value)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return generic(v.Elem())
	case reflect.Struct:
		members := map[string]any{}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.Name == "ResultMetadata" {
				continue
			}
			switch value := v.Field(i); value.Kind() {
			case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
				if value.IsNil() {
					continue
				}
				member := generic(value)
				if member == nil {
					continue // a null document, which is an absent member for botocore
				}
				members[field.Name] = member
			default:
				members[field.Name] = generic(value)
			}
		}
		return members
	case reflect.Slice:
		items := []any{}
		for i := range v.Len() {
			items = append(items, generic(v.Index(i)))
		}
		return items
	case reflect.Map:
		entries := map[string]any{}
		for it := v.MapRange(); it.Next(); {
			entries[it.Key().String()] = generic(it.Value())
		}
		return entries
	case reflect.Int32:
		return fmt.Sprint(v.Int())
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	}
	panic(fmt.Sprintf("cannot convert a %v to JSON", v.Type()))
}
