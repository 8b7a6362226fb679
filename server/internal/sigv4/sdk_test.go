package sigv4_test

import (
	"context"
	"crypto/sha256"
	"io"
	"iter"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
	"github.com/gamesparks-go/gamesparks/types"
)

// fixedClock wraps the SDK's signer and always signs with the same time.
type fixedClock struct {
	*v4.Signer
	now time.Time
}

func (s fixedClock) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, payloadHash, service, region string, _ time.Time, optFns ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, c, r, payloadHash, service, region, s.now, optFns...)
}

// sender is an HTTP client that records the last request as a server would receive it.
type sender struct {
	t        *testing.T
	received *http.Request
	body     []byte
}

func (s *sender) Do(r *http.Request) (*http.Response, error) {
	s.received = overTheWire(s.t, r)
	var err error
	if s.body, err = io.ReadAll(s.received.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// newClient returns a client that sends requests to s and signs them with the time now.
func newClient(s *sender, credentials aws.Credentials, region string, now time.Time, optFns ...func(*gamesparks.Options)) *gamesparks.Client {
	return gamesparks.New(gamesparks.Options{
		Region: region, BaseEndpoint: aws.String("https://example.amazonaws.com"), HTTPClient: s,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return credentials, nil
		}),
		HTTPSignerV4: fixedClock{v4.NewSigner(), now},
	}, optFns...)
}

// throughSDK makes a call with an SDK client, but substitutes the request of the test case before hashing and signing.
// It returns the request as a server receives it and the SHA-256 of its body.
func (c suiteCase) throughSDK(t *testing.T) (*http.Request, [sha256.Size]byte) {
	t.Helper()
	want := c.request(t, "")
	replace := func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("ReplaceRequest",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				r := in.Request.(*smithyhttp.Request)
				r.Method = want.Method
				r.URL.Path, r.URL.RawQuery, _ = strings.Cut(c.target, "?")
				r.URL.RawPath = ""
				r.Header = want.Header.Clone()
				r.Header.Del("Content-Length")
				r.ContentLength = 0
				if c.body != "" {
					var err error
					if r, err = r.SetStream(strings.NewReader(c.body)); err != nil {
						return middleware.FinalizeOutput{}, middleware.Metadata{}, err
					}
					in.Request = r
				}
				return next.HandleFinalize(ctx, in)
			}), "ComputePayloadHash", middleware.Before)
	}
	s := &sender{t: t}
	client := newClient(s, c.credentials(), suiteRegion, suiteTime, gamesparks.WithSigV4SigningName(suiteService), gamesparks.WithAPIOptions(replace))
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return s.received, sha256.Sum256(s.body)
}

// sdkDifferences lists the cases in which the SDK's signature differs from that of the suite, with the reason. The
// verifier accepts both signatures.
var sdkDifferences = map[string]string{
	"get-relative":                          "the SDK signs the path without normalizing it",
	"get-relative-relative":                 "the SDK signs the path without normalizing it",
	"get-slash":                             "the SDK signs the path without normalizing it",
	"get-slash-dot-slash":                   "the SDK signs the path without normalizing it",
	"get-slash-pointless-dot":               "the SDK signs the path without normalizing it",
	"get-slashes":                           "the SDK signs the path without normalizing it",
	"get-utf8":                              "the SDK escapes the path once to send it and twice to sign it",
	"get-space":                             "the SDK escapes the path once to send it and twice to sign it",
	"post-sts-header-after":                 "the SDK always signs the session token",
	"post-x-www-form-urlencoded":            "the SDK also signs the content length",
	"post-x-www-form-urlencoded-parameters": "the SDK also signs the content length",
}

var signatureIn = regexp.MustCompile(`Signature=([0-9a-f]{64})$`)

// TestSuiteThroughSDK signs each request of the suite with an SDK client and verifies the result.
func TestSuiteThroughSDK(t *testing.T) {
	t.Parallel()
	for _, tc := range suite {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r, hash := tc.throughSDK(t)
			match := signatureIn.FindStringSubmatch(r.Header.Get("Authorization"))
			if match == nil {
				t.Fatalf("the request is not signed: %v", r.Header)
			}
			if reason := sdkDifferences[tc.name]; (match[1] == tc.signature) != (reason == "") {
				t.Errorf("got signature %s, suite has %s; expected difference: %q", match[1], tc.signature, reason)
			}
			if _, err := verify(tc.verifier(), r, hash); err != nil {
				t.Error(err)
			}
			requireSignedParts(t, tc.verifier(), r, tc.body)
		})
	}
}

