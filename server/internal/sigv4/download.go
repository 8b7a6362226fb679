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

// DownloadExpiry is how long a download URL can be used.
const DownloadExpiry = 10 * time.Minute

const (
	// downloadService is another service than that of the API, so that a signature for one is none for the other.
	downloadService = "gamesparks-download"

	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// The codes of the errors of download URLs, which are those of S3: it is there that the URLs of the service point at.
const (
	CodeAccessDenied          = "AccessDenied"
	CodeInvalidAccessKeyID    = "InvalidAccessKeyId"
	CodeSignatureDoesNotMatch = "SignatureDoesNotMatch"
	CodeQueryParameters       = "AuthorizationQueryParametersError"
)

// Downloads presigns URLs that let their holder GET one path from the service without credentials, and verifies them.
// It is safe for concurrent use.
type Downloads struct {
	credentials aws.Credentials
	region      string
	now         func() time.Time
	signer      *v4.Signer
	verifier    Verifier
}

// NewDownloads returns Downloads that sign with the credentials, which appear in URLs by their access key id only. Nil
// for now means time.Now.
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

// Presign returns the URL with a signature that lasts [DownloadExpiry].
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

// Verify returns an [*Error] unless the request is a GET of a URL that Presign returned, unchanged and not too long
// ago. Headers that are not signed, such as Range, do not matter.
func (d *Downloads) Verify(r *http.Request) error {
	_, err := d.verifier.verify(r, unsignedPayload)
	var refused *Error
	if !errors.As(err, &refused) {
		return err
	}
	s3 := &Error{Status: refused.Status, Message: refused.Message}
	switch {
	case refused.expired:
		s3.Code, s3.Message = CodeAccessDenied, "the URL has expired"
	case refused.Code == CodeInvalidSignature:
		s3.Code = CodeSignatureDoesNotMatch
	case refused.Code == CodeIncompleteSignature:
		s3.Code = CodeQueryParameters
	case refused.Code == CodeUnrecognizedClient:
		s3.Code = CodeInvalidAccessKeyID
	default:
		s3.Code = CodeAccessDenied
	}
	return s3
}

// WriteError answers the request for a download with an error, in the XML of S3.
func WriteError(w http.ResponseWriter, err *Error) {
	body, _ := xml.Marshal(struct { // two strings cannot fail
		XMLName struct{} `xml:"Error"`
		Code    string
		Message string
	}{Code: err.Code, Message: err.Message})
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(err.Status)
	_, _ = w.Write([]byte(xml.Header + string(body))) // the client has gone, if it fails
}
