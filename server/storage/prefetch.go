package storage

import "context"

// Prefetcher is an optional interface of transactions in which each read takes a round trip to a database.
type Prefetcher interface {
	// Prefetch reads the values of keys in one round trip. Get then returns them without another one.
	Prefetch(keys []string) error
}

// Prefetch calls the Prefetch method of a transaction. It is a no-op if the transaction is not a [Prefetcher].
func Prefetch(r Reader, keys []string) error {
	if p, ok := r.(Prefetcher); ok {
		return p.Prefetch(keys)
	}
	return nil
}

// PrefetchingStore is a [Store] whose views can read values in the round trip that begins them.
type PrefetchingStore interface {
	Store

	// ViewWith is View with a transaction that has prefetched the values of keys.
	ViewWith(ctx context.Context, keys []string, fn func(Reader) error) error

	// ViewKeys is View for an fn that reads only the values of keys: any other read fails with ErrOtherKey. Views that run at
	// the same time may share a transaction, which begins after all of them have been called.
	ViewKeys(ctx context.Context, keys []string, fn func(Reader) error) error
}

// ViewWith runs a view that probably reads the values of keys. If the store is a [PrefetchingStore], the transaction has
// prefetched them. For any other store, ViewWith calls View.
func ViewWith(ctx context.Context, store Store, keys []string, fn func(Reader) error) error {
	if s, ok := store.(PrefetchingStore); ok {
		return s.ViewWith(ctx, keys, fn)
	}
	return store.View(ctx, fn)
}

// ViewKeys runs a view that reads only the values of keys. If the store is a [PrefetchingStore], the view may share a
// transaction with others, and reading anything else fails with [ErrOtherKey]. For any other store, ViewKeys calls View.
func ViewKeys(ctx context.Context, store Store, keys []string, fn func(Reader) error) error {
	if s, ok := store.(PrefetchingStore); ok {
		return s.ViewKeys(ctx, keys, fn)
	}
	return store.View(ctx, fn)
}
