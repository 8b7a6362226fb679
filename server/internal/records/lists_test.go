package records

import (
	"fmt"
	"testing"
)

// listOf returns the entries of a list with the names, in order.
func listOf(names []string) (sections []section) {
	for _, name := range names {
		sections = append(sections, section{name: name, size: 1000, digest: digest{1}})
	}
	return sections
}

// TestNodes checks the sizes of nodes, that a list can be read, and how many nodes a change of one section replaces.
func TestNodes(t *testing.T) {
	t.Parallel()
	for name, names := range map[string][]string{
		"no sections":                {},
		"1 section":                  NumberedNames(1),
		"5 sections":                 NumberedNames(5),
		"1,000 sections":             NumberedNames(1000),
		"10,000 sections":            NumberedNames(10_000),
		"all names end a node":       NamesThatEndNodes(true, 2000),
		"no name ends a node":        NamesThatEndNodes(false, 2000),
		"names of different lengths": {"a", "b" + fmt.Sprintf("%0128d", 1), "c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sections := listOf(names)
			nodes := buildList(sections)
			byDigest := map[digest][]byte{}
			small := 0
			for _, n := range nodes {
				byDigest[n.digest] = n.data
				if len(n.data) > maxNode+200 { // the last entry may exceed the bound
					t.Errorf("a node has %d bytes", len(n.data))
				}
				if len(n.data) < minNode {
					small++
				}
			}
			if small > 4 { // at most one of each level
				t.Errorf("%d nodes have fewer than %d bytes", small, minNode)
			}
			if len(names) == 0 {
				if len(nodes) > 0 {
					t.Errorf("an empty list has %d nodes", len(nodes))
				}
				return
			}
			read := func(d digest) ([]byte, error) { return byDigest[d], nil }
			root := nodes[len(nodes)-1].digest
			i := 0
			err := walkList(root, read, func(s section) error {
				if i >= len(names) || s.name != names[i] {
					t.Fatalf("section %d is %s", i, s.name)
				}
				i++
				return nil
			})
			if err != nil || i != len(names) {
				t.Errorf("read %d sections, error %v; want %d", i, err, len(names))
			}
			for _, want := range []string{names[0], names[len(names)/2], names[len(names)-1]} {
				if found, err := findSection(root, want, read); err != nil || found == nil || found.name != want {
					t.Errorf("find %s: got %v, error %v", want, found, err)
				}
			}
			if found, err := findSection(root, "Zzz", read); err != nil || found != nil {
				t.Errorf("find an unknown name: got %v, error %v", found, err)
			}

			// Another content changes a node of each level.
			sections[len(sections)/2].digest = digest{2}
			added := 0
			for _, n := range buildList(sections) {
				if byDigest[n.digest] == nil {
					added++
				}
			}
			if added > 5 {
				t.Errorf("a change of one section replaces %d of %d nodes, want at most one of each level", added, len(nodes))
			}
		})
	}
}

// TestAddedName checks that an added name changes few nodes of a list with usual names.
func TestAddedName(t *testing.T) {
	t.Parallel()
	names := NumberedNames(1000)
	byDigest := map[digest]bool{}
	for _, n := range buildList(listOf(names)) {
		byDigest[n.digest] = true
	}
	sections := mergeSections(listOf(names), listOf([]string{names[500] + "a"}))
	added := 0
	for _, n := range buildList(sections) {
		if !byDigest[n.digest] {
			added++
		}
	}
	if added > 10 {
		t.Errorf("an added name replaces %d nodes, want at most 10", added)
	}
}

// TestDamagedNodes checks that truncated nodes are errors.
func TestDamagedNodes(t *testing.T) {
	t.Parallel()
	nodes := buildList(listOf(NumberedNames(100)))
	for _, n := range []node{nodes[0], nodes[len(nodes)-1]} {
		failed := 0
		for i := range n.data {
			if _, _, err := decodeNode(n.data[:i]); err != nil {
				failed++
			}
		}
		if failed < len(n.data)*9/10 {
			t.Errorf("%d of %d truncated nodes are errors", failed, len(n.data))
		}
	}
	if _, _, err := decodeNode([]byte("X\x01a")); err == nil {
		t.Error("a node of an unknown kind was accepted")
	}
}
