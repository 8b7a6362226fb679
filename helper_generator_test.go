package gamesparks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	smithy "github.com/aws/smithy-go"
	smithydocument "github.com/aws/smithy-go/document"
	"github.com/aws/smithy-go/traits"

	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// generator generates random values for schemas. Structures and maps become map[string]any keyed by the names in the model,
// lists become []any, blobs []byte and timestamps strings. Documents are any of these types or numbers.
type generator struct{ *rand.Rand }

// hostile lists strings that encoders often handle incorrectly.
var hostile = []string{
	"game", "a b", "a+b", "100%", "%2F", "%zz", "a/b/c", "/", "//", "a:b", "a?b=c&d", "a#b", "..", ".", "a..b", "~a-b_c.d",
	"{GameName}", "{StageName}", "日本語", "é", "e\u0301", "🎮", "\u2028", "\u00a0", "tab\there", "line\nbreak", "\"quoted\"", `back\slash`,
	"<script>&'", "\x00", "\x7f", "a;b", "a,b", "[x]", "|", "^", "`", "$@!*'()", "=", "&", "arn:aws:gamesparks:us-east-1:123456789012:game/a",
	"Snapshot_2022-03-01T12:00:00.000Z", " leading", "trailing ", "null", "true", "\ufeffbom", "\uffff", "\U0010ffff",
}

func (g generator) string(allowEmpty bool) string {
	switch n := g.IntN(8); {
	case n == 0 && allowEmpty:
		return ""
	case n < 5:
		return hostile[g.IntN(len(hostile))]
	case n < 7:
		return hostile[g.IntN(len(hostile))] + hostile[g.IntN(len(hostile))]
	}
	var b strings.Builder
	for range 1 + g.IntN(40) {
		b.WriteRune(g.rune())
	}
	return b.String()
}

func (g generator) rune() rune {
	for {
		if r := rune(g.IntN(0x3000)); r < 0xd800 || r > 0xdfff {
			return r
		}
	}
}

// input returns an input with a random subset of the optional members.
func (g generator) input(s *smithy.Schema) map[string]any {
	return g.structure(s, func(m *smithy.Schema) bool {
		_, required := smithy.SchemaTrait[*schemas.Required](m)
		_, token := smithy.SchemaTrait[*schemas.IdempotencyToken](m) // only this client fills it
		return required || token || g.IntN(4) > 0
	})
}

// output returns an output with random members, nulls and members that the model does not define.
func (g generator) output(s *smithy.Schema) map[string]any {
	return response{g}.structure(s)
}

func (g generator) structure(s *smithy.Schema, has func(*smithy.Schema) bool) map[string]any {
	members := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Members())) {
		if m := s.Member(name); has(m) {
			members[name] = g.value(m, has)
		}
	}
	return members
}

func (g generator) value(s *smithy.Schema, has func(*smithy.Schema) bool) any {
	_, isLabel := smithy.SchemaTrait[*traits.HTTPLabel](s)
	switch s.Type() {
	case smithy.ShapeTypeStructure:
		return g.structure(s, has)
	case smithy.ShapeTypeList:
		items := []any{}
		for range g.length() {
			items = append(items, g.value(s.ListMember(), has))
		}
		return items
	case smithy.ShapeTypeMap:
		entries := map[string]any{}
		for range g.length() {
			entries[g.string(true)] = g.value(s.MapValue(), has)
		}
		return entries
	case smithy.ShapeTypeEnum:
		if g.IntN(4) == 0 {
			return g.string(false)
		}
		e, _ := smithy.SchemaTrait[*schemas.Enum](s)
		return e.Values[g.IntN(len(e.Values))]
	case smithy.ShapeTypeString:
		return g.string(!isLabel)
	case smithy.ShapeTypeInteger:
		return []int32{math.MinInt32, -1, 0, 1, 100, math.MaxInt32, g.Int32()}[g.IntN(7)]
	case smithy.ShapeTypeBoolean:
		return g.IntN(2) == 0
	case smithy.ShapeTypeBlob:
		blob := make([]byte, g.IntN(64))
		for i := range blob {
			blob[i] = byte(g.IntN(256))
		}
		return blob
	case smithy.ShapeTypeTimestamp:
		return g.timestamp()
	case smithy.ShapeTypeDocument:
		return g.document(3, false)
	}
	panic(fmt.Sprintf("cannot generate a value of %v", s.ID()))
}

