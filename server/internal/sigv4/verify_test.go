package sigv4_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
)

const (
	region  = "eu-west-1"
	service = "gamesparks"
)

var (
	now         = time.Date(2026, 11, 24, 23, 58, 30, 0, time.UTC)
	credentials = aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "its/secret"}
	session     = aws.Credentials{
		AccessKeyID: "ASIASESSION", SecretAccessKey: "temporary", SessionToken: "token/+=",
		CanExpire: true, Expires: now.Add(24 * time.Hour),
	}
	expiredSession = aws.Credentials{
		AccessKeyID: "ASIAEXPIRED", SecretAccessKey: "temporary", SessionToken: "token", CanExpire: true, Expires: now,
	}
)

func newVerifier() *sigv4.Verifier {
	return &sigv4.Verifier{
		Region: region, Service: service,
		Keys: sigv4.NewKeys(credentials, session, expiredSession),
		Now:  func() time.Time { return now },
	}
}

// call is a request with its signing parameters.
type call struct {
	method, url string
	header      http.Header
	body        string

	credentials     aws.Credentials
	region, service string
	time            time.Time
	presign         bool
}

func newCall() call {
	return call{
		method: http.MethodPost, url: "http://localhost:8770/game/a%2Fb?MaxResults=1", body: `{"Name":"a"}`,
		header:      http.Header{"Content-Type": {"application/json"}},
		credentials: credentials, region: region, service: service, time: now,
	}
}

// sign signs the request and returns it as the server receives it.
func (c call) sign(t testing.TB) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), c.method, c.url, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = c.header.Clone()
	hash := hashOf(c.body)
	payload := hex.EncodeToString(hash[:])
	if !c.presign {
		if err := v4.NewSigner().SignHTTP(t.Context(), c.credentials, r, payload, c.service, c.region, c.time); err != nil {
			t.Fatal(err)
		}
		return overTheWire(t, r)
	}
	signed, header, err := v4.NewSigner().PresignHTTP(t.Context(), c.credentials, r, payload, c.service, c.region, c.time)
	if err != nil {
		t.Fatal(err)
	}
	if r.URL, err = url.Parse(signed); err != nil {
		t.Fatal(err)
	}
	r.Header = header
	return overTheWire(t, r)
}

func hashOf(body string) [sha256.Size]byte { return sha256.Sum256([]byte(body)) }

func TestAccessKeyID(t *testing.T) {
	t.Parallel()
	for _, presign := range []bool{false, true} {
		for _, tc := range []struct {
			credentials aws.Credentials
			want        string
		}{
			{credentials, "AKIDLOCAL"},
			{session, "ASIASESSION"},
		} {
			c := newCall()
			c.credentials, c.presign = tc.credentials, presign
			got, err := verify(newVerifier(), c.sign(t), hashOf(c.body))
			if err != nil {
				t.Errorf("presign = %v: %v", presign, err)
			}
			if got != tc.want {
				t.Errorf("presign = %v: got access key id %q, want %q", presign, got, tc.want)
			}
		}
	}
}

func TestAllowUnsigned(t *testing.T) {
	t.Parallel()
	r := func() *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/game", nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	verifier := newVerifier()
	_, err := verify(verifier, r(), hashOf(""))
	checkError(t, err, "MissingAuthenticationTokenException", http.StatusForbidden, "curl --aws-sigv4 aws:amz:eu-west-1:gamesparks")

	verifier.AllowUnsigned = true
	if got, err := verify(verifier, r(), hashOf("")); err != nil || got != "" {
		t.Errorf("Verify = %q, %v, want an empty access key id", got, err)
	}
	// If a signature is present, it is verified even if none is required.
	signed := r()
	signed.Header.Set("Authorization", "AWS4-HMAC-SHA256 nonsense")
	_, err = verify(verifier, signed, hashOf(""))
	checkError(t, err, "IncompleteSignatureException", http.StatusBadRequest, "Credential")
}

