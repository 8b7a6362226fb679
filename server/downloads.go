package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// The URLs of downloads. Whoever has one that is signed may GET it, as often as he likes for ten minutes.
const (
	exportURI = "/download/{Account}/{GameName}/snapshot/{SnapshotId}"
	codeURI   = "/download/{Account}/{GameName}/code/{SnapshotId}/{JobId}"
)

// baseURL returns where the caller has reached the service.
func baseURL(r *http.Request) *url.URL {
	base := &url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		base.Scheme = "https"
	}
	return base
}

// WithPublicURL sets where download URLs point: the scheme, host and path below which clients reach the service, when
// it is behind a proxy or served below a path. By default they point to the host that the request was sent to.
func WithPublicURL(u string) Option {
	return func(s *settings) error {
		base, err := url.Parse(u)
		if err != nil {
			return fmt.Errorf("public URL: %w", err)
		}
		if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" || base.Fragment != "" {
			return fmt.Errorf("public URL %q: must look like https://example.com", u)
		}
		s.publicURL = base
		return nil
	}
}

// presign returns the signed URL for a download.
func (c *call) presign(uri string, labels ...string) (*string, error) {
	base := c.base
	if c.publicURL != nil {
		base = c.publicURL
	}
	var path []string
	for segment := range strings.SplitSeq(strings.TrimPrefix(uri, "/"), "/") {
		if strings.HasPrefix(segment, "{") {
			segment, labels = labels[0], labels[1:]
		}
		path = append(path, segment)
	}
	signed, err := c.downloads.Presign(context.Background(), base.JoinPath(path...))
	return &signed, err
}

func (c *call) exportSnapshot(in *gamesparks.ExportSnapshotInput) (*gamesparks.ExportSnapshotOutput, error) {
	snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	signed, err := c.presign(exportURI, c.account, *in.GameName, snapshot.ID)
	return &gamesparks.ExportSnapshotOutput{S3Url: signed}, err
}

// asSigned returns the request for a download as it was before a proxy changed host and path.
func (s *Service) asSigned(r *http.Request) *http.Request {
	if s.publicURL == nil {
		return r
	}
	signed := r.Clone(r.Context())
	signed.Host = s.publicURL.Host
	signed.RequestURI = strings.TrimSuffix(s.publicURL.EscapedPath(), "/") + r.URL.RequestURI()
	return signed
}

// file is what a download URL points to.
type file struct {
	name        string
	contentType string
	created     time.Time
	content     []byte
}

func (x *exchange) downloadExport(labels []string) error {
	return x.download(labels, func(c *call) (*file, error) {
		snapshot, err := c.snapshot(&labels[1], &labels[2])
		if err != nil {
			return nil, err
		}
		content, err := c.readSections(c.snapshotSectionKey(labels[1], snapshot.ID, ""), nil)
		if err != nil {
			return nil, err
		}
		return &file{labels[1] + ".json", "application/json", snapshot.Created, content.export()}, nil
	})
}

// download answers with the file that find finds, as S3 would: with ETag and ranges, and with S3's kind of errors.
func (x *exchange) download(labels []string, find func(*call) (*file, error)) error {
	var refused *sigv4.Error
	if err := x.downloads.Verify(x.asSigned(x.request)); errors.As(err, &refused) {
		x.refuseDownload(refused)
		return nil
	} else if err != nil {
		return err
	}
	var found *file
	err := x.store.View(x.request.Context(), func(tx storage.Reader) (err error) {
		found, err = find(&call{Service: x.Service, account: labels[0], now: x.now(), tx: tx})
		return err
	})
	var api smithy.APIError
	if errors.As(err, &api) {
		x.refuseDownload(&sigv4.Error{Code: "NoSuchKey", Status: http.StatusNotFound, Message: api.ErrorMessage()})
		return nil
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(found.content)
	x.w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	x.w.Header().Set("Content-Type", found.contentType)
	x.w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", found.name))
	http.ServeContent(&downloadWriter{ResponseWriter: x.w, refuse: x.refuseDownload}, x.request, "", found.created, bytes.NewReader(found.content))
	return nil
}

// downloadWriter answers as S3 does where net/http would refuse a range or a condition in words of its own.
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
	sigv4.WriteError(x.w, err)
}
