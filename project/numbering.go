package project

import (
	"encoding/json"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// numbering numbers JSON values so that two values have the same number if and only if they are equal. A diff compares
// values at every level, and comparing numbers takes constant time.
//
// JSON numbers are equal if their digits are: 1 and 1.0 differ.
type numbering struct {
	numbers map[string]int // by the text of a scalar, or the brackets, names and numbers of a container
	ids     map[*node]int
}

func newNumbering() *numbering {
	return &numbering{numbers: map[string]int{}, ids: map[*node]int{}}
}

// parse parses a section and numbers the values in it. A nil section has no node.
func (nb *numbering) parse(section json.RawMessage) (*node, error) {
	if section == nil {
		return nil, nil
	}
	n, err := parseJSON(section, lastNameWins)
	if err != nil {
		return nil, err
	}
	nb.add(n)
	return n, nil
}

func (nb *numbering) add(n *node) int {
	var key []byte
	switch n.kind {
	case '{':
		key = append(key, '{')
		for _, m := range n.members {
			key = append(append(key, m.quoted...), ':')
			key = append(strconv.AppendInt(key, int64(nb.add(m.value)), 10), ',')
		}
	case '[':
		key = append(key, '[')
		for _, item := range n.items {
			key = append(strconv.AppendInt(key, int64(nb.add(item)), 10), ',')
		}
	default:
		key = n.scalar
	}
	number, ok := nb.numbers[string(key)]
	if !ok {
		number = len(nb.numbers)
		nb.numbers[string(key)] = number
	}
	nb.ids[n] = number
	return number
}

// equal reports whether two values are equal. A nil value is absent.
func (nb *numbering) equal(a, b *node) bool {
	return a == b || a != nil && b != nil && nb.ids[a] == nb.ids[b]
}

// items returns the numbers of the items of an array.
func (nb *numbering) items(array *node) []int {
	numbers := make([]int, len(array.items))
	for i, item := range array.items {
		numbers[i] = nb.ids[item]
	}
	return numbers
}

// isExact reports whether name has no unpaired surrogates, so that a path can contain it.
func (m member) isExact() bool {
	_, err := jsontext.AppendUnquote(nil, m.quoted)
	return err == nil
}

func (n *node) compact() json.RawMessage { return n.appendCompact(nil) }
