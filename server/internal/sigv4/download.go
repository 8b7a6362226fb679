package sigv4

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// DownloadExpiry is how long a download URL is valid.
const DownloadExpiry = 10 * time.Minute

const (
	// downloadService differs from the signing name of the API, so that a signature for one is invalid for the other.
	downloadService = "gamesparks-download"

	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// Error codes for download URLs. They are S3 error codes, because the download URLs of the hosted service point to S3.
const (
	CodeAccessDenied          = "AccessDenied"
	CodeInvalidAccessKeyID    = "InvalidAccessKeyId"
	CodeSignatureDoesNotMatch = "SignatureDoesNotMatch"
	CodeQueryParameters       = "AuthorizationQueryParametersError"
)

// useReturnedURL is the next step after an error of a URL that the service did not return.
const useReturnedURL = "Use the unchanged URL that ExportSnapshot or GetGeneratedCodeJob returned."

// Downloads presigns download URLs and verifies them. A URL permits a GET of one path without credentials. Downloads is
// safe for concurrent use.
type Downloads struct {
	credentials aws.Credentials
	region      string
	now         func() time.Time
	signer      *v4.Signer
	verifier    Verifier
}

// NewDownloads returns a Downloads that signs with the credentials. The URLs contain the access key id, but not the
// secret. If now is nil, NewDownloads uses time.Now.
func NewDownloads(credentials aws.Credentials, region string, now func() time.Time) *Downloads {
	if now == nil {
		now = time.Now
	}
	return &Downloads{
		credentials: credentials,
		region:      region,
		now:         now,
		signer:      v4.NewSigner(),
		verifier: Verifier{
			Region:  region,
			Service: downloadService,
			Keys:    NewKeys(credentials),
			Now:     now,
		},
	}
}

// Presign returns the URL with a signature that is valid for [DownloadExpiry].
func (d *Downloads) Presign(ctx context.Context, u *url.URL) (string, error) {
	target := *u
	query := target.Query()
	query.Set(amzExpires, strconv.Itoa(int(DownloadExpiry.Seconds())))
	target.RawQuery = query.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return "", err
	}
	signed, _, err := d.signer.PresignHTTP(ctx, d.credentials, r, unsignedPayload, downloadService, d.region, d.now())
	return signed, err
}

// Verify returns an [*Error] unless the request is a GET of an unmodified URL that Presign returned and that has not
// expired. Headers that are not signed, such as Range, are ignored.
func (d *Downloads) Verify(r *http.Request) error {
	signature, err := d.verifier.Check(r)
	if err == nil {
		err = signature.verify(unsignedPayload)
	}
	var rejected *Error
	if !errors.As(err, &rejected) {
		return err
	}
	s3 := &Error{Status: rejected.Status, Message: rejected.Message}
	switch {
	case rejected.expired:
		s3.Code, s3.Message = CodeAccessDenied, "The URL has expired."
	case rejected.Code == CodeInvalidSignature:
		s3.Code = CodeSignatureDoesNotMatch
	case rejected.Code == CodeIncompleteSignature:
		s3.Code = CodeQueryParameters
	case rejected.Code == CodeUnrecognizedClient:
		s3.Code, s3.Message = CodeInvalidAccessKeyID, "The URL has an access key id of another service. "+useReturnedURL
	case rejected.Code == CodeMissingAuthenticationToken:
		s3.Code, s3.Message = CodeAccessDenied, "The URL is not signed. "+useReturnedURL
	default:
		s3.Code = CodeAccessDenied
	}
	return s3
}

// WriteError writes the error as the response to a download request, in the XML format of S3.
func WriteError(w http.ResponseWriter, err *Error) {
	body, _ := xml.Marshal(struct { // encoding strings does not fail
		XMLName struct{} `xml:"Error"`
		Code    string
		Message string
	}{Code: err.Code, Message: err.Message})
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(err.Status)
	_, _ = w.Write([]byte(xml.Header + string(body))) // it fails only if the client has disconnected
}