// TestSignedParts makes calls with every kind of signed part and checks that the verifier rejects the request if any
// signed byte is changed.
func TestSignedParts(t *testing.T) {
	t.Parallel()
	calls := map[string]func(ctx context.Context, c *gamesparks.Client) error{
		"GetGame": func(ctx context.Context, c *gamesparks.Client) error {
			_, err := c.GetGame(ctx, &gamesparks.GetGameInput{GameName: aws.String("a/b %日")})
			return err
		},
		"ListSnapshots": func(ctx context.Context, c *gamesparks.Client) error {
			_, err := c.ListSnapshots(ctx, &gamesparks.ListSnapshotsInput{
				GameName: aws.String("game"), MaxResults: aws.Int32(10), NextToken: aws.String("a+b/c=& "),
			})
			return err
		},
		"UntagResource": func(ctx context.Context, c *gamesparks.Client) error {
			_, err := c.UntagResource(ctx, &gamesparks.UntagResourceInput{
				ResourceArn: aws.String("arn:aws:gamesparks:us-east-1:123456789012:game/game"), TagKeys: []string{"b", "a"},
			})
			return err
		},
		"CreateGame": func(ctx context.Context, c *gamesparks.Client) error {
			_, err := c.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String("game"), Description: aws.String("日本")})
			return err
		},
		"ImportGameConfiguration": func(ctx context.Context, c *gamesparks.Client) error {
			_, err := c.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
				GameName: aws.String("game"), ImportSource: &types.ImportGameConfigurationSource{File: []byte("{}\x00\xff")},
			})
			return err
		},
	}
	for name, call := range calls {
		for path, option := range map[string]func(*gamesparks.Options){
			"direct": func(*gamesparks.Options) {},
			"stack":  gamesparks.WithAPIOptions(func(*middleware.Stack) error { return nil }),
		} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				s := &sender{t: t}
				if err := call(t.Context(), newClient(s, session, region, now, option)); err != nil {
					t.Fatal(err)
				}
				if _, err := verify(newVerifier(), s.received, sha256.Sum256(s.body)); err != nil {
					t.Fatal(err)
				}
				requireSignedParts(t, newVerifier(), s.received, string(s.body))
			})
		}
	}
}

// requireSignedParts changes and removes each byte in the signed parts of the request and in its Authorization header,
// and inserts a byte at each position. The verifier must reject each change.
func requireSignedParts(t *testing.T, verifier *sigv4.Verifier, r *http.Request, body string) {
	t.Helper()
	type part struct {
		value string
		set   func(r *http.Request, value string)
	}
	parts := map[string]part{
		"method": {r.Method, func(r *http.Request, value string) { r.Method = value }},
		"target": {r.RequestURI, func(r *http.Request, value string) { r.RequestURI = value }},
		"host":   {r.Host, func(r *http.Request, value string) { r.Host = value }},
		"body":   {body, nil},
	}
	_, signed, _ := strings.Cut(r.Header.Get("Authorization"), "SignedHeaders=")
	signed, _, _ = strings.Cut(signed, ",")
	names := append(strings.Split(signed, ";"), "authorization")
	for _, required := range []string{"host", "x-amz-date"} {
		if !slices.Contains(names, required) {
			t.Errorf("%s is not signed", required)
		}
	}
	for _, name := range names {
		name = http.CanonicalHeaderKey(name)
		for i, value := range r.Header[name] {
			parts[name+" "+string(rune('0'+i))] = part{value, func(r *http.Request, value string) { r.Header[name][i] = value }}
		}
	}
	accepted := 0
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		p := parts[name]
		for changed := range oneByteChanges(p.value) {
			if equivalentToSigV4(name, p.value, changed) {
				continue
			}
			other := r.Clone(r.Context())
			hash := sha256.Sum256([]byte(body))
			if p.set == nil {
				hash = sha256.Sum256([]byte(changed))
			} else {
				p.set(other, changed)
			}
			if _, err := verify(verifier, other, hash); err == nil {
				accepted++
				t.Errorf("%s: %q was accepted in place of %q", name, changed, p.value)
			}
			if accepted > 10 {
				t.FailNow()
			}
		}
	}
}

// oneByteChanges returns copies of the value that differ in one byte. At each position, it inserts a byte, removes the
// byte, or flips one of its bits.
func oneByteChanges(value string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range len(value) + 1 {
			before, after := value[:i], value[i:]
			for _, more := range []string{"x", "0", "/", ".", "\x00"} {
				if !yield(before + more + after) {
					return
				}
			}
			if after == "" {
				return
			}
			if !yield(before + after[1:]) {
				return
			}
			// Skip bit 5: it changes only the case of the hexadecimal digits of an escape.
			for _, bit := range []byte{1 << 0, 1 << 4, 1 << 7} {
				if !yield(before + string([]byte{after[0] ^ bit}) + after[1:]) {
					return
				}
			}
		}
	}
}

// equivalentToSigV4 reports whether a change leaves the signature valid. Clients do not sign empty and dot segments in
// a path, the number of consecutive spaces in a header, or spaces between the parameters of Authorization. An empty
// target is skipped, because no HTTP request has one.
func equivalentToSigV4(name, was, changed string) bool {
	switch name {
	case "method", "host", "body":
		return false
	case "target":
		wasPath, wasQuery, _ := strings.Cut(was, "?")
		changedPath, changedQuery, _ := strings.Cut(changed, "?")
		return changed == "" || wasQuery == changedQuery && path.Clean(wasPath) == path.Clean(changedPath)
	case "Authorization 0":
		return strings.ReplaceAll(was, " ", "") == strings.ReplaceAll(changed, " ", "")
	}
	return slices.Equal(strings.Fields(was), strings.Fields(changed))
}
