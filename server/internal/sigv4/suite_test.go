package sigv4_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
)

// Credentials, signing time and scope of the public aws-sig-v4-test-suite.
var (
	suiteCredentials = aws.Credentials{
		AccessKeyID:     "AKIDEXAMPLE",
		SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	}
	suiteTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
)

const (
	suiteRegion  = "us-east-1"
	suiteService = "service"
	suiteToken   = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAqiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)

type suiteCase struct {
	name          string
	method        string // GET if empty
	target        string
	header        string // header lines, without host, date and authorization
	body          string
	token         string
	signedHeaders string // "host;x-amz-date" if empty
	signature     string
}

var suite = []suiteCase{
	{name: "get-vanilla", target: "/", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-vanilla-query", target: "/", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-vanilla-empty-query-key", target: "/?Param1=value1", signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
	{name: "get-vanilla-query-order-key", target: "/?Param1=value2&Param1=Value1", signature: "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
	{name: "get-vanilla-query-order-key-case", target: "/?Param2=value2&Param1=value1", signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	{name: "get-vanilla-query-order-value", target: "/?Param1=value2&Param1=value1", signature: "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
	{name: "get-vanilla-query-unreserved", target: "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
	{name: "get-vanilla-utf8-query", target: "/?ሴ=bar", signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
	{name: "get-unreserved", target: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
	{name: "get-utf8", target: "/ሴ", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
	{name: "get-space", target: "/example space/", signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
	{name: "get-relative", target: "/example/..", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-relative-relative", target: "/example1/example2/../..", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-slash", target: "//", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-slash-dot-slash", target: "/./", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{name: "get-slash-pointless-dot", target: "/./example", signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
	{name: "get-slashes", target: "//example//", signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
	{
		name: "get-header-key-duplicate", target: "/", header: "My-Header1:value2\nMy-Header1:value2\nMy-Header1:value1\n",
		signedHeaders: "host;my-header1;x-amz-date", signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
	},
	{
		// The suite treats the lines as three values. RFC 9112 and net/http treat them as one value with spaces.
		name: "get-header-value-multiline", target: "/", header: "My-Header1:value1\n  value2\n     value3\n",
		signedHeaders: "host;my-header1;x-amz-date", signature: "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd",
	},
	{
		name: "get-header-value-multiline/as-values", target: "/", header: "My-Header1:value1\nMy-Header1:  value2\nMy-Header1:     value3\n",
		signedHeaders: "host;my-header1;x-amz-date", signature: "ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790",
	},
	{
		name: "get-header-value-order", target: "/", header: "My-Header1:value4\nMy-Header1:value1\nMy-Header1:value3\nMy-Header1:value2\n",
		signedHeaders: "host;my-header1;x-amz-date", signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
	},
	{
		name: "get-header-value-trim", target: "/", header: "My-Header1: value1\nMy-Header2: \"a   b   c\"\n",
		signedHeaders: "host;my-header1;my-header2;x-amz-date", signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
	},
	{name: "post-vanilla", method: "POST", target: "/", signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{name: "post-vanilla-query", method: "POST", target: "/?Param1=value1", signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
	{
		name: "post-header-key-case", method: "POST", target: "/", header: "My-Header1:value1\n",
		signedHeaders: "host;my-header1;x-amz-date", signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
	},
	{
		name: "post-header-value-case", method: "POST", target: "/", header: "My-Header1:VALUE1\n",
		signedHeaders: "host;my-header1;x-amz-date", signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
	},
	{name: "post-sts-header-after", method: "POST", target: "/", token: suiteToken, signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{
		name: "post-sts-header-before", method: "POST", target: "/", token: suiteToken,
		signedHeaders: "host;x-amz-date;x-amz-security-token", signature: "32761ca8ef5eae7544a1dedcb51f5dbeb466ce22ec71f8303e7e775d0823a8bd",
	},
	{
		name: "post-x-www-form-urlencoded", method: "POST", target: "/", body: "Param1=value1",
		header:        "Content-Type:application/x-www-form-urlencoded\nContent-Length:13\n",
		signedHeaders: "content-type;host;x-amz-date", signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
	},
	{
		name: "post-x-www-form-urlencoded-parameters", method: "POST", target: "/", body: "Param1=value1",
		header:        "Content-Type:application/x-www-form-urlencoded; charset=utf8\nContent-Length:13\n",
		signedHeaders: "content-type;host;x-amz-date", signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
	},
}

func (c suiteCase) credentials() aws.Credentials {
	credentials := suiteCredentials
	credentials.SessionToken = c.token
	return credentials
}

func (c suiteCase) verifier() *sigv4.Verifier {
	return &sigv4.Verifier{
		Region:  suiteRegion,
		Service: suiteService,
		Keys:    sigv4.NewKeys(c.credentials()),
		Now:     func() time.Time { return suiteTime },
	}
}

// request returns the request of the test case as a server receives it.
func (c suiteCase) request(t *testing.T, header string) *http.Request {
	t.Helper()
	method := c.method
	if method == "" {
		method = http.MethodGet
	}
	text := method + " / HTTP/1.1\nHost:example.amazonaws.com\n" + c.header + header + "\n"
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n") + c.body)))
	if err != nil {
		t.Fatal(err)
	}
	r.RequestURI = c.target // http.ReadRequest would reject a space in it
	return r
}

func TestSuite(t *testing.T) {
	t.Parallel()
	for _, tc := range suite {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			signedHeaders := tc.signedHeaders
			if signedHeaders == "" {
				signedHeaders = "host;x-amz-date"
			}
			header := "X-Amz-Date:20150830T123600Z\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " +
				"SignedHeaders=" + signedHeaders + ", Signature=" + tc.signature + "\n"
			if tc.token != "" {
				header += "X-Amz-Security-Token:" + tc.token + "\n"
			}
			r := tc.request(t, header)
			id, err := verify(tc.verifier(), r, sha256.Sum256([]byte(tc.body)))
			if err != nil {
				t.Fatal(err)
			}
			if want := "AKIDEXAMPLE"; id != want {
				t.Errorf("access key id = %q, want %q", id, want)
			}
		})
	}
}

// TestSuiteWithSDKSigner signs the requests of the suite with the SDK's signer and passes them through net/http.
func TestSuiteWithSDKSigner(t *testing.T) {
	t.Parallel()
	for _, tc := range suite {
		for _, presign := range []bool{false, true} {
			name := tc.name + "/header"
			if presign {
				name = tc.name + "/query"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				path, query, _ := strings.Cut(tc.target, "?")
				r := tc.request(t, "")
				r.RequestURI = ""
				r.URL = &url.URL{Scheme: "https", Host: r.Host, Path: path, RawQuery: query}
				hash := sha256.Sum256([]byte(tc.body))
				payload := hex.EncodeToString(hash[:])

				signer := v4.NewSigner()
				if presign {
					r.URL.RawQuery = strings.TrimPrefix(query+"&X-Amz-Expires=60", "&")
					signed, header, err := signer.PresignHTTP(t.Context(), tc.credentials(), r, payload, suiteService, suiteRegion, suiteTime)
					if err != nil {
						t.Fatal(err)
					}
					if r.URL, err = url.Parse(signed); err != nil {
						t.Fatal(err)
					}
					for name, values := range header {
						r.Header[name] = values
					}
				} else if err := signer.SignHTTP(t.Context(), tc.credentials(), r, payload, suiteService, suiteRegion, suiteTime); err != nil {
					t.Fatal(err)
				}
				if _, err := verify(tc.verifier(), overTheWire(t, r), hash); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// overTheWire writes the request as a client would and reads it back as a server would.
func overTheWire(t testing.TB, r *http.Request) *http.Request {
	t.Helper()
	var wire bytes.Buffer
	if err := r.Write(&wire); err != nil {
		t.Fatal(err)
	}
	received, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatal(err)
	}
	if received.Body, err = bufferBody(received); err != nil {
		t.Fatal(err)
	}
	return received
}

// bufferBody reads the body into memory.
func bufferBody(r *http.Request) (io.ReadCloser, error) {
	body, err := io.ReadAll(r.Body)
	return io.NopCloser(bytes.NewReader(body)), err
}
