package document_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"testing"

	smithydocument "github.com/aws/smithy-go/document"
	documentjson "github.com/aws/smithy-go/document/json"

	"github.com/gamesparks-go/gamesparks/internal/document"
)

type base struct {
	ID   int `document:"id"`
	Same string
}

type other struct {
	Same  string
	Extra *base `document:"extra,omitempty"`
}

type compatible struct {
	base
	*other
	Name    string         `document:"name,omitempty" json:"other"`
	Skipped string         `document:"-"`
	Zero    int            `document:",omitempty"`
	Empty   []int          `document:"empty,omitempty"`
	Bytes   []byte         `json:"bytes"`
	Map     map[string]any `document:"map"`
	Any     any
	Ptr     **float32
	Array   [2]uint8
	Big     *big.Int
	hidden  int //lint:ignore U1000 unexported fields are ignored
}

type name string

func (n name) String() string { return "<" + string(n) + ">" }

// TestEncodingMatchesSmithy compares encodings with those of smithy-go's encoder, which the official client uses.
func TestEncodingMatchesSmithy(t *testing.T) {
	t.Parallel()
	f := float32(0.1)
	p := &f
	precise, _, err := big.ParseFloat("1234567890.123456789", 10, 100, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{
		compatible{}, &compatible{other: &other{}},
		compatible{
			base: base{1, "a"}, other: &other{"b", &base{2, "c"}}, Name: "n", Skipped: "s", Zero: 1, Empty: []int{}, Bytes: []byte("ab"),
			Map: map[string]any{"x": []any{1, nil, "y"}}, Any: []map[name]bool{{"k": true}}, Ptr: &p, Array: [2]uint8{1, 2}, Big: big.NewInt(7),
		},
		map[int]string{2: "b", 10: "a"}, map[name]int{"z": 1, "a": 2}, map[bool]int{true: 1}, map[float64]int{1.5: 1}, map[any]any{"a": 1, 2: "b"},
		math.MaxFloat64, math.SmallestNonzeroFloat64, 1e21, 1e20, 1e-6, 1e-7, float32(1e21), float32(3.3),
		uint8(255), int8(-128), uint64(math.MaxUint64), "a\"\\\u00e9", []string(nil), []string{}, [0]int{}, [][]any{{}, nil},
		smithydocument.Number("1.50"), []smithydocument.Number{"", "1e9"}, big.NewFloat(0.1), *big.NewInt(5), precise, big.NewFloat(math.Copysign(0, -1)),
	} {
		got, err := document.NewLazy(v).MarshalSmithyDocument()
		if err != nil {
			t.Errorf("%#v: %v", v, err)
			continue
		}
		want, err := documentjson.NewEncoder().Encode(v)
		if err != nil {
			t.Errorf("%#v: smithy-go: %v", v, err)
			continue
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%T: got %s, want %s", v, got, want)
		}
	}
}

// TestDecodingMatchesSmithy compares decoded values with those of smithy-go's decoder.
func TestDecodingMatchesSmithy(t *testing.T) {
	t.Parallel()
	for _, target := range []any{
		new(compatible), new(any), new(map[string]any), new(map[name]any), new([]any), new([]int), new([2]int), new(string), new(name),
		new(bool), new(int8), new(uint), new(float32), new(float64), new(big.Int), new(big.Float), new(**int), new(smithydocument.Number),
		new(map[string]*base), new([]base), new(json.Number), new(error), new(chan int), new(complex64), new(map[bool]int),
	} {
		for _, text := range []string{
			`null`, `true`, `"x"`, `""`, `1`, `-1`, `1.5`, `300`, `1e3`, `1e400`, `123456789012345678901234567890`, `[]`, `[1,2,3]`, `["a",null]`,
			`{}`, `{"id":1}`, `{"a":{"id":1,"same":"s"}}`, `[{"Same":"x"}]`,
			`{"id":3,"Same":"dropped","extra":{"id":1},"NAME":"n","Skipped":"s","-":1,"zero":4,"empty":[1],"Bytes":[1,2],"map":{"a":[1]},
			  "any":{"b":"c"},"Ptr":0.5,"array":[1,2],"big":12,"hidden":1,"unknown":{"x":[1]}}`,
		} {
			decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
			decoder.UseNumber()
			var tree any
			if err := decoder.Decode(&tree); err != nil {
				t.Fatal(err)
			}
			want, got := fresh(target), fresh(target)
			wantErr := documentjson.NewDecoder().DecodeJSONInterface(tree, want.Interface())
			err := document.NewRaw([]byte(text)).UnmarshalSmithyDocument(got.Interface())
			if text[0] == '{' && wantErr == nil && isBig(target) {
				wantErr = errors.New("smithy-go's decoder ignores the object")
			}
			if (err == nil) != (wantErr == nil) {
				t.Errorf("decoding %s into %T: error = %v, want %v", text, target, err, wantErr)
			} else if err == nil && !reflect.DeepEqual(got.Interface(), want.Interface()) {
				t.Errorf("decoding %s into %T: got %+v, want %+v", text, target, got.Elem(), want.Elem())
			}
		}
	}
}

// fresh returns a new value of the target's type. It allocates an embedded pointer to an unexported struct, because
// smithy-go's decoder panics if that pointer is nil.
func fresh(target any) reflect.Value {
	v := reflect.New(reflect.TypeOf(target).Elem())
	if c, ok := v.Interface().(*compatible); ok {
		c.other = &other{}
	}
	return v
}

func isBig(target any) bool {
	switch target.(type) {
	case *big.Int, *big.Float:
		return true
	}
	return false
}
