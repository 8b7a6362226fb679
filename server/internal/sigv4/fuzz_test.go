package sigv4

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

// checkClaim checks the invariants of a claim and its error.
func checkClaim(t *testing.T, c *claim, err error) {
	t.Helper()
	if err != nil {
		var rejected *Error
		if !errors.As(err, &rejected) || rejected.Status < 400 || rejected.Status > 403 || rejected.Message == "" {
			t.Fatalf("invalid error: %#v", err)
		}
		return
	}
	if c == nil {
		return
	}
	for _, part := range []string{c.accessKeyID, c.date, c.region, c.service, c.terminator, c.signature} {
		if part == "" {
			t.Fatalf("the claim has an empty field: %+v", c)
		}
	}
	if c.time.IsZero() && !strings.HasPrefix(c.date, "0001") || c.expiry < 0 || c.expiry > maxExpiry {
		t.Fatalf("the claim has an invalid time or expiry: %+v", c)
	}
}

func FuzzAuthorization(f *testing.F) {
	const valid = "AWS4-HMAC-SHA256 Credential=AKID/20261124/us-east-1/gamesparks/aws4_request, SignedHeaders=host;x-amz-date, Signature=abc"
	for _, seed := range []struct{ authorization, date, token string }{
		{valid, "20261124T000000Z", ""},
		{strings.ReplaceAll(valid, ", ", ","), "Tue, 24 Nov 2026 23:58:30 GMT", "token"},
		{valid + ",", "20261124T000000.5Z", ""},
		{"AWS4-HMAC-SHA256", "", ""},
		{"AWS4-HMAC-SHA256 Credential=////,SignedHeaders=;,Signature==", "99999999T999999Z", "\x00"},
		{"Bearer x", "x", "x"},
	} {
		f.Add(seed.authorization, seed.date, seed.token)
	}
	f.Fuzz(func(t *testing.T, authorization, date, token string) {
		for _, name := range []string{amzDate, headerDate} {
			header := http.Header{headerAuthorization: {authorization}, name: {date}}
			if token != "" {
				header.Set(amzSecurityToken, token)
			}
			c, err := parseClaim(header, nil)
			checkClaim(t, c, err)
			if c == nil && err == nil {
				t.Fatal("the Authorization header was ignored")
			}
			if err != nil {
				continue
			}
			again, err := parseClaim(http.Header{
				headerAuthorization: {algorithm + " Credential=" + c.accessKeyID + "/" + c.scope.String() + ",SignedHeaders=" + strings.Join(c.signedHeaders, ";") + ",Signature=" + c.signature},
				amzDate:             {c.time.Format(timeFormat)},
				amzSecurityToken:    header[amzSecurityToken],
			}, nil)
			if err != nil || !reflect.DeepEqual(again, c) {
				t.Fatalf("round trip: got %+v, %v, want %+v", again, err, c)
			}
		}
	})
}

func FuzzPresignedQuery(f *testing.F) {
	const valid = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20261124%2Fus-east-1%2Fgamesparks%2Faws4_request&" +
		"X-Amz-Date=20261124T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=abc"
	for _, seed := range []string{
		valid, valid + "&X-Amz-Expires=600", valid + "&X-Amz-Expires=99999999999999999999", valid + "&X-Amz-Security-Token=%00",
		valid + "&a=b+c&a=%2B&%=", "X-Amz-Signature=", "a;b", "%zz", "&&&=", "",
	} {
		f.Add(seed)
	}
	verifier := Verifier{Region: "us-east-1", Service: "gamesparks", Keys: NewKeys(), AllowUnsigned: true, Now: func() time.Time {
		return time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	}}
	f.Fuzz(func(t *testing.T, raw string) {
		r := &http.Request{Method: http.MethodGet, RequestURI: "/?" + raw, URL: &url.URL{Path: "/"}, Host: "localhost"}
		if signature, err := verifier.Check(r); err == nil && signature.AccessKeyID != "" {
			t.Fatalf("access key id = %q, but the keyring is empty", signature.AccessKeyID)
		}

		query, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		c, err := parseClaim(nil, query)
		checkClaim(t, c, err)

		canonical := canonicalQuery(query)
		again, err := url.ParseQuery(canonical)
		if err != nil {
			t.Fatal(err)
		}
		if canonicalQuery(again) != canonical {
			t.Fatalf("%q is not canonical", canonical)
		}
		query.Del(amzSignature)
		if again.Encode() == "" != (query.Encode() == "") || len(again) != len(query) {
			t.Fatalf("%q does not have the same parameters as %q", canonical, raw)
		}
	})
}

func FuzzCanonicalPath(f *testing.F) {
	for _, seed := range []string{"/", "", "//a//", "/a/../b/.", "/%2F", "/a b", "*", "http://host/path?x", "http://host", "/x://y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		path, _ := target(&http.Request{RequestURI: uri, URL: &url.URL{Path: "/"}})
		paths := canonicalPaths(path)
		if len(paths) == 0 || len(paths) > 2 {
			t.Fatalf("paths = %q", paths)
		}
		if !strings.HasPrefix(path, "/") {
			if len(paths) != 1 || strings.HasPrefix(paths[0], "/") {
				t.Fatalf("paths of %q: got %q, want one without a leading slash", uri, paths)
			}
			return
		}
		normal := paths[len(paths)-1]
		if !strings.HasPrefix(normal, "/") || strings.Contains(normal, "//") || strings.Contains(normal+"/", "/./") || strings.Contains(normal+"/", "/../") {
			t.Fatalf("%q is not normalized", normal)
		}
	})
}
