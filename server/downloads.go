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

// The URIs of downloads. Anyone with a presigned URL may GET it, any number of times for ten minutes.
const (
	exportURI = "/download/{Account}/{GameName}/snapshot/{SnapshotId}"
	codeURI   = "/download/{Account}/{GameName}/code/{SnapshotId}/{JobId}"
)

// downloadKeyID is the access key id in download URLs.
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

// WithPublicURL sets the base of download URLs: the scheme, host and path at which clients reach the service if it is
// behind a proxy or below a path. By default download URLs have the host of the request that returned them.
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

// baseURL returns the URL at which the client has reached the service.
func baseURL(r *http.Request) *url.URL {
	base := &url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		base.Scheme = "https"
	}
	return base
}

// downloadURL returns the presigned URL of a file, and when it expires.
func (x *exchange) downloadURL(f controlplane.FileRef) (signed string, expires time.Time, err error) {
	base := x.publicURL
	if base == nil {
		base = baseURL(x.request)
	}
	path := pathOf(exportURI, f.Account, f.Game, f.Snapshot)
	if f.Job != "" {
		path = pathOf(codeURI, f.Account, f.Game, f.Snapshot, f.Job)
	}
	// A signature has its time in seconds.
	expires = x.clock().UTC().Truncate(time.Second).Add(sigv4.DownloadExpiry)
	signed, err = x.downloads.Presign(x.request.Context(), base.JoinPath(path...))
	return signed, expires, err
}

// pathOf returns the segments of a URI with the values of its labels.
func pathOf(uri string, labels ...string) []string {
	path := strings.Split(strings.TrimPrefix(uri, "/"), "/")
	for i, segment := range path {
		if strings.HasPrefix(segment, "{") {
			path[i], labels = labels[0], labels[1:]
		}
	}
	return path
}

// asSigned returns the request for a download as it was before a proxy changed its host and path.
func (s *Service) asSigned(r *http.Request) *http.Request {
	if s.publicURL == nil {
		return r
	}
	signed := r.Clone(r.Context())
	signed.Host = s.publicURL.Host
	signed.RequestURI = strings.TrimSuffix(s.publicURL.EscapedPath(), "/") + r.URL.RequestURI()
	return signed
}

// download responds with a file, as S3 would: with ETag and ranges, and with the errors of S3.
func (x *exchange) download(labels []string) error {
	var refused *sigv4.Error
	if err := x.downloads.Verify(x.asSigned(x.request)); errors.As(err, &refused) {
		x.refuseDownload(refused)
		return nil
	} else if err != nil {
		return err
	}
	ref := controlplane.FileRef{Account: labels[0], Game: labels[1], Snapshot: labels[2]}
	if len(labels) > 3 {
		ref.Job = labels[3]
	}
	file, err := x.controlPlane.File(x.request.Context(), ref)
	var api smithy.APIError
	if errors.As(err, &api) {
		x.refuseDownload(&sigv4.Error{Code: "NoSuchKey", Status: http.StatusNotFound, Message: api.ErrorMessage()})
		return nil
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(file.Content)
	x.writer.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	x.writer.Header().Set("Content-Type", file.ContentType)
	x.writer.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", file.Name))
	w := &downloadWriter{ResponseWriter: x.writer, refuse: x.refuseDownload}
	http.ServeContent(w, x.request, "", file.Modified, bytes.NewReader(file.Content))
	return nil
}

// downloadWriter replaces the responses of net/http to failed ranges and conditions by those of S3.
type downloadWriter struct {
	http.ResponseWriter
	refuse  func(*sigv4.Error)
	refused bool
}

func (w *downloadWriter) WriteHeader(status int) {
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		w.refused = true
		w.refuse(&sigv4.Error{Code: "InvalidRange", Status: status, Message: "The requested range is not satisfiable."})
	case http.StatusPreconditionFailed:
		w.refused = true
		w.refuse(&sigv4.Error{Code: "PreconditionFailed", Status: status, Message: "A condition of the request does not hold."})
	default:
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *downloadWriter) Write(p []byte) (int, error) {
	if w.refused {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

func (x *exchange) refuseDownload(err *sigv4.Error) {
	x.record.ErrorCode = err.Code
	sigv4.WriteError(x.writer, err)
}
