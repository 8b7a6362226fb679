package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	headerAuthorization = "Authorization"
	headerDate          = "Date"

	// The same names are used in headers and in the query.
	amzAlgorithm     = "X-Amz-Algorithm"
	amzCredential    = "X-Amz-Credential"
	amzDate          = "X-Amz-Date"
	amzExpires       = "X-Amz-Expires"
	amzSecurityToken = "X-Amz-Security-Token"
	amzSignature     = "X-Amz-Signature"
	amzSignedHeaders = "X-Amz-SignedHeaders"
)

// claim is the unverified signature of a request, with its parameters.
type claim struct {
	accessKeyID string
	scope
	signedHeaders []string
	signature     string

	time         time.Time
	sessionToken string

	// expiry is how long the signature is valid after time.
	expiry time.Duration
}

// scope is the credential scope, from which the signing key is derived.
type scope struct{ date, region, service, terminator string }

// String returns the scope as it appears in credentials.
func (s scope) String() string {
	return s.date + "/" + s.region + "/" + s.service + "/" + s.terminator
}

// parseClaim returns the claim of a request, or nil if the request is not signed.
func parseClaim(header http.Header, query url.Values) (*claim, error) {
	inHeader := len(header[headerAuthorization]) > 0
	inQuery := query.Has(amzAlgorithm) || query.Has(amzCredential) || query.Has(amzSignature)
	switch {
	case inHeader && inQuery:
		return nil, newError(CodeIncompleteSignature, "The request has a signature both in its header and in its query.")
	case inHeader:
		return parseHeader(header)
	case inQuery:
		return parsePresigned(query)
	}
	return nil, nil
}

func parseHeader(header http.Header) (*claim, error) {
	authorization, err := single("header", headerAuthorization, header[headerAuthorization])
	if err != nil {
		return nil, err
	}
	scheme, parameters, _ := strings.Cut(authorization, " ")
	if err := checkAlgorithm(scheme); err != nil {
		return nil, err
	}
	fields := map[string][]string{}
	for parameter := range strings.SplitSeq(parameters, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		fields[name] = append(fields[name], value)
	}

	c := &claim{expiry: maxSkew}
	if err := c.parse("Authorization parameter", func(name string) (string, []string) { return name, fields[name] }); err != nil {
		return nil, err
	}
	if tokens := header[amzSecurityToken]; len(tokens) > 0 {
		if c.sessionToken, err = single("header", amzSecurityToken, tokens); err != nil {
			return nil, err
		}
	}
	if dates := header[amzDate]; len(dates) > 0 {
		text, err := single("header", amzDate, dates)
		if err != nil {
			return nil, err
		}
		return c, c.parseTime(text)
	}
	text, err := single("header", amzDate+" or "+headerDate, header[headerDate])
	if err != nil {
		return nil, err
	}
	if t, err := http.ParseTime(text); err == nil {
		c.time = t.UTC()
		return c, nil
	}
	return c, c.parseTime(text)
}

func parsePresigned(query url.Values) (*claim, error) {
	get := func(name string) (string, error) { return single("query parameter", name, query[name]) }

	scheme, err := get(amzAlgorithm)
	if err != nil {
		return nil, err
	}
	if err := checkAlgorithm(scheme); err != nil {
		return nil, err
	}
	c := &claim{expiry: maxSkew}
	if err := c.parse("query parameter", func(name string) (string, []string) { return "X-Amz-" + name, query["X-Amz-"+name] }); err != nil {
		return nil, err
	}
	if query.Has(amzSecurityToken) {
		if c.sessionToken, err = get(amzSecurityToken); err != nil {
			return nil, err
		}
	}
	if query.Has(amzExpires) {
		text, err := get(amzExpires)
		if err != nil {
			return nil, err
		}
		seconds, err := strconv.ParseInt(text, 10, 32)
		if c.expiry = time.Duration(seconds) * time.Second; err != nil || c.expiry < 0 || c.expiry > maxExpiry {
			return nil, newError(CodeIncompleteSignature, "The query parameter %s must be a number of seconds from 0 to %d. It is %q.",
				amzExpires, int(maxExpiry.Seconds()), text)
		}
	}
	text, err := get(amzDate)
	if err != nil {
		return nil, err
	}
	return c, c.parseTime(text)
}

// parse reads the three parameters that signed headers and presigned queries have in common. It calls get for the full
// name and the values of each parameter.
func (c *claim) parse(kind string, get func(string) (string, []string)) error {
	values := map[string]string{}
	for _, parameter := range []string{"Credential", "SignedHeaders", "Signature"} {
		name, given := get(parameter)
		value, err := single(kind, name, given)
		if err != nil {
			return err
		}
		values[parameter] = value
	}

	credential := strings.Split(values["Credential"], "/")
	if len(credential) != 5 || slices.Contains(credential, "") {
		return newError(CodeIncompleteSignature, "The credential must be ACCESS_KEY_ID/DATE/REGION/SERVICE/%s. It is %q.",
			terminator, values["Credential"])
	}
	c.accessKeyID = credential[0]
	c.scope = scope{date: credential[1], region: credential[2], service: credential[3], terminator: credential[4]}

	c.signedHeaders = strings.Split(values["SignedHeaders"], ";")
	for i, name := range c.signedHeaders {
		if name != strings.ToLower(name) || i > 0 && name <= c.signedHeaders[i-1] {
			return newError(CodeIncompleteSignature,
				"The signed headers must be in lower case, sorted, without duplicates, and separated by semicolons. They are %q.",
				values["SignedHeaders"])
		}
	}
	if !slices.Contains(c.signedHeaders, "host") {
		return newError(CodeInvalidSignature, "The host header must be signed.")
	}
	c.signature = values["Signature"]
	return nil
}

func checkAlgorithm(name string) error {
	if name != algorithm {
		return newError(CodeIncompleteSignature, "The signing algorithm must be %s.", algorithm)
	}
	return nil
}

// single returns the only value of a header or parameter, or an error if the value is missing, empty or repeated.
func single(kind, name string, values []string) (string, error) {
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "", newError(CodeIncompleteSignature, "The %s %s is missing.", kind, name)
	case len(values) > 1:
		return "", newError(CodeIncompleteSignature, "The %s %s occurs more than once.", kind, name)
	}
	return values[0], nil
}

func (c *claim) parseTime(text string) error {
	t, err := time.Parse(timeFormat, text)
	if err != nil || t.Format(timeFormat) != text { // time.Parse accepts fractional seconds
		return newError(CodeIncompleteSignature, "The date must have the form YYYYMMDDTHHMMSSZ. It is %q.", text)
	}
	c.time = t
	return nil
}

func (c *claim) checkTime(now time.Time) error {
	end := c.time.Add(c.expiry)
	switch {
	case now.After(end):
		err := newError(CodeInvalidSignature, "The signature expired at %s, and the service's time is %s.",
			end.Format(timeFormat), now.UTC().Format(timeFormat))
		err.expired = true
		return err
	case c.time.Sub(now) > maxSkew:
		return newError(CodeInvalidSignature, "The signature is not yet current: its time, %s, is more than %v ahead of the service's time, %s.",
			c.time.Format(timeFormat), maxSkew, now.UTC().Format(timeFormat))
	}
	return nil
}
