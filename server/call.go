package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// call is one request for an operation while it is handled. Its methods are the operations.
type call struct {
	*Service
	ctx     context.Context // of the request
	op      *schemas.APIOperation
	account string
	now     time.Time
	base    *url.URL // where the caller reaches the service

	// committed is what is left to do when the transaction is committed.
	committed func()

	// tx is the one transaction of the request, and w the same for an operation that writes.
	tx storage.Reader
	w  storage.Writer
}

// wireInput is the input of an operation as it came.
type wireInput struct {
	labels []string
	query  url.Values
	body   []byte
}

// handler handles an operation: it decodes the input, checks it and returns the encoded output.
type handler struct {
	op     *schemas.APIOperation
	handle func(*call, *wireInput) ([]byte, error)
}

// method is a method of the client. The handler has the same input and output.
type method[In, Out any] = func(*gamesparks.Client, context.Context, *In, ...func(*gamesparks.Options)) (*Out, error)

// reads returns a handler that runs the operation in a read transaction.
func reads[In, Out any](m method[In, Out], operation func(*call, *In) (*Out, error)) handler {
	return views(m, operation, func(s *Service) storage.Store { return s.store })
}

// browses returns a handler that runs the operation in a read transaction of the catalogue of extensions.
func browses[In, Out any](m method[In, Out], operation func(*call, *In) (*Out, error)) handler {
	return views(m, operation, func(s *Service) storage.Store { return s.catalogue })
}

func views[In, Out any](
	m method[In, Out], operation func(*call, *In) (*Out, error), store func(*Service) storage.Store,
) handler {
	return newHandler(m, func(c *call, in *In) (out *Out, err error) {
		err = store(c.Service).View(c.ctx, func(tx storage.Reader) error {
			c.tx = tx
			out, err = operation(c, in)
			return err
		})
		return out, err
	})
}

// writes returns a handler that runs the operation in a write transaction: all of its changes take effect, or none.
func writes[In, Out any](m method[In, Out], operation func(*call, *In) (*Out, error)) handler {
	return newHandler(m, func(c *call, in *In) (out *Out, err error) {
		err = c.store.Update(c.ctx, func(tx storage.Writer) error {
			c.tx, c.w, c.committed = tx, tx, nil
			if err := c.sweep(maxSweep); err != nil {
				return err
			}
			out, err = operation(c, in)
			return err
		})
		if err == nil && c.committed != nil {
			c.committed()
		}
		return out, err
	})
}

// newHandler returns a handler for the operation that the client calls by the method.
func newHandler[In, Out any](m method[In, Out], run func(*call, *In) (*Out, error)) handler {
	binding := operations.Of(m)
	op := binding.Untyped()
	return handler{op.Schema, func(c *call, wire *wireInput) ([]byte, error) {
		in := new(In)
		if err := restjson.DecodeRequest(op.Schema, wire.labels, wire.query, wire.body, op.Input, in); err != nil {
			return nil, malformed(err)
		}
		if err := validate(op, in); err != nil {
			return nil, err
		}
		out, err := run(c, in)
		if err != nil {
			return nil, err
		}
		return restjson.EncodeBody(&serde.Shape{Schema: op.Schema.Output, Type: op.Output, Value: out})
	}}
}

// key returns the storage key of a thing of the caller's account. No name in the API has a slash.
func (c *call) key(parts ...string) string {
	return "account/" + c.account + "/" + c.region + "/" + strings.Join(parts, "/")
}

// load returns the record of the key, nil when there is none.
func load[T any](c *call, key string) (*T, error) {
	data, err := c.tx.Get(key)
	if err != nil || data == nil {
		return nil, err
	}
	return decode[T](key, data)
}

func decode[T any](key string, data []byte) (*T, error) {
	record := new(T)
	if err := json.Unmarshal(data, record); err != nil {
		return nil, fmt.Errorf("record %s: %w", key, err)
	}
	return record, nil
}

// save writes the record of the key.
func save[T any](c *call, key string, record *T) error {
	data, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("record %s: %w", key, err)
	}
	return c.w.Put(key, data)
}

// last returns the record with the greatest key of those that begin with prefix, nil when there is none.
func last[T any](c *call, prefix string) (*T, error) {
	r := storage.Prefix(prefix)
	r.Reverse = true
	for entry, err := range c.tx.Scan(r) {
		if err != nil {
			return nil, err
		}
		return decode[T](entry.Key, entry.Value)
	}
	return nil, nil
}

// count returns how many keys begin with prefix.
func (c *call) count(prefix string) (n int, err error) {
	for _, err := range c.tx.Scan(storage.Prefix(prefix)) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// clear deletes all keys that begin with prefix.
func (c *call) clear(prefix string) error {
	var keys []string
	for entry, err := range c.tx.Scan(storage.Prefix(prefix)) {
		if err != nil {
			return err
		}
		keys = append(keys, entry.Key)
	}
	for _, key := range keys {
		if err := c.w.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
