package awscli

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithy "github.com/aws/smithy-go"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/jmespath/go-jmespath"

	"github.com/gamesparks-go/gamesparks"
)

// Options control the call of an operation.
type Options struct {
	// ShowKeys includes game keys in the output. Otherwise each is replaced by "***". Optional.
	ShowKeys bool

	// NoPaginate requests a single page. Optional.
	NoPaginate bool

	// MaxItems is the maximum number of items in the output. Optional. Nil means no limit.
	MaxItems *int

	// PageSize is the number of items to request in each page. Optional. Nil means the default of the service.
	PageSize *int

	// StartingToken is the NextToken of an output truncated by MaxItems. Optional.
	StartingToken string
}

// Call calls an operation. It requests all pages of a list, unless the input or the options control paging.
func (op *Operation) Call(ctx context.Context, client *gamesparks.Client, in Input, o Options) (*Output, error) {
	manual := in[nextToken] != nil || in[maxResults] != nil
	if !op.Paginated() || o.NoPaginate || manual {
		if o.MaxItems != nil || o.PageSize != nil || o.StartingToken != "" {
			return nil, &InputError{Err: errors.New("--max-items, --page-size and --starting-token cannot be combined with --no-paginate, --next-token or --max-results")}
		}
		return op.callOnce(ctx, client, in, o)
	}
	return op.callPages(ctx, client, maps.Clone(in), o)
}

func (op *Operation) callOnce(ctx context.Context, client *gamesparks.Client, in Input, o Options) (*Output, error) {
	method, binding := op.method(client)
	input, err := in.decode(op.Schema.Input, binding.Input)
	if err != nil {
		return nil, err
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(input)})
	if err, _ := results[1].Interface().(error); err != nil {
		return nil, err
	}
	return encodeOutput(op.Schema.Output, binding.Output, results[0].Interface(), o.ShowKeys)
}

// callPages returns the items of all pages in one output, up to MaxItems.
func (op *Operation) callPages(ctx context.Context, client *gamesparks.Client, in Input, o Options) (*Output, error) {
	token, skip := "", 0
	if o.StartingToken != "" {
		token, skip = decodeToken(o.StartingToken)
	}
	if o.PageSize != nil {
		in[maxResults] = jsontext.Value(strconv.Itoa(*o.PageSize))
	}
	items, name := []any{}, op.Schema.Items.MemberName()
	all := newOutput()
	resume := ""
	for {
		if token != "" {
			in[nextToken], _ = json.Marshal(token)
		}
		page, err := op.callOnce(ctx, client, in, o)
		if err != nil {
			return nil, err
		}
		members, _ := page.Value.(map[string]any)
		pageItems, _ := members[name].([]any)
		pageItems = pageItems[min(skip, len(pageItems)):]
		maps.Copy(all.keys, page.keys)
		if o.MaxItems != nil && len(items)+len(pageItems) > *o.MaxItems {
			keep := max(0, *o.MaxItems-len(items))
			items = append(items, pageItems[:keep]...)
			resume = encodeToken(token, fmt.Sprintf(`, "%s": %d`, truncated, skip+keep))
			break
		}
		items, skip = append(items, pageItems...), 0
		next, _ := members[nextToken].(string)
		switch {
		case next == "":
		case o.MaxItems != nil && len(items) == *o.MaxItems:
			resume = encodeToken(next, "")
		case next == token:
			return nil, fmt.Errorf("the service returned the same page token twice: %s", next)
		default:
			token = next
			continue
		}
		break
	}
	root, _ := all.Value.(map[string]any)
	all.set(root, name, items)
	if resume != "" {
		all.set(root, nextToken, resume)
	}
	return all, nil
}

// truncated is the name of the token member with the number of items to skip on the page.
const truncated = "boto_truncate_amount"

// encodeToken returns a token for --starting-token in the form of the AWS CLI: the token of the page, and further members.
func encodeToken(token, members string) string {
	quoted := []byte("null")
	if token != "" {
		quoted, _ = json.Marshal(token)
	}
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"%s": %s%s}`, nextToken, quoted, members))
}

// decodeToken is the inverse of encodeToken. It returns other texts unchanged, since they may be tokens of the service.
func decodeToken(text string) (token string, skip int) {
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return text, 0
	}
	var fields struct {
		NextToken *string
		Skip      int `json:"boto_truncate_amount"`
	}
	if err := json.Unmarshal(decoded, &fields); err != nil || fields.Skip < 0 {
		return text, 0
	}
	if fields.NextToken != nil {
		token = *fields.NextToken
	}
	return token, fields.Skip
}

// Query replaces the value of the output by the result of a JMESPath expression.
func (o *Output) Query(expression *jmespath.JMESPath) error {
	value, err := expression.Search(o.Value)
	if err != nil {
		return err
	}
	o.Value = value
	return nil
}

// ErrorMessage returns the message of the AWS CLI for an error of the service. The result is false for other errors.
func (op *Operation) ErrorMessage(err error) (string, bool) {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return "", false
	}
	retries := ""
	if attempts, ok := errors.AsType[*retry.MaxAttemptsError](err); ok {
		retries = fmt.Sprintf(" (reached max retries: %d)", attempts.Attempt-1)
	}
	return strings.TrimSpace(fmt.Sprintf("An error occurred (%s) when calling the %s operation%s: %s", api.ErrorCode(), op.Schema.Name, retries, api.ErrorMessage())), true
}
