package gamesparks

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/relay"
	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// PaginatorOptions configures a [Paginator]. The zero value of each field is the default.
type PaginatorOptions struct {
	// Limit is the maximum number of items in a page, 1 to 100. Its initial value is the input's MaxResults. Optional; 0
	// leaves the page size to the service, and a negative value is an error.
	Limit int32

	// MaxItems is the maximum total number of items in all pages. The last page is truncated to meet it, but keeps the
	// NextToken of the service; [Paginator.ResumeToken] continues after the last returned item. Optional; 0 means no
	// limit, and a negative value is an error.
	MaxItems int

	// StartingToken is the [Paginator.ResumeToken] to continue from. It replaces the input's NextToken. The other
	// parameters of the input must be the same as when the token was created. Optional; if it is empty, the paginator
	// starts with the input's NextToken or at the beginning. An empty ResumeToken means that the list is complete: do
	// not pass it here, since the paginator would start over.
	StartingToken string

	// StopOnDuplicateToken ends the list if the service returns the same token that it received. If false, tokens that
	// keep repeating cause a [DuplicateTokenError].
	StopOnDuplicateToken bool

	// Prefetch is the number of pages that Pages and Items fetch ahead, in another goroutine, 0 to 100. 0 fetches each
	// page when the loop needs it. Other values are an error.
	Prefetch int
}

const maxPrefetch = 100

func (o *PaginatorOptions) check() error {
	switch {
	case o.Limit < 0:
		return fmt.Errorf("option Limit is %d: set 1 to 100, or 0 for the service's page size", o.Limit)
	case o.MaxItems < 0:
		return fmt.Errorf("option MaxItems is %d: set a positive number, or 0 for no limit", o.MaxItems)
	case o.Prefetch < 0 || o.Prefetch > maxPrefetch:
		return fmt.Errorf("option Prefetch is %d: set 0 to %d", o.Prefetch, maxPrefetch)
	}
	return nil
}

// DuplicateTokenError means that the service's tokens keep repeating, so the list would never end.
type DuplicateTokenError struct {
	// Operation is the name of the list operation.
	Operation string
	// Token is the last repeated token.
	Token string
}

// Error names the operation and the token.
func (e *DuplicateTokenError) Error() string {
	return fmt.Sprintf("%s keeps repeating page tokens, most recently %q", e.Operation, e.Token)
}

// Paginator reads the pages of a list operation. The NewListXPaginator functions return one. It is not safe for
// concurrent use. While a loop over Pages or Items runs, only ResumeToken may be called.
//
// An error leaves the paginator's position unchanged: the next call to NextPage, Pages or Items requests the same page
// again.
type Paginator[Out, Item any] struct {
	operation *schemas.APIOperation
	fetch     func(ctx context.Context, token *string, limit *int32, optFns []func(*Options)) (*Out, error)
	page      func(*Out) (next **string, items *[]Item)
	options   PaginatorOptions
	binding   binding
	err       error // error in the options

	at cursor // after the last page that was fetched
	// unread is the current page of Items without the items already yielded, or nil if none remain. start is its
	// position.
	unread *Out
	start  position
}

// position is a position in the list: after the first skip items of the page that token returns.
type position struct {
	token *string
	skip  int
}

// cursor is the state of a paginator after a page.
type cursor struct {
	position
	begun bool
	items int // returned so far
	cut   bool
	cycle cycleDetector
}

// paginatedInput is a pointer to the input of a list operation.
type paginatedInput[T any] interface {
	*T
	pagination() (token **string, limit **int32)
}

// paginatedOutput is a pointer to the output of a list operation.
type paginatedOutput[T, Item any] interface {
	*T
	pagination() (next **string, items *[]Item)
}

