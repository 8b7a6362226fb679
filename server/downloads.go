package server

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks/server/internal/controlplane"
	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
)

// Download URIs. A presigned URL permits any number of GET requests for ten minutes.
const (
	exportURI = "/download/{Account}/{GameName}/snapshot/{SnapshotId}"
	codeURI   = "/download/{Account}/{GameName}/code/{SnapshotId}/{JobId}"
)

// downloadKeyID is the access key id used in download URLs.
const downloadKeyID = "local-download"

func newDownloads(secret []byte, s *settings) (*sigv4.Downloads, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "download URLs", 32)
	if err != nil {
		return nil, err
	}
	return sigv4.NewDownloads(aws.Credentials{
		AccessKeyID: downloadKeyID, SecretAccessKey: hex.EncodeToString(key),
	}, s.region, s.clock), nil
}

// WithPublicURL sets the base URL of downloads: the scheme, host and path at which clients reach the service. Set it if
// the service is behind a proxy. By default, download URLs use the host of the API request that asked for them.
func WithPublicURL(u string) Option {
	return func(s *settings) error {
		base, err := url.Parse(u)
		if err != nil {
			return badOption("WithPublicURL", "public URL: %w", err)
		}
		if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" || base.Fragment != "" {
			return badOption("WithPublicURL", "public URL %q: must look like https://example.com", u)
		}
		s.publicURL = base
		return nil
	}
}

// baseURL returns the base URL that the client used for a request.
func baseURL(r *http.Request) *url.URL {
	base := &url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		base.Scheme = "https"
	}
	return base
}

// downloadURL returns the presigned URL of a file and its expiry time.
func (x *exchange) downloadURL(f controlplane.FileRef) (signed string, expires time.Time, err error) {
	base := x.publicURL
	if base == nil {
		base = baseURL(x.request)
	}
	path := pathOf(exportURI, f.Account, f.Game, f.Snapshot)
	if f.Job != "" {
		path = pathOf(codeURI, f.Account, f.Game, f.Snapshot, f.Job)
	}
	// Signature times have a precision of one second.
	expires = x.clock().UTC().Truncate(time.Second).Add(sigv4.DownloadExpiry)
	signed, err = x.downloads.Presign(x.request.Context(), base.JoinPath(path...))
	return signed, expires, err
}

// pathOf returns the path segments of a URI, with its labels replaced with the given values.
func pathOf(uri string, labels ...string) []string {
	path := strings.Split(strings.TrimPrefix(uri, "/"), "/")
	for i, segment := range path {
		if strings.HasPrefix(segment, "{") {
			path[i], labels = labels[0], labels[1:]
		}
	}
	return path
}

// asSigned returns the download request with the host and path that were signed, because a proxy may have changed them.
func (s *Service) asSigned(r *http.Request) *http.Request {
	if s.publicURL == nil {
		return r
	}
	signed := r.Clone(r.Context())
	signed.Host = s.publicURL.Host
	signed.RequestURI = strings.TrimSuffix(s.publicURL.EscapedPath(), "/") + r.URL.RequestURI()
	return signed
}

// download serves a file as S3 does: with an ETag, range and conditional requests, and S3 errors.
func (x *exchange) download(labels []string) error {
	var rejected *sigv4.Error
	if err := x.downloads.Verify(x.asSigned(x.request)); errors.As(err, &rejected) {
		x.rejectDownload(rejected)
		return nil
	} else if err != nil {
		return err
	}
	if err := x.applyFault(labels[0]); err != nil {
		return err
	}
	ref := controlplane.FileRef{Account: labels[0], Game: labels[1], Snapshot: labels[2]}
	if len(labels) > 3 {
		ref.Job = labels[3]
	}
	file, err := x.controlPlane.File(x.request.Context(), ref)
	var api smithy.APIError
	if errors.As(err, &api) {
		x.rejectDownload(&sigv4.Error{Code: "NoSuchKey", Status: http.StatusNotFound, Message: api.ErrorMessage()})
		return nil
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(file.Content)
	x.writer.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	x.writer.Header().Set("Content-Type", file.ContentType)
	x.writer.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", file.Name))
	w := &downloadWriter{ResponseWriter: x.writer, reject: x.rejectDownload}
	http.ServeContent(w, x.request, "", file.Modified, bytes.NewReader(file.Content))
	return nil
}

// downloadWriter replaces the responses of http.ServeContent to unsatisfiable ranges and failed preconditions with S3
// errors.
type downloadWriter struct {
	http.ResponseWriter
	reject   func(*sigv4.Error)
	rejected bool
}

// WriteHeader implements http.ResponseWriter.
func (w *downloadWriter) WriteHeader(status int) {
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		w.rejected = true
		w.reject(&sigv4.Error{Code: "InvalidRange", Status: status, Message: "The requested range is not satisfiable."})
	case http.StatusPreconditionFailed:
		w.rejected = true
		w.reject(&sigv4.Error{Code: "PreconditionFailed", Status: status, Message: "A precondition of the request failed."})
	default:
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter. It discards the body that http.ServeContent writes after an error.
func (w *downloadWriter) Write(p []byte) (int, error) {
	if w.rejected {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

func (x *exchange) rejectDownload(err *sigv4.Error) {
	x.record.ErrorCode = err.Code
	sigv4.WriteError(x.writer, err)
}
