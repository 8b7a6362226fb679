package deploy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gamesparks-go/gamesparks/types"
)

// differingSections returns the sorted names of the sections that are missing from one map or have different JSON
// values.
func differingSections(a, b map[string]types.Section) ([]string, error) {
	names := maps.Clone(a)
	if names == nil {
		names = map[string]types.Section{}
	}
	maps.Copy(names, b)
	var differing []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		sectionA, inA := a[name]
		sectionB, inB := b[name]
		equal := inA && inB
		if equal {
			var err error
			if equal, err = equalSections(sectionA, sectionB); err != nil {
				return nil, fmt.Errorf("section %s: %w", name, err)
			}
		}
		if !equal {
			differing = append(differing, name)
		}
	}
	return differing, nil
}

func equalSections(a, b types.Section) (bool, error) {
	textA, errA := encode(a)
	textB, errB := encode(b)
	if err := errors.Join(errA, errB); err != nil {
		return false, err
	}
	return equalJSON(textA, textB)
}

// encode returns the content of a section as JSON. Nil attributes mean null.
func encode(s types.Section) (jsontext.Value, error) {
	if s.Attributes == nil {
		return jsontext.Value("null"), nil
	}
	return s.Attributes.MarshalSmithyDocument()
}

// equalJSON reports whether two JSON texts have the same value. The order of object members and the notation of strings
// and numbers do not matter: 1.0 equals 1. Numbers are compared exactly, not as float64.
func equalJSON(a, b jsontext.Value) (bool, error) {
	if bytes.Equal(a, b) {
		return true, nil
	}
	// The service decides which texts are valid.
	lenient := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	a, b = bytes.Clone(a), bytes.Clone(b)
	for _, v := range []*jsontext.Value{&a, &b} {
		if err := v.Format(append(lenient, jsontext.ReorderRawObjects(true))...); err != nil {
			return false, err
		}
	}
	tokensA, tokensB := jsontext.NewDecoder(bytes.NewReader(a), lenient...), jsontext.NewDecoder(bytes.NewReader(b), lenient...)
	for {
		tokenA, errA := tokensA.ReadToken()
		tokenB, errB := tokensB.ReadToken()
		switch {
		case errA == io.EOF || errB == io.EOF:
			return errA == errB, nil
		case errA != nil || errB != nil:
			return false, errors.Join(errA, errB)
		case tokenA.Kind() != tokenB.Kind():
			return false, nil
		}
		textA, textB := tokenA.String(), tokenB.String()
		if tokenA.Kind() == '0' {
			textA, textB = normalNumber(textA), normalNumber(textB)
		}
		if textA != textB {
			return false, nil
		}
	}
}

// normalNumber returns the same text for all notations of a JSON number. It does not expand exponents, since
// 1e999999999 would exhaust the memory.
func normalNumber(text string) string {
	digits, sign := strings.CutPrefix(strings.ToLower(text), "-")
	digits, exponentText, _ := strings.Cut(digits, "e")
	integer, fraction, _ := strings.Cut(digits, ".")
	digits = strings.TrimLeft(integer+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	if trimmed == "" {
		return "0"
	}
	exponent := new(big.Int)
	exponent.SetString(exponentText, 10) // leaves 0 if there is no exponent
	exponent.Add(exponent, big.NewInt(int64(len(digits)-len(trimmed)-len(fraction))))
	if sign {
		trimmed = "-" + trimmed
	}
	return trimmed + "e" + exponent.String()
}