func newPaginator[Item, C, In, Out any, I paginatedInput[In], O paginatedOutput[Out, Item]](
	op operations.Binding[In, Out],
	client C, list func(C, context.Context, *In, ...func(*Options)) (*Out, error),
	params *In, optFns []func(*PaginatorOptions),
) *Paginator[Out, Item] {
	if params == nil {
		params = new(In)
	}
	template := *params
	token, limit := I(&template).pagination()

	p := &Paginator[Out, Item]{
		operation: op.Schema,
		page:      func(out *Out) (**string, *[]Item) { return O(out).pagination() },
		fetch: func(ctx context.Context, token *string, limit *int32, optFns []func(*Options)) (*Out, error) {
			params := template
			inToken, inLimit := I(&params).pagination()
			*inToken, *inLimit = token, limit
			return list(client, ctx, &params, optFns...)
		},
	}
	if *limit != nil {
		p.options.Limit = **limit
	}
	for _, fn := range optFns {
		fn(&p.options)
	}
	if *token != nil && **token != "" {
		p.at.token = *token
	}
	*token, *limit = nil, nil
	p.binding = bind(op.Untyped(), &template)
	if p.options.StartingToken != "" {
		p.at.position, p.err = p.binding.decode(p.options.StartingToken)
	}
	if err := p.options.check(); err != nil {
		p.err = fmt.Errorf("%s paginator: %w", op.Schema.Name, err)
	}
	if isNilClient(client) {
		p.err = fmt.Errorf("%s paginator: client is nil: create one with gamesparks.New or gamesparks.NewFromConfig", op.Schema.Name)
	}
	return p
}

// isNilClient reports whether a client is a nil interface or a nil *Client.
func isNilClient(client any) bool {
	c, ok := client.(*Client)
	return client == nil || ok && c == nil
}

// HasMorePages reports whether more pages can be requested. It is true before the first page, and false after MaxItems
// items, even if the list has more.
func (p *Paginator[Out, Item]) HasMorePages() bool {
	return p.unread != nil || p.more(p.at)
}

func (p *Paginator[Out, Item]) more(at cursor) bool {
	return !at.cut && (!at.begun || at.token != nil)
}

// NextPage returns the next page. It returns an error if HasMorePages is false.
func (p *Paginator[Out, Item]) NextPage(ctx context.Context, optFns ...func(*Options)) (*Out, error) {
	if out := p.unread; out != nil {
		p.unread = nil
		return out, nil
	}
	if !p.HasMorePages() {
		return nil, errors.New("no more pages available")
	}
	out, next, err := p.step(ctx, p.at, optFns)
	if err != nil {
		return nil, err
	}
	p.at = next
	return out, nil
}

// step fetches the page at the cursor and returns it with the cursor after it.
func (p *Paginator[Out, Item]) step(ctx context.Context, at cursor, optFns []func(*Options)) (*Out, cursor, error) {
	if p.err != nil {
		return nil, at, p.err
	}
	if at.cycle.exceeded() {
		return nil, at, &DuplicateTokenError{Operation: p.operation.Name, Token: aws.ToString(at.token)}
	}
	var limit *int32
	if p.options.Limit > 0 {
		limit = &p.options.Limit
	}
	optFns = append([]func(*Options){withFeature(awsmiddleware.UserAgentFeaturePaginator)}, optFns...)
	out, err := p.fetch(ctx, at.token, limit, optFns)
	if err != nil {
		return nil, at, err
	}
	if out == nil {
		return nil, at, fmt.Errorf("%s returned neither an output nor an error", p.operation.Name)
	}
	page := *out // a copy, since a mock may return the same output again
	nextToken, items := p.page(&page)
	next := p.advance(at, *nextToken, items)
	return &page, next, nil
}

// advance removes from the page all items that were returned before or that exceed MaxItems, and returns the cursor
// after the page.
func (p *Paginator[Out, Item]) advance(at cursor, token *string, items *[]Item) cursor {
	next := at
	next.begun = true
	skipped := min(at.skip, len(*items))
	*items = (*items)[skipped:]

	if left := p.options.MaxItems - at.items; p.options.MaxItems > 0 && len(*items) >= left {
		next.cut = true
		next.items += left
		if len(*items) > left {
			*items = (*items)[:left:left]
			next.skip = skipped + left
			return next
		}
	} else {
		next.items += len(*items)
	}

	next.skip = at.skip - skipped
	next.token = token
	if token == nil || *token == "" {
		next.token = nil
		return next
	}
	if p.options.StopOnDuplicateToken && at.token != nil && *at.token == *token {
		next.token = nil
	}
	next.cycle.add(*token)
	return next
}

// ResumeToken returns a token for StartingToken that continues after the last page or item that was returned, even in
// the middle of a page, in another process or with another page size. In a loop over Items, the last item returned is
// the current one. The token is printable, and contains no secrets besides the service's own token.
//
// It is empty after the last item of the list. Check for that before you continue, since an empty StartingToken starts
// at the beginning. It is not empty before the first page, nor if MaxItems was reached before the end of the list.
func (p *Paginator[Out, Item]) ResumeToken() string {
	switch {
	case p.err != nil:
		return p.options.StartingToken
	case p.unread != nil:
		return p.binding.encode(p.start)
	case !p.more(p.at) && !p.hasMoreAfterCut():
		return ""
	}
	return p.binding.encode(p.at.position)
}

