package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"math/rand/v2"
	"slices"
)

// bbolt trusts the pages of its file: a damaged page makes it panic, follow an invalid pointer, or return wrong bytes. Its
// own check has the same weakness. While bbolt opens a file, the check runs in another goroutine, whose panics cannot be
// recovered. checkStructure therefore reads the pages with bounds checks and without mapping them, before bbolt opens the
// file.

// The format of a bbolt file. Integers have the byte order of the machine.
const (
	pageHeaderSize = 16 // id (8 bytes), flags (2), count (2), overflow (4)
	elementSize    = 16 // leaf: flags, pos, ksize, vsize (4 bytes each); branch: pos, ksize (4 bytes each), page id (8)
	bucketSize     = 16 // root page id (8 bytes), sequence (8)
	metaSize       = 64

	branchPage   = 0x01
	leafPage     = 0x02
	metaPage     = 0x04
	freeListPage = 0x10

	bucketElement = 0x01

	metaMagic  = 0xED0CDAED
	noFreeList = ^uint64(0)

	minPageSize, maxPageSize = 1 << 10, 16 << 20

	// maxDepth exceeds the depth of any tree of 2^64 pages.
	maxDepth = 64
)

// sampledChildren is the number of children of a branch page that a sampled check follows.
const sampledChildren = 16

// structure is a check of the pages of a bbolt file.
type structure struct {
	file     io.ReaderAt
	pageSize int64
	pages    uint64 // pages in use, including free ones
	seen     []uint64
	sample   bool

	// onKey is called with the keys of the data bucket. Optional.
	onKey func(key []byte)
}

