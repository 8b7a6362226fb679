package records

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Sections maps the names of sections to their contents, which are compact JSON.
type Sections map[string]json.RawMessage

// SectionList identifies the stored sections of a configuration or a snapshot.
type SectionList struct {
	// Root is the SHA-256 of the root of the list, in base64url without padding. It is empty if the list is empty.
	Root string `json:",omitempty"`

	// Count is the number of sections.
	Count int

	// Size is the sum of the lengths of all names and contents, in bytes.
	Size int

	// ETag is the entity tag of the sections: a digest of the sorted names, each followed by a zero byte and the SHA-256 of
	// the content.
	ETag string
}

// NewSectionList returns the empty list.
func NewSectionList() SectionList { return SectionList{ETag: emptyETag} }

var emptyETag = listETag(nil)

// root returns the root of a list that is not empty.
func (l SectionList) root() (blob, error) {
	d, err := parseDigest(l.Root)
	return blob{listBlob, d}, err
}

// readNode returns the node of a list with the digest.
func (tx *Tx) readNode(d digest) ([]byte, error) { return tx.readBlob(blob{listBlob, d}) }

func (tx *Tx) readBlob(b blob) ([]byte, error) {
	data, err := tx.reader.Get(tx.blobKey(b))
	if err == nil && data == nil {
		err = fmt.Errorf("%v is missing: %w", b, ErrDamaged)
	}
	return data, err
}

// content returns a copy of the content of a section.
func (tx *Tx) content(s *section) (json.RawMessage, error) {
	if s.isInline() {
		return bytes.Clone(s.inline), nil
	}
	content, err := tx.readBlob(blob{contentBlob, s.digest})
	return bytes.Clone(content), err
}

// Section returns a copy of the content of a section, or nil if the list does not have the section.
func (tx *Tx) Section(l SectionList, name string) (json.RawMessage, error) {
	if l.Root == "" {
		return nil, nil
	}
	root, err := l.root()
	if err != nil {
		return nil, err
	}
	found, err := findSection(root.digest, name, tx.readNode)
	if err != nil || found == nil {
		return nil, err
	}
	return tx.content(found)
}

// Sections returns copies of the named sections, or of all sections if names is nil. It ignores unknown names.
func (tx *Tx) Sections(l SectionList, names []string) (Sections, error) {
	if names != nil {
		sections := Sections{}
		for _, name := range names {
			content, err := tx.Section(l, name)
			if err != nil {
				return nil, err
			}
			if content != nil {
				sections[name] = content
			}
		}
		return sections, nil
	}
	sections := make(Sections, l.Count)
	err := tx.walk(l, func(s section) (err error) {
		sections[s.name], err = tx.content(&s)
		return err
	})
	return sections, err
}

// walk calls visit for the sections of the list, sorted by name.
func (tx *Tx) walk(l SectionList, visit func(section) error) error {
	if l.Root == "" {
		return nil
	}
	root, err := l.root()
	if err != nil {
		return err
	}
	return walkList(root.digest, tx.readNode, visit)
}

// ShareSections adds a reference to the list, for another record that holds it.
func (tx *Tx) ShareSections(l SectionList) error {
	if l.Root == "" {
		return nil
	}
	root, err := l.root()
	if err == nil {
		tx.addReference(root)
	}
	return err
}

// releaseSections removes the reference of a record that no longer holds the list.
func (tx *Tx) releaseSections(l SectionList) error {
	if l.Root == "" {
		return nil
	}
	root, err := l.root()
	if err == nil {
		tx.release(root)
	}
	return err
}

// LoadedSections is a list with the contents of its sections. It remains valid after the transaction that read it.
type LoadedSections struct {
	// List is the list.
	List SectionList

	// Contents has the contents of all sections. It must not be modified.
	Contents Sections

	sections []section
	nodes    map[digest]bool
}

// section returns the entry of a section, or nil if the list does not have it.
func (l *LoadedSections) section(name string) *section {
	i, ok := slices.BinarySearchFunc(l.sections, name, func(s section, name string) int { return strings.Compare(s.name, name) })
	if !ok {
		return nil
	}
	return &l.sections[i]
}

// LoadSections reads a list with the contents of its sections.
func (tx *Tx) LoadSections(l SectionList) (*LoadedSections, error) {
	loaded := &LoadedSections{
		List: l, Contents: make(Sections, l.Count), sections: make([]section, 0, l.Count), nodes: map[digest]bool{},
	}
	err := tx.walkNodes(l, loaded.nodes, func(s section) error {
		content, err := tx.content(&s)
		if s.isInline() {
			s.inline = content
		}
		loaded.Contents[s.name] = content
		loaded.sections = append(loaded.sections, s)
		return err
	})
	return loaded, err
}

// MemorySize returns the approximate size of the sections in memory, in bytes.
func (l *LoadedSections) MemorySize() int {
	const overhead = 200 // per section
	return l.List.Size + overhead*l.List.Count
}

// BuiltSections is a list of sections with its nodes and digests, ready to be stored. Building it needs no transaction.
type BuiltSections struct {
	// LoadedSections is the list as it is once it has been stored.
	*LoadedSections

	base    *LoadedSections // the list that was changed, or nil
	changed Sections        // the contents that base may not have
	built   []node          // the nodes of the list

	announced bool // whether the update has announced the keys that ReplaceSections reads
}