// hasMoreAfterCut reports whether MaxItems was reached before the end of the list.
func (p *Paginator[Out, Item]) hasMoreAfterCut() bool {
	return p.at.cut && (p.at.token != nil || p.at.skip > 0)
}

// Pages returns an iterator over the remaining pages. An error is yielded once, with a nil page, and ends the loop.
// After a break, the paginator continues after the last page that was yielded.
//
// With Prefetch, a panic in the client, a middleware or a mock is propagated to the goroutine of the loop. It occurs
// there after the pages that were fetched before it, or when the loop ends earlier. The panic value is then an error
// that contains the original value and its stack trace. Likewise, [runtime.Goexit], which [testing.T.FailNow] calls in
// a mock, ends the goroutine of the loop.
func (p *Paginator[Out, Item]) Pages(ctx context.Context, optFns ...func(*Options)) iter.Seq2[*Out, error] {
	return func(yield func(*Out, error) bool) {
		if p.options.Prefetch > 0 && p.err == nil {
			p.prefetch(ctx, optFns, yield)
			return
		}
		for p.HasMorePages() {
			out, err := p.NextPage(ctx, optFns...)
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
}

// Items returns an iterator over the remaining items. An error is yielded once, with a zero item, and ends the loop.
// After a break, Items, Pages and NextPage continue with the rest of the page.
func (p *Paginator[Out, Item]) Items(ctx context.Context, optFns ...func(*Options)) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		start := p.at.position
		if p.unread != nil {
			start = p.start
		}
		for out, err := range p.Pages(ctx, optFns...) {
			if err != nil {
				var none Item
				yield(none, err)
				return
			}
			_, items := p.page(out)
			for len(*items) > 0 {
				item := (*items)[0]
				*items = (*items)[1:]
				start.skip++
				p.unread, p.start = out, start
				if len(*items) == 0 {
					p.unread = nil
				}
				if !yield(item, nil) {
					return
				}
			}
			start = p.at.position
		}
	}
}

// prefetch yields pages that a goroutine fetches ahead. The goroutine ends before prefetch returns.
func (p *Paginator[Out, Item]) prefetch(ctx context.Context, optFns []func(*Options), yield func(*Out, error) bool) {
	if p.unread != nil {
		if out, err := p.NextPage(ctx, optFns...); !yield(out, err) {
			return
		}
	}
	type fetched struct {
		out  *Out
		next cursor
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	pages := make(chan fetched, p.options.Prefetch-1) // the goroutine holds one more
	var fetcher relay.Group
	fetcher.Go(func() {
		defer close(pages)
		for at := p.at; p.more(at); {
			out, next, err := p.step(ctx, at, optFns)
			select {
			case pages <- fetched{out, next, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
			at = next
		}
	})
	inBody := false // also true while the body of the loop panics: that panic must not be replaced
	defer func() {
		cancel()
		for range pages { // wait until the goroutine closes the channel
		}
		if !inBody {
			fetcher.Wait()
		}
	}()
	for page := range pages {
		if page.err == nil {
			p.at = page.next
		}
		inBody = true
		again := yield(page.out, page.err)
		inBody = false
		if !again || page.err != nil {
			return
		}
	}
	fetcher.Wait()
	if err := ctx.Err(); err != nil && p.more(p.at) {
		yield(nil, err)
	}
}

// maxRepeats limits how often tokens may repeat. Some services and mocks repeat a few tokens and still end; lists with
// this many repeats do not.
const maxRepeats = 10

// cycleDetector counts repeated tokens by Brent's algorithm: it compares each token with the previous one and with an anchor
// that moves forward at increasing distances.
type cycleDetector struct {
	last, anchor *string
	steps, power int
	repeats      int
}

func (d *cycleDetector) add(token string) {
	if d.last != nil && *d.last == token || d.anchor != nil && *d.anchor == token {
		d.repeats++
	}
	d.last = &token
	if d.steps++; d.steps > d.power {
		d.anchor, d.steps, d.power = &token, 0, d.power*2+1
	}
}

func (d *cycleDetector) exceeded() bool { return d.repeats >= maxRepeats }

// bind returns the value that ties resume tokens to the operation and its parameters.
func bind(op operations.Untyped, params any) binding {
	// An input that cannot be encoded is an error of the first call.
	req, _ := restjson.EncodeRequest(op.Schema, op.Input, params)
	return newBinding(op.Schema.Name, req.RawPath, req.Query)
}