// checkStructure checks that the pages of a bbolt file of the given size form trees that bbolt can read. If sample is
// set, it follows only some branches of the data bucket. It calls onKey with the keys of the data bucket that it reads,
// unless onKey is nil. It returns ErrFormat if the file is not a bbolt file, and an error that wraps ErrDamaged if the
// file is damaged.
func checkStructure(file io.ReaderAt, size int64, sample bool, onKey func([]byte)) error {
	m, err := currentMeta(file, size)
	if err != nil {
		return err
	}
	if need := int64(m.pages) * m.pageSize; m.pages > 1<<40 || size < need {
		return damaged("the file has %d bytes, but %d are in use: it is truncated", size, need)
	}
	s := &structure{file: file, pageSize: m.pageSize, pages: m.pages, seen: make([]uint64, m.pages/64+1), sample: sample, onKey: onKey}
	_ = s.mark(0, 2) // the meta pages
	if err := s.tree(m.root, bounds{}, 0, true); err != nil {
		return err
	}
	if m.freeList == noFreeList {
		return nil
	}
	return s.freeList(m.freeList)
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// meta is the content of a meta page.
type meta struct {
	pageSize              int64
	root, freeList, pages uint64
	transaction           uint64
}

// currentMeta returns the meta page of the last commit. Commits write the two meta pages in turn, each within one sector.
// A crash therefore leaves both intact, and an invalid one hides the last commit.
func currentMeta(file io.ReaderAt, size int64) (*meta, error) {
	first, err := readMeta(file, 0)
	if errors.Is(err, ErrFormat) || errors.Is(err, ErrDamaged) {
		// The page size is unknown without the first meta page.
		for pageSize := int64(minPageSize); pageSize <= maxPageSize && pageSize < size; pageSize *= 2 {
			if m, err := readMeta(file, pageSize); err == nil && m.pageSize == pageSize {
				return nil, damaged("the first meta page is invalid")
			}
		}
	}
	if err != nil {
		return nil, err
	}
	second, err := readMeta(file, first.pageSize)
	if errors.Is(err, ErrFormat) {
		err = damaged("the second meta page is invalid")
	}
	if err != nil {
		return nil, err
	}
	switch {
	case first.pageSize != second.pageSize:
		return nil, damaged("the meta pages have different page sizes")
	case first.transaction == second.transaction+1:
		return first, nil
	case second.transaction == first.transaction+1:
		return second, nil
	}
	return nil, damaged("the meta pages are of transactions %d and %d, which do not follow each other", first.transaction, second.transaction)
}

// readMeta reads the meta page at an offset. It returns ErrFormat if the page does not have the magic number.
func readMeta(file io.ReaderAt, offset int64) (*meta, error) {
	page := make([]byte, pageHeaderSize+metaSize)
	if err := readAt(file, page, offset); err != nil {
		if errors.Is(err, ErrDamaged) {
			return nil, ErrFormat // too short
		}
		return nil, err
	}
	data := page[pageHeaderSize:]
	order := binary.NativeEndian
	if order.Uint32(data) != metaMagic {
		return nil, ErrFormat
	}
	sum := fnv.New64a()
	_, _ = sum.Write(data[:56])
	if sum.Sum64() != order.Uint64(data[56:]) {
		return nil, damaged("the meta page at offset %d has a wrong checksum", offset)
	}
	m := &meta{
		pageSize: int64(order.Uint32(data[8:])), root: order.Uint64(data[16:]),
		freeList: order.Uint64(data[32:]), pages: order.Uint64(data[40:]), transaction: order.Uint64(data[48:]),
	}
	switch {
	case m.pageSize < minPageSize || m.pageSize > maxPageSize || m.pageSize&(m.pageSize-1) != 0:
		return nil, damaged("the page size is %d", m.pageSize)
	case order.Uint16(page[8:]) != metaPage || order.Uint64(page) != uint64(offset/m.pageSize):
		return nil, damaged("the meta page at offset %d has a wrong header", offset)
	}
	return m, nil
}

// readAt reads len(data) bytes. It reports damage if the file is too short.
func readAt(file io.ReaderAt, data []byte, offset int64) error {
	n, err := file.ReadAt(data, offset)
	switch {
	case n == len(data):
		return nil
	case errors.Is(err, io.EOF):
		return damaged("the file ends at offset %d", offset+int64(n))
	}
	return err
}

// mark records that n pages are in use, and reports the first page that is out of range or already in use.
func (s *structure) mark(id, n uint64) error {
	if id > s.pages || n > s.pages-id {
		return damaged("page %d is out of range", id)
	}
	for ; n > 0; id, n = id+1, n-1 {
		if s.seen[id/64]&(1<<(id%64)) != 0 {
			return damaged("page %d has several uses", id)
		}
		s.seen[id/64] |= 1 << (id % 64)
	}
	return nil
}

// bounds are the bounds of the keys of a page: from first up to and excluding end. Nil means that there is no bound.
type bounds struct{ first, end []byte }

func (b bounds) has(key []byte) bool {
	return bytes.Compare(key, b.first) >= 0 && (b.end == nil || bytes.Compare(key, b.end) < 0)
}

// tree checks the tree whose root is page id. top is true for the tree of the buckets.
func (s *structure) tree(id uint64, keys bounds, depth int, top bool) error {
	if depth > maxDepth {
		return damaged("page %d is %d levels deep", id, depth)
	}
	if id < 2 || id >= s.pages {
		return damaged("page %d is out of range", id)
	}
	buffer := make([]byte, s.pageSize)
	offset := int64(id) * s.pageSize
	if err := readAt(s.file, buffer, offset); err != nil {
		return err
	}
	order := binary.NativeEndian
	if got := order.Uint64(buffer); got != id {
		return damaged("page %d has the id %d", id, got)
	}
	overflow := uint64(order.Uint32(buffer[12:]))
	if err := s.mark(id, overflow+1); err != nil {
		return err
	}
	p := &page{
		name: fmt.Sprintf("page %d", id), first: buffer, size: int64(overflow+1) * s.pageSize,
		readAt: func(data []byte, at int64) error { return readAt(s.file, data, offset+at) },
	}
	end, err := s.page(p, keys, depth, top)
	if err != nil {
		return err
	}
	// Older versions of bbolt may have allocated one page more than necessary.
	if used := uint64((end + s.pageSize - 1) / s.pageSize); used != overflow+1 && used != overflow {
		return damaged("page %d has %d overflow pages, but its content ends in page %d", id, overflow, used)
	}
	return nil
}

// page is a page with its overflow pages, or the page of an inline bucket.
type page struct {
	name   string
	first  []byte // the first bytes
	size   int64
	readAt func(data []byte, at int64) error
}

// bytes returns n bytes of the page.
func (p *page) bytes(at, n int64) ([]byte, error) {
	if at < 0 || n < 0 || at > p.size || n > p.size-at {
		return nil, damaged("an element of %s lies outside of the page", p.name)
	}
	if at+n <= int64(len(p.first)) {
		return p.first[at : at+n], nil
	}
	data := make([]byte, n)
	return data, p.readAt(data, at)
}

// element is an element of a page.
type element struct {
	flags uint32
	key   []byte
	child uint64 // page of a branch element
	value int64  // offset of the value of a leaf element
	size  int64  // size of the value
}

// elements reads the elements of a page. The data of the elements follows them in order and without gaps. It returns the
// offset at which the data ends.
func (p *page) elements(branch bool, count int) (list []element, end int64, err error) {
	order := binary.NativeEndian
	table, err := p.bytes(pageHeaderSize, int64(count)*elementSize)
	if err != nil {
		return nil, 0, err
	}
	list = make([]element, count)
	end = pageHeaderSize + int64(len(table))
	for i := range list {
		e, field := &list[i], table[i*elementSize:]
		if !branch {
			e.flags, field = order.Uint32(field), field[4:]
		}
		at := pageHeaderSize + int64(i)*elementSize + int64(order.Uint32(field))
		size := int64(order.Uint32(field[4:]))
		if at != end || size == 0 {
			return nil, 0, damaged("element %d of %s has a wrong position or an empty key", i, p.name)
		}
		if e.key, err = p.bytes(at, size); err != nil {
			return nil, 0, err
		}
		end += size
		if branch {
			e.child = order.Uint64(field[8:])
			continue
		}
		e.value, e.size = end, int64(order.Uint32(field[8:]))
		if end += e.size; end > p.size {
			return nil, 0, damaged("element %d of %s lies outside of the page", i, p.name)
		}
	}
	return list, end, nil
}

// page checks a page and the pages that it refers to. It returns the offset at which its content ends.
func (s *structure) page(p *page, keys bounds, depth int, top bool) (end int64, err error) {
	header, err := p.bytes(0, pageHeaderSize)
	if err != nil {
		return 0, err
	}
	order := binary.NativeEndian
	flags, count := order.Uint16(header[8:]), int(order.Uint16(header[10:]))
	if flags != branchPage && flags != leafPage {
		return 0, damaged("%s has the type %#x", p.name, flags)
	}
	if count == 0 && (flags == branchPage || keys.first != nil) {
		return 0, damaged("%s is empty", p.name)
	}
	list, end, err := p.elements(flags == branchPage, count)
	if err != nil {
		return 0, err
	}
	for i, e := range list {
		if !keys.has(e.key) || i > 0 && bytes.Compare(list[i-1].key, e.key) >= 0 {
			return 0, damaged("the keys of %s are not in order", p.name)
		}
	}
	if flags == leafPage {
		return end, s.leaf(p, list, depth, top)
	}
	for i := range s.follow(len(list)) {
		below := bounds{list[i].key, keys.end}
		if i+1 < len(list) {
			below.end = list[i+1].key
		}
		if err := s.tree(list[i].child, below, depth+1, top); err != nil {
			return 0, err
		}
	}
	return end, nil
}

// follow iterates over the elements of a branch page that the check follows.
func (s *structure) follow(n int) iter.Seq[int] {
	if s.sample && n > sampledChildren {
		return slices.Values(rand.Perm(n)[:sampledChildren])
	}
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

// leaf checks the elements of a leaf page.
func (s *structure) leaf(p *page, list []element, depth int, top bool) error {
	for _, e := range list {
		switch {
		case !top && e.flags == 0:
			if s.onKey != nil {
				s.onKey(e.key)
			}
		case !top || e.flags != bucketElement:
			return damaged("%s has an element with the flags %#x", p.name, e.flags)
		default:
			if err := s.bucket(p, e, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// bucket checks a bucket: a separate tree, or a page inside the element.
func (s *structure) bucket(p *page, e element, depth int) error {
	data, err := p.bytes(e.value, e.size)
	if err != nil {
		return err
	}
	if len(data) < bucketSize {
		return damaged("bucket %q has %d bytes", e.key, len(data))
	}
	check := *s
	if string(e.key) != string(dataBucket) {
		check.onKey, check.sample = nil, false
	}
	if root := binary.NativeEndian.Uint64(data); root != 0 {
		return check.tree(root, bounds{}, depth+1, false)
	}
	inline := data[bucketSize:]
	end, err := check.page(&page{name: fmt.Sprintf("bucket %q", e.key), first: inline, size: int64(len(inline))}, bounds{}, maxDepth, false)
	if err == nil && end != int64(len(inline)) {
		return damaged("bucket %q has %d bytes, but %d are in use", e.key, len(inline), end)
	}
	return err
}

// freeList checks the list of free pages, which exists if another program wrote the file last.
func (s *structure) freeList(id uint64) error {
	if err := s.mark(id, 1); err != nil {
		return err
	}
	order := binary.NativeEndian
	header := make([]byte, pageHeaderSize+8)
	if err := readAt(s.file, header, int64(id)*s.pageSize); err != nil {
		return err
	}
	overflow := uint64(order.Uint32(header[12:]))
	if order.Uint64(header) != id || order.Uint16(header[8:]) != freeListPage {
		return damaged("page %d is not the list of free pages", id)
	}
	if err := s.mark(id+1, overflow); err != nil {
		return err
	}
	at, count := int64(pageHeaderSize), uint64(order.Uint16(header[10:]))
	if count == 0xFFFF { // the number does not fit into the header
		at, count = at+8, order.Uint64(header[pageHeaderSize:])
	}
	if count > s.pages || uint64(at)+count*8 > (overflow+1)*uint64(s.pageSize) {
		return damaged("the list of free pages has %d entries", count)
	}
	list := make([]byte, count*8)
	if err := readAt(s.file, list, int64(id)*s.pageSize+at); err != nil {
		return err
	}
	if s.sample {
		return nil // whether a listed page is in use is unknown
	}
	for ; len(list) > 0; list = list[8:] {
		if err := s.mark(order.Uint64(list), 1); err != nil {
			return err
		}
	}
	return nil
}