func checkError(t *testing.T, err error, code string, status int, message string) {
	t.Helper()
	var got *sigv4.Error
	if !errors.As(err, &got) {
		t.Errorf("error = %v, want %s", err, code)
		return
	}
	if got.ErrorCode() != code || got.Status != status || !strings.Contains(got.ErrorMessage(), message) {
		t.Errorf("error = %d %v, want %d %s with a message that contains %q", got.Status, got, status, code, message)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	const (
		unrecognized = "UnrecognizedClientException"
		invalid      = "InvalidSignatureException"
		incomplete   = "IncompleteSignatureException"
		expired      = "ExpiredTokenException"
	)
	// authorization changes one part of the header's value.
	authorization := func(from, to string) func(*http.Request) {
		return func(r *http.Request) {
			value := r.Header.Get("Authorization")
			if !strings.Contains(value, from) {
				panic(from + " is not in " + value)
			}
			r.Header.Set("Authorization", strings.Replace(value, from, to, 1))
		}
	}
	query := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) {
			path, raw, _ := strings.Cut(r.RequestURI, "?")
			query, err := url.ParseQuery(raw)
			if err != nil {
				panic(err)
			}
			query[name] = values
			r.RequestURI = path + "?" + query.Encode()
		}
	}
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	presigned := func(c *call) { c.presign = true }
	presignedFor := func(expires string) func(*call) {
		return func(c *call) {
			c.presign = true
			c.url += "&X-Amz-Expires=" + expires
		}
	}

	for _, tc := range []struct {
		name    string
		sign    func(*call)
		change  func(*http.Request)
		body    string
		code    string
		message string
	}{
		{name: "unknown key", sign: func(c *call) { c.credentials.AccessKeyID = "AKIDOTHER" }, code: unrecognized, message: "is not known to this service or is disabled. Use a key of the service, or add this one to the server: gamesparks-server has --access-key"},
		{name: "wrong secret", sign: func(c *call) { c.credentials.SecretAccessKey = "other" }, code: invalid, message: "does not match"},
		{name: "changed body", body: `{"Name":"b"}`, code: invalid, message: "does not match"},
		{name: "changed header", change: header("Content-Type", "text/plain"), code: invalid, message: "does not match"},
		{name: "missing header", change: header("Content-Type"), code: invalid, message: `"content-type" is missing`},
		{name: "wrong region", sign: func(c *call) { c.region = "us-east-1" }, code: invalid, message: "region"},
		{name: "wrong service", sign: func(c *call) { c.service = "s3" }, code: invalid, message: "service"},
		{name: "scope of another day", change: authorization("/20261124/", "/20261123/"), code: invalid, message: "date"},
		{name: "wrong scope terminator", change: authorization("aws4_request", "aws5_request"), code: invalid, message: "aws5_request"},
		{name: "too late", sign: func(c *call) { c.time = now.Add(-5*time.Minute - time.Second) }, code: invalid, message: "expired"},
		{name: "too early", sign: func(c *call) { c.time = now.Add(5*time.Minute + time.Second) }, code: invalid, message: "not yet current"},
		{name: "token for a long-term key", sign: func(c *call) { c.credentials.SessionToken = "x" }, code: unrecognized, message: "session token"},
		{name: "no token", sign: func(c *call) { c.credentials = session; c.credentials.SessionToken = "" }, code: unrecognized, message: "session token"},
		{name: "wrong token", sign: func(c *call) { c.credentials = session; c.credentials.SessionToken = "x" }, code: unrecognized, message: "session token"},
		{name: "expired token", sign: func(c *call) { c.credentials = expiredSession }, code: expired, message: "expired"},

		{name: "not signed", change: header("Authorization"), code: "MissingAuthenticationTokenException", message: "not signed"},
		{name: "empty header", change: header("Authorization", ""), code: incomplete, message: "Authorization"},
		{name: "two headers", change: header("Authorization", "a", "b"), code: incomplete, message: "more than once"},
		{name: "other scheme", change: header("Authorization", "Bearer abc"), code: incomplete, message: "AWS4-HMAC-SHA256"},
		{name: "other algorithm", change: authorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), code: incomplete, message: "algorithm"},
		{name: "no credential", change: authorization("Credential=", "C="), code: incomplete, message: "Credential is missing"},
		{name: "no signed headers", change: authorization("SignedHeaders=", "S="), code: incomplete, message: "SignedHeaders is missing"},
		{name: "no signature", change: authorization("Signature=", "S="), code: incomplete, message: "Signature is missing"},
		{name: "credential twice", change: authorization("SignedHeaders=", "Credential=x, SignedHeaders="), code: incomplete, message: "more than once"},
		{name: "short credential", change: authorization("/aws4_request", ""), code: incomplete, message: "credential must be"},
		{name: "empty service in credential", change: authorization("gamesparks", ""), code: incomplete, message: "credential must be"},
		{name: "signed headers in upper case", change: authorization("host;", "Host;"), code: incomplete, message: "lower case"},
		{name: "signed headers not sorted", change: authorization("content-type;host;", "host;content-type;"), code: incomplete, message: "sorted"},
		{name: "signed header twice", change: authorization("host;", "host;host;"), code: incomplete, message: "without duplicates"},
		{name: "host not signed", change: authorization("host;", ""), code: invalid, message: "host"},
		{name: "signature in upper case", change: func(r *http.Request) {
			before, signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", before+"Signature="+strings.ToUpper(signature))
		}, code: invalid, message: "does not match"},
		{name: "no date", change: header("X-Amz-Date"), code: incomplete, message: "X-Amz-Date"},
		{name: "two dates", change: header("X-Amz-Date", "20261124T235830Z", "20261124T235830Z"), code: incomplete, message: "more than once"},
		{name: "date in another format", change: header("X-Amz-Date", "2026-11-24T23:58:30Z"), code: incomplete, message: "YYYYMMDDTHHMMSSZ"},
		{name: "date with a fraction", change: header("X-Amz-Date", "20261124T235830.5Z"), code: incomplete, message: "YYYYMMDDTHHMMSSZ"},
		{name: "two tokens", change: header("X-Amz-Security-Token", "a", "b"), code: incomplete, message: "more than once"},
		{name: "malformed query", change: func(r *http.Request) { r.RequestURI += "&x=%zz" }, code: incomplete, message: "query string"},
		{name: "signed twice", sign: presigned, change: header("Authorization", "AWS4-HMAC-SHA256 x"), code: incomplete, message: "both"},

		{name: "presigned/unknown key", sign: func(c *call) { c.presign = true; c.credentials.AccessKeyID = "AKIDOTHER" }, code: unrecognized, message: "is not known to this service or is disabled. Use a key of the service, or add this one to the server: gamesparks-server has --access-key"},
		{name: "presigned/wrong secret", sign: func(c *call) { c.presign = true; c.credentials.SecretAccessKey = "other" }, code: invalid, message: "does not match"},
		{name: "presigned/changed body", sign: presigned, body: "x", code: invalid, message: "does not match"},
		{name: "presigned/no algorithm", sign: presigned, change: query("X-Amz-Algorithm"), code: incomplete, message: "X-Amz-Algorithm is missing"},
		{name: "presigned/other algorithm", sign: presigned, change: query("X-Amz-Algorithm", "x"), code: incomplete, message: "algorithm"},
		{name: "presigned/no credential", sign: presigned, change: query("X-Amz-Credential"), code: incomplete, message: "X-Amz-Credential is missing"},
		{name: "presigned/no signature", sign: presigned, change: query("X-Amz-Signature"), code: incomplete, message: "X-Amz-Signature is missing"},
		{name: "presigned/two signatures", sign: presigned, change: query("X-Amz-Signature", "a", "b"), code: incomplete, message: "more than once"},
		{name: "presigned/no date", sign: presigned, change: query("X-Amz-Date"), code: incomplete, message: "X-Amz-Date is missing"},
		{name: "presigned/two tokens", sign: presigned, change: query("X-Amz-Security-Token", "a", "b"), code: incomplete, message: "more than once"},
		{name: "presigned/two expiries", sign: presignedFor("60"), change: query("X-Amz-Expires", "60", "61"), code: incomplete, message: "more than once"},
		{name: "presigned/changed expiry", sign: presignedFor("60"), change: query("X-Amz-Expires", "61"), code: invalid, message: "does not match"},
		{name: "presigned/over a week", sign: presignedFor("604801"), code: incomplete, message: "X-Amz-Expires"},
		{name: "presigned/negative", sign: presignedFor("-1"), code: incomplete, message: "X-Amz-Expires"},
		{name: "presigned/expiry is not a number", sign: presignedFor("1m"), code: incomplete, message: "X-Amz-Expires"},
		{name: "presigned/expired", sign: func(c *call) { presignedFor("60")(c); c.time = now.Add(-61 * time.Second) }, code: invalid, message: "expired"},
		{name: "presigned/expired by default", sign: func(c *call) { c.presign = true; c.time = now.Add(-301 * time.Second) }, code: invalid, message: "expired"},
		{name: "presigned/too early", sign: func(c *call) { presignedFor("600")(c); c.time = now.Add(301 * time.Second) }, code: invalid, message: "not yet current"},
		{name: "presigned/wrong token", sign: func(c *call) { c.presign = true; c.credentials = session; c.credentials.SessionToken = "x" }, code: unrecognized, message: "session token"},
		{name: "presigned/expired token", sign: func(c *call) { c.presign = true; c.credentials = expiredSession }, code: expired, message: "expired"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCall()
			if tc.sign != nil {
				tc.sign(&c)
			}
			r := c.sign(t)
			if tc.change != nil {
				tc.change(r)
			}
			if tc.body != "" {
				c.body = tc.body
			}
			id, err := verify(newVerifier(), r, hashOf(c.body))
			status := http.StatusForbidden
			if tc.code == incomplete {
				status = http.StatusBadRequest
			}
			checkError(t, err, tc.code, status, tc.message)
			if id != "" {
				t.Errorf("access key id = %q, want none for a rejected request", id)
			}
		})
	}
}

