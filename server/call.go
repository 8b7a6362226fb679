package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

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

// handler decodes the input of an operation, checks it and returns the output.
type handler func(*call, *wireInput) (serde.Structure, error)

// structure is a pointer to the input or output type of an operation.
type structure[T any] interface {
	*T
	serde.Structure
}

// reads makes a handler of a method that changes nothing.
func reads[In, Out any, I structure[In], O structure[Out]](operation func(*call, *In) (*Out, error)) handler {
	return views[In, Out, I, O](operation, func(s *Service) storage.Store { return s.store })
}

// browses makes a handler of a method that looks into the catalogue of extensions.
func browses[In, Out any, I structure[In], O structure[Out]](operation func(*call, *In) (*Out, error)) handler {
	return views[In, Out, I, O](operation, func(s *Service) storage.Store { return s.catalogue })
}

func views[In, Out any, I structure[In], O structure[Out]](
	operation func(*call, *In) (*Out, error), store func(*Service) storage.Store,
) handler {
	return func(c *call, wire *wireInput) (serde.Structure, error) {
		in, err := readInput[In, I](c.op, wire)
		if err != nil {
			return nil, err
		}
		var out *Out
		err = store(c.Service).View(c.ctx, func(tx storage.Reader) error {
			c.tx = tx
			out, err = operation(c, in)
			return err
		})
		return O(out), err
	}
}

// writes makes a handler of a method that changes something: all of it or nothing.
func writes[In, Out any, I structure[In], O structure[Out]](operation func(*call, *In) (*Out, error)) handler {
	return func(c *call, wire *wireInput) (serde.Structure, error) {
		in, err := readInput[In, I](c.op, wire)
		if err != nil {
			return nil, err
		}
		var out *Out
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
		return O(out), err
	}
}

func readInput[In any, I structure[In]](op *schemas.APIOperation, wire *wireInput) (*In, error) {
	in := new(In)
	if err := restjson.DecodeRequest(op, wire.labels, wire.query, wire.body, I(in)); err != nil {
		return nil, malformed(err)
	}
	return in, validate(op, I(in))
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
