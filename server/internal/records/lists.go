package records

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// A list of sections is a tree of nodes. A leaf has the names of sections with the digests of their contents, ordered by
// name. An inner node has the digests of its children, each with the last name in the child. Nodes are stored by the
// digest of their encoding, as contents are, so equal lists, and equal parts of lists, are stored once.
//
// Only the names determine where a node ends: a node ends after a name whose hash has a given form. If one section
// changes, only its leaf and the path to the root change. The bounds of a node's size hold for any names. With adversarial
// names, nodes end only at the upper bound, and adding a name can change all nodes of the list.

const (
	// A node, except the last one of its level, has at least minNode bytes, and ends when it has maxNode bytes. Nodes are
	// small, because a change of a section writes a node on each level and increments the reference counts of all blobs
	// that these nodes share with their predecessors.
	minNode = 512
	maxNode = 1536

	// nodeEnds is the average number of entries between names that end a node.
	nodeEnds = 8

	// maxInline is the length of the longest content that a list stores in place of its digest.
	maxInline = sha256.Size

	// maxDepth bounds the depth of the tree, as a defense against damaged data.
	maxDepth = 16

	leafNode  = 'L'
	innerNode = 'I'
)

// digest is the SHA-256 of a content or of a node.
type digest [sha256.Size]byte

// String returns the digest as it appears in keys and records, in base64, which is shorter than hexadecimal.
func (d digest) String() string { return base64.RawURLEncoding.EncodeToString(d[:]) }

func parseDigest(text string) (d digest, err error) {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(decoded) != len(d) {
		return d, fmt.Errorf("%q is not a SHA-256", text)
	}
	copy(d[:], decoded)
	return d, nil
}

// section is an entry of a leaf.
type section struct {
	name   string
	size   int    // of the content
	inline []byte // the content, if it is not longer than maxInline
	digest digest // of the content, unless it is inline
}

func newSection(name string, content []byte) section {
	s := section{name: name, size: len(content)}
	if s.isInline() {
		s.inline = content
	} else {
		s.digest = sha256.Sum256(content)
	}
	return s
}

func (s *section) isInline() bool { return s.size <= maxInline }

// contentDigest returns the digest of the content.
func (s *section) contentDigest() digest {
	if s.isInline() {
		return sha256.Sum256(s.inline)
	}
	return s.digest
}

func (s *section) appendTo(dst []byte) []byte {
	dst = appendName(dst, s.name)
	dst = binary.AppendUvarint(dst, uint64(s.size))
	if s.isInline() {
		return append(dst, s.inline...)
	}
	return append(dst, s.digest[:]...)
}

func appendName(dst []byte, name string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(name))), name...)
}

// child is an entry of an inner node.
type child struct {
	last   string // the last name in the child
	digest digest
}

func (c *child) appendTo(dst []byte) []byte { return append(appendName(dst, c.last), c.digest[:]...) }

// node is an encoded node with its digest.
type node struct {
	child
	data []byte

	// first and end are the range of the entries of the node: the sections of a leaf, or the nodes below an inner node.
	first, end int
}

func (n *node) isLeaf() bool { return n.data[0] == leafNode }

// buildList returns the nodes of the list with the sections, which are ordered by name. The last node is the root. An
// empty list has no nodes.
func buildList(sections []section) []node {
	if len(sections) == 0 {
		return nil
	}
	nodes := splitNodes(nil, leafNode, 0, 0, len(sections), func(dst []byte, i int) ([]byte, string) {
		return sections[i].appendTo(dst), sections[i].name
	})
	for level, first := 1, 0; len(nodes)-first > 1; level++ {
		below, end := nodes, len(nodes)
		nodes = splitNodes(nodes, innerNode, level, first, end, func(dst []byte, i int) ([]byte, string) {
			return below[i].appendTo(dst), below[i].last
		})
		first = end
	}
	return nodes
}

// splitNodes appends to nodes the nodes of one level, whose entries from first to end appendEntry encodes.
func splitNodes(nodes []node, kind byte, level, first, end int, appendEntry func(dst []byte, i int) (_ []byte, name string)) []node {
	data := append(make([]byte, 0, maxNode+256), kind)
	for i := first; i < end; i++ {
		var name string
		data, name = appendEntry(data, i)
		if i == end-1 || len(data) >= maxNode || len(data) >= minNode && endsNode(name, level) {
			nodes = append(nodes, node{child{name, sha256.Sum256(data)}, bytes.Clone(data), first, i + 1})
			data, first = data[:1], i+1
		}
	}
	return nodes
}

// endsNode reports whether a node on the level ends after the name. It computes the FNV-1a hash of level and name.
func endsNode(name string, level int) bool {
	const offset, prime = 14695981039346656037, 1099511628211
	h := (offset ^ uint64(level)) * prime
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * prime
	}
	return (h^h>>32)%nodeEnds == 0
}