// TestSkewLimit checks that requests at the limits of clock skew and expiry are accepted, whether signed in the header
// or in the query.
func TestSkewLimit(t *testing.T) {
	t.Parallel()
	for _, presign := range []bool{false, true} {
		for _, skew := range []time.Duration{-5 * time.Minute, 0, 5 * time.Minute} {
			c := newCall()
			c.presign, c.time = presign, now.Add(skew)
			if _, err := verify(newVerifier(), c.sign(t), hashOf(c.body)); err != nil {
				t.Errorf("presign = %v, skew %v: %v", presign, skew, err)
			}
		}
	}
	c := newCall()
	c.url += "&X-Amz-Expires=604800"
	c.presign, c.time = true, now.Add(-7*24*time.Hour)
	if _, err := verify(newVerifier(), c.sign(t), hashOf(c.body)); err != nil {
		t.Errorf("presigned URL rejected after exactly one week: %v", err)
	}
}

// TestDateHeader checks that the verifier uses the Date header if X-Amz-Date is missing. The SDK's signer always sets
// X-Amz-Date, so the signatures come from another implementation.
func TestDateHeader(t *testing.T) {
	t.Parallel()
	tc := suiteCase{target: "/"}
	for date, signature := range map[string]string{
		"Sun, 30 Aug 2015 12:36:00 GMT": "1262aceaf1a79c7f0b69fda81cd744572fcbe2e4c23b647b4de183cd5a0f1075",
		"20150830T123600Z":              "b9498f120b174820093a3c726637a11f74f6c8f7c033c4407ddc702fef3705bb",
	} {
		authorization := "Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request," +
			"SignedHeaders=date;host,Signature=" + signature + "\n"
		if _, err := verify(tc.verifier(), tc.request(t, "Date:"+date+"\n"+authorization), hashOf("")); err != nil {
			t.Errorf("%s: %v", date, err)
		}
		later := tc.verifier()
		later.Now = func() time.Time { return suiteTime.Add(time.Hour) }
		_, err := verify(later, tc.request(t, "Date:"+date+"\n"+authorization), hashOf(""))
		checkError(t, err, "InvalidSignatureException", http.StatusForbidden, "expired")
	}
}

