package records

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
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

// ChangeSections stores the list of l with the sections in changed added or replaced. In the record that holds l.List, the
// caller replaces it with the list of the result.
func (tx *Tx) ChangeSections(l *LoadedSections, changed Sections) (*LoadedSections, error) {
	all := maps.Clone(l.Contents)
	maps.Copy(all, changed)
	return tx.putSections(l, mergeSections(l.sections, newSections(changed)), all, changed)
}

// ReplaceSections stores a list of the sections. In the record that holds l, the caller replaces it with the list of the
// result.
func (tx *Tx) ReplaceSections(l SectionList, sections Sections) (*LoadedSections, error) {
	old := &LoadedSections{List: l, nodes: map[digest]bool{}}
	if err := tx.walkNodes(l, old.nodes, func(section) error { return nil }); err != nil {
		return nil, err
	}
	return tx.putSections(old, newSections(sections), sections, sections)
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

// putSections stores the list of the sections, whose contents are in all, and releases the list that it replaces. The map
// changed has the contents that the old list may not have.
func (tx *Tx) putSections(old *LoadedSections, sections []section, all, changed Sections) (*LoadedSections, error) {
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
		root := blob{listBlob, nodes[len(nodes)-1].digest}
		l.Root = root.digest.String()
		if err := tx.storeNodes(root, nodes, old.nodes, changed); err != nil {
			return nil, err
		}
	}
	return &LoadedSections{List: l, Contents: all, sections: sections, nodes: digests}, tx.releaseSections(old.List)
}

// storeNodes adds a reference to the root. If the root is new, storeNodes stores it, and likewise its children and
// contents. The nodes in old exist, because they belong to the old list.
func (tx *Tx) storeNodes(root blob, nodes []node, old map[digest]bool, contents Sections) error {
	all := make(map[digest]*node, len(nodes))
	for i := range nodes {
		all[nodes[i].digest] = &nodes[i]
	}
	var store func(b blob) error
	store = func(b blob) error {
		if old[b.digest] {
			tx.addReference(b)
			return nil
		}
		data := all[b.digest].data
		stored, err := tx.storeBlob(b, data)
		if err != nil || !stored {
			return err
		}
		sections, children, err := decodeNode(data)
		if err != nil {
			return err
		}
		for i := range sections {
			if err := tx.storeContent(&sections[i], contents); err != nil {
				return err
			}
		}
		for i := range children {
			if err := store(blob{listBlob, children[i].digest}); err != nil {
				return err
			}
		}
		return nil
	}
	return store(root)
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
