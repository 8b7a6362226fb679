// Package download fetches what GameSparks hands out as presigned URLs: the file of an exported snapshot and the code
// of a generation job.
//
//	d := download.New()
//	source := download.Snapshot(client, &gamesparks.ExportSnapshotInput{GameName: game, SnapshotId: snapshot})
//	n, err := d.DownloadFile(ctx, "chess.json", source)
//
// A download is streamed. When its connection breaks, stalls or is refused for a while, it is retried with back-off and
// goes on where it was, and when its URL has expired, with a new one. What has been written is never followed by bytes
// of another version of the object: the rest is asked for on the condition that the object is still the same, and where
// a server cannot tell, it is read again from its beginning and compared.
//
// The URLs carry their own authorization. No AWS credentials are sent to them, and since who has such a URL may read
// the object, none of the errors shows more than its scheme, host and path.
package download

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/gamesparks-go/gamesparks"
)

// Options configures a [Downloader], or a single download. The zero value of every member is a good default.
type Options struct {
	// HTTPClient sends the requests. Nil means the transport of aws-sdk-go-v2, by which proxies of the environment are
	// used and redirects are errors, since the authorization of a URL is good for its host only. An *http.Client
	// follows redirects.
	HTTPClient gamesparks.HTTPClient

	// MaxAttempts limits the attempts in a row, counted from the last that got further than all before it: as long as a
	// download advances, there is no limit. 0 means 5, 1 never retries, and less than 0 is an error.
	MaxAttempts int

	// Backoff tells the delay before the next attempt, by the number of attempts that MaxAttempts counts. Nil
	// means random delays up to 1, 2, 4 and so on to at most 20 seconds.
	Backoff retry.BackoffDelayer

	// StallTimeout is how long an attempt may wait for a response, or for the next bytes of it. 0 means 30 seconds, and
	// less than 0 means without limit.
	StallTimeout time.Duration

	// Progress is called when a response begins and after each write: with the bytes that are written, and the size of
	// the object or -1 when that is unknown. When a file is begun anew because the object has changed, the bytes begin
	// at 0 again. It is called by the goroutine of the download. Nil means nobody is told.
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

// Download writes an object to w, and returns the number of bytes that were written, also when it fails. The error is
// then an *[Error], unless an option is not valid. Bytes that are written cannot be taken back: an object that changes
// in the middle of its download ends it with a [ChangedError]. An error of w ends it too.
func (d *Downloader) Download(ctx context.Context, w io.Writer, source Source, optFns ...func(*Options)) (int64, error) {
	options, err := d.resolve(optFns)
	if err != nil {
		return 0, err
	}
	t := newTransfer(options, source, stream{w})
	err = t.run(ctx)
	return t.offset, err
}

// resolve returns the options of one download, with every default filled in.
func (d *Downloader) resolve(optFns []func(*Options)) (*Options, error) {
	o := d.options
	for _, fn := range optFns {
		fn(&o)
	}
	if o.MaxAttempts < 0 {
		return nil, fmt.Errorf("download options: MaxAttempts is %d, which is negative", o.MaxAttempts)
	}
	if o.MaxAttempts == 0 {
		o.MaxAttempts = 5
	}
	if o.HTTPClient == nil {
		o.HTTPClient = defaultClient()
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

// exponential is the back-off of aws-sdk-go-v2, which counts from 0.
func exponential(attempt int, err error) (time.Duration, error) {
	return jitter.BackoffDelay(attempt-1, err)
}

var jitter = retry.NewExponentialJitterBackoff(20 * time.Second)

// defaultClient is shared, so that connections are.
var defaultClient = sync.OnceValue(func() gamesparks.HTTPClient {
	return transport{awshttp.NewBuildableClient().GetTransport()}
})

// transport is a client that does not follow redirects.
type transport struct{ *http.Transport }

func (t transport) Do(r *http.Request) (*http.Response, error) { return t.RoundTrip(r) }