// BuildSections builds a list of sections. The sections must not be modified afterwards.
func BuildSections(sections Sections) *BuiltSections {
	return build(nil, newSections(sections), sections, sections)
}

// Change builds the list of l with the sections in changed added or replaced. The sections must not be modified afterwards.
func (l *LoadedSections) Change(changed Sections) *BuiltSections {
	all := maps.Clone(l.Contents)
	maps.Copy(all, changed)
	return build(l, mergeSections(l.sections, newSections(changed)), all, changed)
}

func build(base *LoadedSections, sections []section, all, changed Sections) *BuiltSections {
	l := SectionList{Count: len(sections), ETag: listETag(sections)}
	for i := range sections {
		l.Size += len(sections[i].name) + sections[i].size
	}
	nodes := buildList(sections)
	digests := make(map[digest]bool, len(nodes))
	for i := range nodes {
		digests[nodes[i].digest] = true
	}
	if len(nodes) > 0 {
		l.Root = nodes[len(nodes)-1].digest.String()
	}
	loaded := &LoadedSections{List: l, Contents: all, sections: sections, nodes: digests}
	return &BuiltSections{LoadedSections: loaded, base: base, changed: changed, built: nodes}
}

// ReplaceSections stores a built list. In the record that holds l, the caller replaces it with the built list.
func (tx *Tx) ReplaceSections(l SectionList, b *BuiltSections) error {
	stored := storedParts{contents: b.Contents}
	if b.base != nil && b.base.List == l {
		stored = storedParts{b.base.nodes, b.changed}
		if !b.announced {
			if err := tx.prefetch(func() []string { return tx.changedParts(b) }); err != nil {
				return err
			}
		}
	} else {
		stored.nodes = map[digest]bool{}
		if err := tx.walkNodes(l, stored.nodes, func(section) error { return nil }); err != nil {
			return err
		}
	}
	if n := len(b.built); n > 0 {
		if err := tx.storeNode(b, n-1, stored); err != nil {
			return err
		}
	}
	return tx.releaseSections(l)
}

// walkNodes is like walk, and adds the digests of the nodes to nodes.
func (tx *Tx) walkNodes(l SectionList, nodes map[digest]bool, visit func(section) error) error {
	if l.Root == "" {
		return nil
	}
	root, err := l.root()
	if err != nil {
		return err
	}
	return walkList(root.digest, func(d digest) ([]byte, error) {
		nodes[d] = true
		return tx.readNode(d)
	}, visit)
}

func newSections(contents Sections) []section {
	sections := make([]section, 0, len(contents))
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		sections = append(sections, newSection(name, contents[name]))
	}
	return sections
}

// ConfigurationKeys returns the keys of the records that a change of the configuration of a game reads, which the update must
// announce. The list was built by [LoadedSections.Change] for the configuration that the game probably has.
func ConfigurationKeys(owner Owner, g *Game, b *BuiltSections) []string {
	b.announced = true
	tx := keysOf(owner)
	return append(tx.changedParts(b), tx.gameKey(g.Name), tx.configurationKey(g))
}

// maxPrefetched is the length of the longest content that is prefetched. Only the existence of contents matters.
const maxPrefetched = 16 << 10

// changedParts returns the keys of the records about nodes and contents that b.base or the list has, but not both.
func (tx *Tx) changedParts(b *BuiltSections) (keys []string) {
	for i := range b.built {
		if n := (blob{listBlob, b.built[i].digest}); !b.base.nodes[n.digest] {
			keys = append(keys, tx.blobKey(n), tx.unreferencedKey(n), tx.referencesKey(n))
		}
	}
	for d := range b.base.nodes {
		if n := (blob{listBlob, d}); !b.nodes[d] {
			keys = append(keys, tx.blobKey(n), tx.referencesKey(n))
		}
	}
	for name := range b.changed {
		if s := b.section(name); !s.isInline() && s.size <= maxPrefetched {
			c := blob{contentBlob, s.digest}
			keys = append(keys, tx.blobKey(c), tx.referencesKey(c))
		}
		if s := b.base.section(name); s != nil && !s.isInline() {
			keys = append(keys, tx.referencesKey(blob{contentBlob, s.digest}))
		}
	}
	return keys
}

// storedParts are the parts of a list that need not be stored, because the list that it replaces refers to them.
type storedParts struct {
	nodes map[digest]bool

	// contents are the contents that may have to be stored. The others are stored.
	contents Sections
}

// storeNode adds a reference to a node of a built list. If the node is new, storeNode stores it, and likewise its children
// and contents.
func (tx *Tx) storeNode(b *BuiltSections, i int, stored storedParts) error {
	n := &b.built[i]
	key := blob{listBlob, n.digest}
	if stored.nodes[n.digest] {
		tx.addReference(key)
		return nil
	}
	isNew, err := tx.storeBlob(key, n.data)
	if err != nil || !isNew {
		return err
	}
	for j := n.first; j < n.end; j++ {
		if n.isLeaf() {
			err = tx.storeContent(&b.sections[j], stored.contents)
		} else {
			err = tx.storeNode(b, j, stored)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// storeContent adds a reference to the content of a section. The content is either in contents or stored.
func (tx *Tx) storeContent(s *section, contents Sections) error {
	if s.isInline() {
		return nil
	}
	b := blob{contentBlob, s.digest}
	content, ok := contents[s.name]
	if !ok { // the old list refers to it
		tx.addReference(b)
		return nil
	}
	_, err := tx.storeBlob(b, content)
	return err
}
