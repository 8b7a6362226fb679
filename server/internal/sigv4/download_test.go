package sigv4_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
)

func newServer(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

var downloadCredentials = aws.Credentials{AccessKeyID: "AKIDDOWNLOAD", SecretAccessKey: "the server's secret"}

// presign returns a URL signed at the fixed time now, and a Downloads whose clock is later by the given duration.
func presign(t *testing.T, base string, later time.Duration) (signed string, downloads *sigv4.Downloads) {
	t.Helper()
	u, err := url.Parse(base + "/download/snapshot%2F1?versionId=a+b")
	if err != nil {
		t.Fatal(err)
	}
	at := func(t time.Time) func() time.Time { return func() time.Time { return t } }
	signed, err = sigv4.NewDownloads(downloadCredentials, region, at(now)).Presign(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	return signed, sigv4.NewDownloads(downloadCredentials, region, at(now.Add(later)))
}

func get(t *testing.T, u string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDownload(t *testing.T) {
	t.Parallel()
	for _, later := range []time.Duration{0, sigv4.DownloadExpiry} {
		signed, downloads := presign(t, "http://localhost:8770", later)
		r := get(t, signed)
		r.Header.Set("Range", "bytes=10-")
		if err := downloads.Verify(overTheWire(t, r)); err != nil {
			t.Errorf("after %v: %v", later, err)
		}
		if strings.Contains(signed, downloadCredentials.SecretAccessKey) {
			t.Error("the URL contains the secret access key")
		}
	}
}

func TestDownloadRejected(t *testing.T) {
	t.Parallel()
	replace := func(from, to string) func(*testing.T, string) *http.Request {
		return func(t *testing.T, signed string) *http.Request {
			if !strings.Contains(signed, from) {
				t.Fatalf("%q does not occur in %s", from, signed)
			}
			return get(t, strings.Replace(signed, from, to, 1))
		}
	}
	for _, tc := range []struct {
		name   string
		later  time.Duration
		change func(*testing.T, string) *http.Request
		code   string
		status int
	}{
		{name: "expired", later: 10*time.Minute + time.Second, code: "AccessDenied", status: 403},
		{name: "path", change: replace("snapshot%2F1", "snapshot%2F2"), code: "SignatureDoesNotMatch", status: 403},
		{name: "query", change: replace("a%20b", "a%20c"), code: "SignatureDoesNotMatch", status: 403},
		{name: "host", change: replace("localhost", "localhosu"), code: "SignatureDoesNotMatch", status: 403},
		{name: "expiry", change: replace("X-Amz-Expires=600", "X-Amz-Expires=601"), code: "SignatureDoesNotMatch", status: 403},
		{name: "date", change: replace("X-Amz-Date=20261124T235830Z", "X-Amz-Date=20261124T235831Z"), code: "SignatureDoesNotMatch", status: 403},
		{name: "signature", change: replace("X-Amz-Signature=", "X-Amz-Signature=0"), code: "SignatureDoesNotMatch", status: 403},
		{name: "key", change: replace("AKIDDOWNLOAD", "AKIDOTHER"), code: "InvalidAccessKeyId", status: 403},
		{name: "service", change: replace("gamesparks-download", "gamesparks"), code: "SignatureDoesNotMatch", status: 403},
		{name: "malformed", change: replace("X-Amz-Expires=600", "X-Amz-Expires=ten"), code: "AuthorizationQueryParametersError", status: 400},
		{name: "not signed", change: func(t *testing.T, signed string) *http.Request {
			return get(t, strings.SplitN(signed, "?", 2)[0])
		}, code: "AccessDenied", status: 403},
		{name: "method", change: func(t *testing.T, signed string) *http.Request {
			r := get(t, signed)
			r.Method = http.MethodDelete
			return r
		}, code: "SignatureDoesNotMatch", status: 403},
		{name: "signature of the API", change: func(t *testing.T, _ string) *http.Request {
			c := newCall()
			c.presign, c.credentials = true, downloadCredentials
			r := c.sign(t)
			r.Host = "localhost:8770"
			return r
		}, code: "SignatureDoesNotMatch", status: 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			signed, downloads := presign(t, "http://localhost:8770", tc.later)
			if tc.change == nil {
				tc.change = get
			}
			checkError(t, downloads.Verify(tc.change(t, signed)), tc.code, tc.status, "")
		})
	}
}

// TestDownloadOfOtherServer checks that a download URL is valid only on the server that signed it.
func TestDownloadOfOtherServer(t *testing.T) {
	t.Parallel()
	signed, _ := presign(t, "http://localhost", 0)
	other := downloadCredentials
	other.SecretAccessKey = "another server's"
	downloads := sigv4.NewDownloads(other, region, func() time.Time { return now })
	checkError(t, downloads.Verify(get(t, signed)), "SignatureDoesNotMatch", 403, "")
}

func TestWriteError(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err     *sigv4.Error
		code    string
		status  int
		message string
	}{
		{&sigv4.Error{Code: "AccessDenied", Status: 403, Message: "<expired> & denied"}, "AccessDenied", 403, "<expired> & denied"},
		{&sigv4.Error{Code: "NoSuchKey", Status: 404}, "NoSuchKey", 404, ""},
	} {
		base := newServer(t, func(w http.ResponseWriter, _ *http.Request) { sigv4.WriteError(w, tc.err) })
		resp, err := http.DefaultClient.Do(get(t, base))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			t.Fatal(err)
		}
		var got struct {
			XMLName       xml.Name `xml:"Error"`
			Code, Message string
		}
		if err := xml.Unmarshal(body, &got); err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		if got.Code != tc.code || got.Message != tc.message || resp.StatusCode != tc.status || resp.Header.Get("Content-Type") != "application/xml" {
			t.Errorf("unexpected response: %s %s %+v", resp.Status, resp.Header, got)
		}
	}
}