var seed = flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the random requests")

// TestRandomRequests signs random requests with the SDK's signer. The verifier must accept each request, and must
// reject it if a signed byte is changed.
func TestRandomRequests(t *testing.T) {
	t.Parallel()
	t.Logf("to reproduce this run: -seed=%d", *seed)
	random := rand.New(rand.NewPCG(*seed, 1))
	for i := range 80 {
		c := randomCall(random)
		r := c.sign(t)
		if _, err := verify(newVerifier(), r, hashOf(c.body)); err != nil {
			t.Fatalf("request %d: %v\n%+v", i, err, c)
		}
		for _, m := range mutations(random, r, c.body) {
			_, err := verify(newVerifier(), m.request, hashOf(m.body))
			var rejected *sigv4.Error
			if !errors.As(err, &rejected) {
				t.Fatalf("request %d with modified %s: error = %v, want a *sigv4.Error\n%+v\n%+v",
					i, m.part, err, c, m.request)
			}
		}
	}
}

func randomCall(random *rand.Rand) call {
	c := newCall()
	c.method = pick(random, "GET", "PUT", "POST", "PATCH", "DELETE")
	c.url = "http://" + pick(random, "localhost:8770", "127.0.0.1", "[::1]:8770", "games.example") + "/"
	for range random.IntN(5) {
		c.url += url.PathEscape(randomText(random)) + pick(random, "/", "/", "//", "")
	}
	query := url.Values{}
	for range random.IntN(4) {
		query.Add(pick(random, "NextToken", "Sections", "tagKeys", "x y", "ä"), randomText(random))
	}
	c.url += "?" + query.Encode()
	if random.IntN(2) == 0 {
		c.body = randomText(random)
	} else {
		c.body = ""
	}
	c.header = http.Header{}
	for range random.IntN(5) {
		name := pick(random, "Content-Type", "X-Amz-Meta-Name", "X-Other", "Accept", "Amz-Sdk-Request", "Content-Md5")
		c.header.Add(name, randomHeaderValue(random))
	}
	if random.IntN(2) == 0 {
		c.credentials = session
	}
	c.time = now.Add(time.Duration(random.IntN(601)-300) * time.Second)
	if c.presign = random.IntN(2) == 0; c.presign {
		c.url += "&X-Amz-Expires=" + strconv.Itoa(300+random.IntN(604501))
	}
	return c
}