// length returns the number of elements for a list or map in the model. It is occasionally large.
func (g generator) length() int {
	if g.IntN(16) == 0 {
		return 8 + g.IntN(60)
	}
	return g.size()
}

// size returns the number of elements for a list or map in a document.
func (g generator) size() int { return []int{0, 1, 1, 2, 5}[g.IntN(5)] }

// timestamp returns an RFC 3339 timestamp, with or without a fraction, in UTC or with an offset.
func (g generator) timestamp() string {
	t := time.Unix(g.Int64N(4e9), g.Int64N(1e6)*1e3)
	offset := ""
	switch g.IntN(3) {
	case 0:
		hours := g.IntN(27) - 12
		t = t.In(time.FixedZone("", hours*3600+1800))
		offset = t.Format("-07:00")
	default:
		t, offset = t.UTC(), "Z"
	}
	layout := "2006-01-02T15:04:05"
	if digits := g.IntN(7); digits > 0 {
		layout += "." + strings.Repeat("0", digits)
	}
	return t.Format(layout) + offset
}

// document returns a JSON value of any kind. Python represents all of its numbers exactly: integers of any size and float64
// values. Only responses have empty keys, because smithy-go's document encoder rejects them.
func (g generator) document(depth int, emptyKeys bool) any {
	kinds := 11
	if depth == 0 {
		kinds = 9
	}
	switch g.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return g.IntN(2) == 0
	case 2:
		return int64(g.Uint64())
	case 3:
		return new(big.Int).Mul(big.NewInt(g.Int64()), big.NewInt(g.Int64()))
	case 4:
		return []int64{0, -1, 1<<53 + 1, math.MinInt64, math.MaxInt64}[g.IntN(5)]
	case 5:
		return []float64{0.1, -1.5, 1e21, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, 1e6, 123456789.125}[g.IntN(8)]
	case 6:
		return g.NormFloat64() * math.Pow(10, float64(g.IntN(40)-20))
	case 7, 8:
		return g.string(true)
	case 9:
		items := []any{}
		for range g.size() {
			items = append(items, g.document(depth-1, emptyKeys))
		}
		return items
	}
	entries := map[string]any{}
	for range g.size() {
		entries[g.string(emptyKeys)] = g.document(depth-1, emptyKeys)
	}
	return entries
}

// response generates values for a response, which may deviate from the model.
type response struct{ generator }

func (g response) structure(s *smithy.Schema) map[string]any {
	members := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Members())) {
		switch n := g.IntN(8); {
		case n == 0:
		case n == 1:
			members[name] = nil
		default:
			members[name] = g.value(s.Member(name))
		}
		if g.IntN(8) == 0 {
			members[[]string{strings.ToUpper(name), name + "2", "x-" + name, ""}[g.IntN(4)]] = g.document(3, true)
		}
	}
	return members
}

func (g response) value(s *smithy.Schema) any {
	switch s.Type() {
	case smithy.ShapeTypeStructure:
		return g.structure(s)
	case smithy.ShapeTypeList:
		items := []any{}
		for range g.length() {
			items = append(items, g.element(s.ListMember()))
		}
		return items
	case smithy.ShapeTypeMap:
		entries := map[string]any{}
		for range g.length() {
			entries[g.string(true)] = g.element(s.MapValue())
		}
		return entries
	case smithy.ShapeTypeEnum:
		if g.IntN(8) == 0 {
			return ""
		}
	case smithy.ShapeTypeDocument:
		return g.document(3, true)
	}
	return g.generator.value(s, nil)
}

func (g response) element(s *smithy.Schema) any {
	if g.IntN(8) == 0 {
		return nil
	}
	return g.value(s)
}

// marshal encodes a value as JSON text.
func (g generator) marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// decodeDocument decodes a document into nil, bool, string, []any or map[string]any. Numbers become strings that contain
// reduced fractions.
func decodeDocument(d document.Interface) any {
	var v any
	if err := d.UnmarshalSmithyDocument(&v); err != nil {
		panic(err)
	}
	return normalizeDocument(v)
}

func normalizeDocument(v any) any {
	switch v := v.(type) {
	case smithydocument.Number:
		return normalizeNumbers(json.Number(v))
	case []any:
		for i := range v {
			v[i] = normalizeDocument(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = normalizeDocument(v[k])
		}
	}
	return v
}
