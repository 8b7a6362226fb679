// Package download fetches the objects that GameSparks' presigned URLs refer to: the file of an exported snapshot and
// the code that a job has generated.
//
//	d := download.New()
//	source := download.Snapshot(client, &gamesparks.ExportSnapshotInput{GameName: game, SnapshotId: snapshot})
//	n, err := d.DownloadFile(ctx, "chess.json", source)
//
// A download is streamed. When its connection breaks or stalls, or the server fails temporarily, it backs off, retries
// and resumes where it stopped. When its URL has expired, it requests a new one. Bytes of two versions of an object are
// never mixed: a resumed request is conditional on the entity tag, and if the server sends none, the object is read again
// from the start and compared with the bytes already written.
//
// A presigned URL carries its own authorization. Downloads send no AWS credentials, and errors contain at most the
// scheme, host and path of the URL, because anyone with the whole URL can read the object.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/gamesparks-go/gamesparks"
)

// Options configures a [Downloader] or a single download. The zero value of every field is a good default.
type Options struct {
	// HTTPClient sends the requests. Optional. The default is the transport of aws-sdk-go-v2, which uses the proxy
	// settings from the environment and returns redirects as a [StatusError]. An *http.Client follows redirects; the
	// redirected requests have no Referer header, which would disclose the signature. With any other client, all
	// requests have the header "Referer: about:blank", so that a client that follows redirects does not disclose it
	// either.
	HTTPClient gamesparks.HTTPClient

	// MaxAttempts is the number of consecutive attempts without progress after which the download fails. An attempt
	// that writes beyond the furthest byte so far resets the count, so a download that makes progress is not limited.
	// Optional. The default is 5; 1 disables retries, and a negative value is an error.
	MaxAttempts int

	// Backoff returns the delay before the next attempt, given the number of consecutive attempts without progress.
	// Optional. The default is a random delay of up to 1, 2, 4, ... and at most 20 seconds.
	Backoff retry.BackoffDelayer

	// StallTimeout is how long an attempt may wait for a response, for the next bytes of the object, or for the whole
	// body of an error response. Optional. The default is 30 seconds; a negative value means no limit.
	StallTimeout time.Duration

	// Progress is called when a response begins and after each write, with the number of bytes written and the size of
	// the object, or -1 if the size is unknown. The number of bytes starts again at 0 when the download to a file is
	// restarted because the object has changed. It is called from the goroutine of the download. Optional.
	Progress func(bytes, total int64)
}

// Downloader fetches objects. It is safe for concurrent use.
type Downloader struct {
	options Options
}

// New returns a downloader with the options.
func New(optFns ...func(*Options)) *Downloader {
	d := &Downloader{}
	for _, fn := range optFns {
		fn(&d.options)
	}
	return d
}

// Download writes an object to w and returns the number of bytes written, even if it fails. The error is an *[Error],
// unless an option is invalid or w is nil. Bytes already written to w cannot be retracted, so the download fails with a
// [ChangedError] if the object changes. An error from w also ends the download.
func (d *Downloader) Download(ctx context.Context, w io.Writer, source Source, optFns ...func(*Options)) (int64, error) {
	options, err := d.resolve(optFns)
	if err != nil {
		return 0, err
	}
	if w == nil {
		return 0, errors.New("download: w is nil: use io.Discard to discard the object")
	}
	t := newTransfer(options, source, stream{w})
	err = t.run(ctx)
	return t.offset, err
}

// resolve returns the options for one download with all defaults set.
func (d *Downloader) resolve(optFns []func(*Options)) (*Options, error) {
	o := d.options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.MaxAttempts < 0 {
		return nil, fmt.Errorf("download options: MaxAttempts is %d: set it to 0 for the default, or to a positive number", o.MaxAttempts)
	}
	if o.MaxAttempts == 0 {
		o.MaxAttempts = 5
	}
	switch client := o.HTTPClient.(type) {
	case nil:
		o.HTTPClient = defaultClient()
	case *http.Client:
		o.HTTPClient = withoutReferer(client)
	}
	if o.Backoff == nil {
		o.Backoff = retry.BackoffDelayerFunc(exponential)
	}
	if o.StallTimeout == 0 {
		o.StallTimeout = 30 * time.Second
	}
	if o.Progress == nil {
		o.Progress = func(int64, int64) {}
	}
	return &o, nil
}

// withoutReferer returns a copy of the client that removes the Referer header from redirected requests. net/http sets it
// to the URL before the redirect, with the signature, and then calls CheckRedirect.
func withoutReferer(client *http.Client) *http.Client {
	c := *client
	c.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		r.Header.Del("Referer")
		if client.CheckRedirect != nil {
			return client.CheckRedirect(r, via)
		}
		if len(via) >= 10 { // as http.Client does by default
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}
	return &c
}

// exponential adapts the back-off of aws-sdk-go-v2, which counts attempts from 0.
func exponential(attempt int, err error) (time.Duration, error) {
	return jitter.BackoffDelay(attempt-1, err)
}

var jitter = retry.NewExponentialJitterBackoff(20 * time.Second)

// defaultClient is shared by all downloads to reuse connections.
var defaultClient = sync.OnceValue(func() gamesparks.HTTPClient {
	return transport{awshttp.NewBuildableClient().GetTransport()}
})

// transport is an HTTP client that does not follow redirects.
type transport struct{ *http.Transport }

func (t transport) Do(r *http.Request) (*http.Response, error) { return t.RoundTrip(r) }
