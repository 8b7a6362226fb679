package sigv4

import (
	"cmp"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go/encoding/httpbinding"
)

// target returns the path and the query as the client sent them. A handler may have rewritten r.URL.
func target(r *http.Request) (path, query string) {
	uri := r.RequestURI
	if uri == "" {
		return cmp.Or(r.URL.EscapedPath(), "/"), r.URL.RawQuery
	}
	if _, afterScheme, ok := strings.Cut(uri, "://"); ok && !strings.HasPrefix(uri, "/") {
		path, query, _ = strings.Cut(afterScheme[strings.IndexAny(afterScheme+"/", "/?"):], "?")
		return cmp.Or(path, "/"), query
	}
	path, query, _ = strings.Cut(uri, "?")
	return path, query
}

// canonicalPaths returns the forms of the path that clients sign. The Go SDK signs the unmodified path. The Python and
// JavaScript SDKs remove empty and dot segments first, as the specification of AWS requires. A signature is therefore
// valid for several paths. This is harmless: only the clean path can match a route of the service.
func canonicalPaths(sent string) []string {
	if !strings.HasPrefix(sent, "/") {
		return []string{httpbinding.EscapePath(sent, false)} // no client signs this path
	}
	normal := path.Clean(sent)
	if strings.HasSuffix(sent, "/") && normal != "/" {
		normal += "/"
	}
	// The path is already percent-encoded. All services except S3 encode it a second time.
	paths := []string{httpbinding.EscapePath(sent, false)}
	if normal != sent {
		paths = append(paths, httpbinding.EscapePath(normal, false))
	}
	return paths
}

// canonicalQuery returns all parameters except the signature, encoded and sorted.
func canonicalQuery(query url.Values) string {
	var pairs [][2]string
	for name, values := range query {
		if name == amzSignature {
			continue
		}
		for _, value := range values {
			pairs = append(pairs, [2]string{httpbinding.EscapePath(name, true), httpbinding.EscapePath(value, true)})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })

	var text strings.Builder
	for i, pair := range pairs {
		if i > 0 {
			text.WriteByte('&')
		}
		text.WriteString(pair[0] + "=" + pair[1])
	}
	return text.String()
}

// canonicalHeaders returns the named headers, one per line.
func canonicalHeaders(r *http.Request, names []string) (string, error) {
	var text strings.Builder
	for _, name := range names {
		values := headerValues(r, name)
		if len(values) == 0 {
			return "", newError(CodeInvalidSignature, "The signed header %q is missing.", name)
		}
		text.WriteString(name + ":")
		for i, value := range values {
			if i > 0 {
				text.WriteByte(',')
			}
			text.WriteString(collapseSpaces(value))
		}
		text.WriteByte('\n')
	}
	return text.String(), nil
}

// headerValues returns the values of a header whose name is in lower case, including headers that net/http moves to
// other fields of the request.
func headerValues(r *http.Request, name string) []string {
	if name == "host" {
		return []string{r.Host}
	}
	values := r.Header[http.CanonicalHeaderKey(name)]
	if name == "content-length" && len(values) == 0 && r.ContentLength >= 0 {
		return []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	return values
}

// collapseSpaces trims a value and replaces each sequence of spaces with a single space.
func collapseSpaces(value string) string {
	value = strings.TrimSpace(value)
	if !strings.Contains(value, "  ") {
		return value
	}
	words := strings.Split(value, " ")
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " ")
}