var errNode = errors.New("a node of a list of sections is damaged")

// decodeNode decodes a node. Exactly one of the results is not empty. They share the memory of data.
func decodeNode(data []byte) (sections []section, children []child, err error) {
	if len(data) < 2 {
		return nil, nil, errNode
	}
	kind, data := data[0], data[1:]
	text := string(data) // names are substrings
	offset := 0
	next := func(n uint64) (part []byte, ok bool) {
		if n > uint64(len(data)-offset) {
			return nil, false
		}
		offset += int(n)
		return data[offset-int(n) : offset : offset], true
	}
	length := func() (uint64, bool) {
		n, size := binary.Uvarint(data[offset:])
		if size <= 0 {
			return 0, false
		}
		offset += size
		return n, true
	}
	name := func() (string, bool) {
		n, ok := length()
		if !ok {
			return "", false
		}
		start := offset
		_, ok = next(n)
		return text[start:offset], ok
	}
	if kind == leafNode { // an entry of a section has at least this length, unless the content is inline
		sections = make([]section, 0, len(data)/(sha256.Size+2)+1)
	}
	last := ""
	for first := true; offset < len(data); first = false {
		name, ok := name()
		if !ok || !first && name <= last {
			return nil, nil, errNode
		}
		last = name
		size := uint64(sha256.Size)
		if kind == leafNode {
			if size, ok = length(); !ok || size > 1<<31 {
				return nil, nil, errNode
			}
		}
		part, ok := next(min(size, sha256.Size))
		switch {
		case !ok:
			return nil, nil, errNode
		case kind == innerNode:
			children = append(children, child{name, digest(part)})
		case kind == leafNode && size <= maxInline:
			sections = append(sections, section{name: name, size: int(size), inline: part})
		case kind == leafNode:
			sections = append(sections, section{name: name, size: int(size), digest: digest(part)})
		default:
			return nil, nil, errNode
		}
	}
	return sections, children, nil
}

// walkList calls visit for the sections of the list with the root, sorted by name. The function read returns the node with
// a digest.
func walkList(root digest, read func(digest) ([]byte, error), visit func(section) error) error {
	return walkNode(root, 0, read, visit)
}

func walkNode(d digest, depth int, read func(digest) ([]byte, error), visit func(section) error) error {
	if depth == maxDepth {
		return errNode
	}
	data, err := read(d)
	if err != nil {
		return err
	}
	sections, children, err := decodeNode(data)
	if err != nil {
		return fmt.Errorf("%w: %v", err, d)
	}
	for _, s := range sections {
		if err := visit(s); err != nil {
			return err
		}
	}
	for _, c := range children {
		if err := walkNode(c.digest, depth+1, read, visit); err != nil {
			return err
		}
	}
	return nil
}

// findSection returns the section with the name, or nil if the list does not have it. It reads one node of each level.
func findSection(root digest, name string, read func(digest) ([]byte, error)) (*section, error) {
	for range maxDepth {
		data, err := read(root)
		if err != nil {
			return nil, err
		}
		sections, children, err := decodeNode(data)
		if err != nil {
			return nil, fmt.Errorf("%w: %v", err, root)
		}
		for i := range sections {
			if sections[i].name == name {
				return &sections[i], nil
			}
		}
		below := -1
		for i := range children {
			if strings.Compare(name, children[i].last) <= 0 {
				below = i
				break
			}
		}
		if below < 0 {
			return nil, nil
		}
		root = children[below].digest
	}
	return nil, errNode
}

// mergeSections returns the sections with those in changed added or replaced. The arguments and the result are sorted by
// name.
func mergeSections(sections, changed []section) []section {
	merged := make([]section, 0, len(sections)+len(changed))
	for len(sections) > 0 && len(changed) > 0 {
		switch strings.Compare(sections[0].name, changed[0].name) {
		case -1:
			merged, sections = append(merged, sections[0]), sections[1:]
		case 0:
			sections = sections[1:]
		default:
			merged, changed = append(merged, changed[0]), changed[1:]
		}
	}
	return append(append(merged, sections...), changed...)
}

// listETag returns the entity tag of a configuration with the sections: a digest of the sorted names, each followed by a
// zero byte and the SHA-256 of the content.
func listETag(sections []section) string {
	const average = 64 // of an entry
	all := make([]byte, 0, average*len(sections))
	for i := range sections {
		content := sections[i].contentDigest()
		all = append(append(all, sections[i].name...), 0)
		all = append(all, content[:]...)
	}
	sum := sha256.Sum256(all)
	return `"sha256:` + hex.EncodeToString(sum[:]) + `"`
}
