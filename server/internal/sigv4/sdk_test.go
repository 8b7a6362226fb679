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

// fixedClock is the SDK's signer at another time.
type fixedClock struct {
	*v4.Signer
	now time.Time
}

func (s fixedClock) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, payloadHash, service, region string, _ time.Time, optFns ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, c, r, payloadHash, service, region, s.now, optFns...)
}

// sender is an HTTP client that keeps what a server would receive.
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

// newClient returns a client that signs as of the time.
func newClient(s *sender, credentials aws.Credentials, region string, now time.Time, optFns ...func(*gamesparks.Options)) *gamesparks.Client {
	return gamesparks.New(gamesparks.Options{
		Region: region, BaseEndpoint: aws.String("https://example.amazonaws.com"), HTTPClient: s,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return credentials, nil
		}),
		HTTPSignerV4: fixedClock{v4.NewSigner(), now},
	}, optFns...)
}

// throughSDK makes a call whose request middleware replaces by the case's, before it is hashed and signed, and returns
// what a server receives.
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

// others are the cases in which the SDK has another signature than the suite, and why. The service takes both.
var others = map[string]string{
	"get-relative":                          "the path is signed as it is sent",
	"get-relative-relative":                 "the path is signed as it is sent",
	"get-slash":                             "the path is signed as it is sent",
	"get-slash-dot-slash":                   "the path is signed as it is sent",
	"get-slash-pointless-dot":               "the path is signed as it is sent",
	"get-slashes":                           "the path is signed as it is sent",
	"get-utf8":                              "the path is sent with escapes, and signed with those escaped",
	"get-space":                             "the path is sent with escapes, and signed with those escaped",
	"post-sts-header-after":                 "the session token is always signed",
	"post-x-www-form-urlencoded":            "the length is signed too",
	"post-x-www-form-urlencoded-parameters": "the length is signed too",
}

var signatureIn = regexp.MustCompile(`Signature=([0-9a-f]{64})$`)

// TestSuiteThroughSDK runs the suite through a client of the SDK and through the verifier.
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
			if why := others[tc.name]; (match[1] == tc.signature) != (why == "") {
				t.Errorf("signature %s, want that of the suite, %s: %t %s", match[1], tc.signature, why == "", why)
			}
			if _, err := tc.verifier().Verify(r, hash); err != nil {
				t.Error(err)
			}
			requireSignedParts(t, tc.verifier(), r, tc.body)
		})
	}
}

// TestSignedParts signs calls of operations with everything that is signed in them, and changes each byte of it.
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
				if _, err := newVerifier().Verify(s.received, sha256.Sum256(s.body)); err != nil {
					t.Fatal(err)
				}
				requireSignedParts(t, newVerifier(), s.received, string(s.body))
			})
		}
	}
}

// requireSignedParts changes, takes out and puts in each single byte of what is signed in the request, and of its
// Authorization. The verifier has to refuse each change.
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
			if sameToSigV4(name, p.value, changed) {
				continue
			}
			other := r.Clone(r.Context())
			hash := sha256.Sum256([]byte(body))
			if p.set == nil {
				hash = sha256.Sum256([]byte(changed))
			} else {
				p.set(other, changed)
			}
			if _, err := verifier.Verify(other, hash); err == nil {
				accepted++
				t.Errorf("%s is accepted as %q, was %q", name, changed, p.value)
			}
			if accepted > 10 {
				t.FailNow()
			}
		}
	}
}

// oneByteChanges returns the value with each byte changed in some bits, with each byte missing, and with one more byte at
// each place.
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
			// Not bit 5: the digits of an escape are the same in both cases.
			for _, bit := range []byte{1 << 0, 1 << 4, 1 << 7} {
				if !yield(before + string([]byte{after[0] ^ bit}) + after[1:]) {
					return
				}
			}
		}
	}
}

// sameToSigV4 reports whether a change leaves what is signed as it was: clients do not sign empty and dot segments of a
// path, how many spaces are in a row in a header, nor any spaces between the parameters of Authorization. Nor is there
// an HTTP request without a target.
func sameToSigV4(name, was, changed string) bool {
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