func pick(random *rand.Rand, from ...string) string { return from[random.IntN(len(from))] }

// randomText returns a random string that can contain characters with a special meaning in paths and queries.
func randomText(random *rand.Rand) string {
	alphabet := []rune("aZ09-._~ /:+%?#&=;,@!$'()*[]{}<>|\\^`\"äሴ😀")
	text := make([]rune, 1+random.IntN(12))
	for i := range text {
		text[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(text)
}

func randomHeaderValue(random *rand.Rand) string {
	value := ""
	for range random.IntN(4) {
		value += pick(random, "a", "Bc", "1;q=2", "\"x  y\"", ",", "ä") + strings.Repeat(" ", random.IntN(4))
	}
	return strings.TrimSpace(value)
}

type mutation struct {
	part    string // the modified part of the request
	request *http.Request
	body    string
}

// mutations returns copies of the request, each with one signed byte changed or one parameter added or removed.
func mutations(random *rand.Rand, r *http.Request, body string) []mutation {
	var all []mutation
	add := func(part, body string, change func(*http.Request)) {
		changed := r.Clone(r.Context())
		change(changed)
		all = append(all, mutation{part, changed, body})
	}
	keep := func(*http.Request) {}

	add("method", body, func(r *http.Request) { r.Method = changeByte(random, r.Method, random.IntN(len(r.Method))) })
	add("host", body, func(r *http.Request) { r.Host = changeByte(random, r.Host, random.IntN(len(r.Host))) })
	add("longer body", body+"x", keep)
	if body != "" {
		add("body", changeByte(random, body, random.IntN(len(body))), keep)
		add("shorter body", body[1:], keep)
	}
	path, rawQuery, _ := strings.Cut(r.RequestURI, "?")
	for i := 1; i < len(path); i++ {
		add(fmt.Sprintf("path at %d", i), body, func(r *http.Request) { r.RequestURI = changeByte(random, path, i) + "?" + rawQuery })
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		panic(err)
	}
	for name, values := range query {
		for i, value := range values {
			for j := range len(value) {
				changed := maps.Clone(query)
				changed[name] = slices.Clone(values)
				changed[name][i] = changeByte(random, value, j)
				add(fmt.Sprintf("query %s at %d", name, j), body, func(r *http.Request) { r.RequestURI = path + "?" + changed.Encode() })
			}
		}
		changed := maps.Clone(query)
		delete(changed, name)
		add("query without "+name, body, func(r *http.Request) { r.RequestURI = path + "?" + changed.Encode() })
	}
	add("query with another parameter", body, func(r *http.Request) { r.RequestURI = path + "?more=&" + rawQuery })
	signed := strings.Split(query.Get("X-Amz-SignedHeaders"), ";")
	if authorization := r.Header.Get("Authorization"); authorization != "" {
		_, list, _ := strings.Cut(authorization, "SignedHeaders=")
		list, _, _ = strings.Cut(list, ",")
		signed = append(strings.Split(list, ";"), "authorization")
	}
	for name, values := range r.Header {
		if !slices.Contains(signed, strings.ToLower(name)) {
			continue
		}
		for i, value := range values {
			for j := range len(value) {
				if name != "Authorization" && value[j] == ' ' {
					continue // the number of spaces is not signed
				}
				add(fmt.Sprintf("header %s at %d", name, j), body, func(r *http.Request) { r.Header[name][i] = changeByte(random, value, j) })
			}
		}
	}
	return all
}

// changeByte replaces the byte at the index with a different letter or digit.
func changeByte(random *rand.Rand, text string, at int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := alphabet[random.IntN(len(alphabet))]
	for b == text[at] {
		b = alphabet[random.IntN(len(alphabet))]
	}
	return text[:at] + string(b) + text[at+1:]
}

// TestRealServer verifies requests in the handler of a running HTTP server.
func TestRealServer(t *testing.T) {
	t.Parallel()
	verifier := newVerifier()
	verifier.Now = nil
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = verify(verifier, r, sha256.Sum256(body))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
		}
	})
	for _, body := range []string{"", "text"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server+"/tags/arn%3Aaws%2Fx%20y%C3%A4?a=b+c&a=%2B", bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		hash := hashOf(body)
		if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hex.EncodeToString(hash[:]), service, region, time.Now()); err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK {
			t.Errorf("body %q: %s: %s", body, resp.Status, text)
		}
	}
}
