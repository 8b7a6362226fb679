package awscli

import (
	"bytes"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	smithy "github.com/aws/smithy-go"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gamesparks-go/gamesparks/document"
	internaldocument "github.com/gamesparks-go/gamesparks/internal/document"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// Output is the output of an operation as a tree of JSON values. JMESPath requires maps, which have no order, so the order
// of the keys is stored separately.
type Output struct {
	// Value is the root: a map[string]any, []any, string, float64, number, bool or nil.
	Value any

	// keys is the order of the keys of a map, by the pointer of the map.
	keys map[uintptr][]string
}

// number is a JSON number that a float64 might not represent exactly.
type number string

func newOutput() *Output { return &Output{Value: map[string]any{}, keys: map[uintptr][]string{}} }

// set stores a value in a map, after the existing keys.
func (o *Output) set(m map[string]any, key string, value any) {
	if _, ok := m[key]; !ok {
		p := reflect.ValueOf(m).Pointer()
		o.keys[p] = append(o.keys[p], key)
	}
	m[key] = value
}

// Write writes the value as the AWS CLI does, followed by a newline. It writes nothing for an empty object.
func (o *Output) Write(w io.Writer) error {
	if m, ok := o.Value.(map[string]any); ok && len(m) == 0 {
		return nil
	}
	var text bytes.Buffer
	e := jsontext.NewEncoder(&text, jsontext.WithIndent("    "), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err := o.encode(e, o.Value); err != nil {
		return err
	}
	_, err := w.Write(text.Bytes()) // ends with a newline
	return err
}

func (o *Output) encode(e *jsontext.Encoder, value any) error {
	switch v := value.(type) {
	case map[string]any:
		if err := e.WriteToken(jsontext.BeginObject); err != nil {
			return err
		}
		for _, key := range o.order(v) {
			if err := e.WriteToken(jsontext.String(key)); err != nil {
				return err
			}
			if err := o.encode(e, v[key]); err != nil {
				return err
			}
		}
		return e.WriteToken(jsontext.EndObject)
	case []any:
		if err := e.WriteToken(jsontext.BeginArray); err != nil {
			return err
		}
		for _, item := range v {
			if err := o.encode(e, item); err != nil {
				return err
			}
		}
		return e.WriteToken(jsontext.EndArray)
	case string:
		return e.WriteToken(jsontext.String(v))
	case number:
		return e.WriteValue(jsontext.Value(v))
	case float64:
		return e.WriteToken(jsontext.Float(v))
	case bool:
		return e.WriteToken(jsontext.Bool(v))
	}
	return e.WriteToken(jsontext.Null)
}

// order returns the keys of a map in the order of the output. The keys of an object that a query created are sorted.
func (o *Output) order(m map[string]any) []string {
	if keys := o.keys[reflect.ValueOf(m).Pointer()]; len(keys) == len(m) {
		return keys
	}
	return slices.Sorted(maps.Keys(m))
}

// outputWriter builds the tree of an output.
type outputWriter struct {
	output *Output
	open   []container

	// showKeys reports whether game keys are written. They grant players access to a stage.
	showKeys bool
}

// hiddenKey replaces a game key.
const hiddenKey = "***"

// container is an object or list whose values are being written.
type container struct {
	schema *smithy.Schema
	object map[string]any
	list   []any
	key    string // the key of the next value of a map
}

// encodeOutput returns the tree of an output.
func encodeOutput(schema *smithy.Schema, t serde.Type, value any, showKeys bool) (*Output, error) {
	w := &outputWriter{output: newOutput(), showKeys: showKeys}
	err := (&serde.Shape{Schema: schema, Type: t, Value: value}).Serialize(w)
	return w.output, err
}

// add stores a value in the open container.
func (w *outputWriter) add(s *smithy.Schema, value any) {
	if len(w.open) == 0 {
		w.output.Value = value
		return
	}
	c := &w.open[len(w.open)-1]
	switch {
	case c.object == nil:
		c.list = append(c.list, value)
	case c.schema.Type() == smithy.ShapeTypeMap:
		w.output.set(c.object, c.key, value)
	default:
		w.output.set(c.object, s.MemberName(), value)
	}
}

func (w *outputWriter) close() {
	c := w.open[len(w.open)-1]
	w.open = w.open[:len(w.open)-1]
	if c.object != nil {
		w.add(c.schema, c.object)
	} else {
		w.add(c.schema, c.list)
	}
}

func (w *outputWriter) WriteStruct(s *smithy.Schema) {
	w.open = append(w.open, container{schema: s, object: map[string]any{}})
}

func (w *outputWriter) CloseStruct() { w.close() }

func (w *outputWriter) WriteList(s *smithy.Schema) {
	w.open = append(w.open, container{schema: s, list: []any{}})
}

func (w *outputWriter) CloseList() { w.close() }

func (w *outputWriter) WriteMap(s *smithy.Schema) {
	w.open = append(w.open, container{schema: s, object: map[string]any{}})
}

func (w *outputWriter) WriteKey(_ *smithy.Schema, key string) { w.open[len(w.open)-1].key = key }

func (w *outputWriter) CloseMap() { w.close() }

func (w *outputWriter) WriteString(s *smithy.Schema, v string) {
	if s.TargetID() == schemas.GameKey.ID() && !w.showKeys {
		v = hiddenKey
	}
	w.add(s, v)
}

func (w *outputWriter) WriteInt32(s *smithy.Schema, v int32) { w.add(s, float64(v)) }

func (w *outputWriter) WriteBool(s *smithy.Schema, v bool) { w.add(s, v) }

// WriteTime writes a time as Python's datetime.isoformat does: the fraction is absent or has six digits.
func (w *outputWriter) WriteTime(s *smithy.Schema, v time.Time) {
	layout := "2006-01-02T15:04:05-07:00"
	if v = v.UTC().Truncate(time.Microsecond); v.Nanosecond() != 0 {
		layout = "2006-01-02T15:04:05.000000-07:00"
	}
	w.add(s, v.Format(layout))
}

func (w *outputWriter) WriteBlob(s *smithy.Schema, v []byte) { w.add(s, string(v)) }

// WriteDocument writes a document. Like the AWS CLI, it omits the member if the document is null.
func (w *outputWriter) WriteDocument(s *smithy.Schema, d document.Interface) error {
	text, err := internaldocument.Append(nil, d)
	if err != nil {
		return err
	}
	value, err := w.output.parse(jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)))
	if err == nil && value != nil {
		w.add(s, value)
	}
	return err
}

// parse reads a JSON value.
func (o *Output) parse(d *jsontext.Decoder) (any, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		m := map[string]any{}
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String() // valid until the next call of the decoder
			value, err := o.parse(d)
			if err != nil {
				return nil, err
			}
			o.set(m, key, value)
		}
		_, err := d.ReadToken()
		return m, err
	case '[':
		list := []any{}
		for d.PeekKind() != ']' {
			value, err := o.parse(d)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := d.ReadToken()
		return list, err
	case '"':
		return token.String(), nil
	case '0':
		return parseNumber(token.String()), nil
	case 't', 'f':
		return token.Bool(), nil
	}
	return nil, nil
}

// exactDigits is the number of significant decimal digits that a float64 always preserves.
const exactDigits = 15

// parseNumber returns a float64, which JMESPath can compare, or a number if the conversion might lose digits.
func parseNumber(text string) any {
	digits, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(text, "-")), "e")
	digits = strings.Trim(strings.Replace(digits, ".", "", 1), "0")
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || len(digits) > exactDigits || f == 0 && digits != "" {
		return number(text)
	}
	return f
}
