package codegen_test

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/internal/codegen"
)

// allShapes is a configuration with fields of each shape. The names of required fields start with an upper-case letter,
// those of optional fields with a lower-case letter.
var allShapes = map[string]json.RawMessage{
	modelSection: json.RawMessage(`{
		"All": {"Structure": {"Fields": {
			"text": {"Shape": "String", "Cardinality": "Optional"},
			"flag": {"Shape": "Boolean", "Cardinality": "Optional"},
			"int": {"Shape": "Integer", "Cardinality": "Optional"},
			"long": {"Shape": "Long", "Cardinality": "Optional"},
			"float": {"Shape": "Float", "Cardinality": "Optional"},
			"double": {"Shape": "Double", "Cardinality": "Optional"},
			"decimal": {"Shape": "Decimal", "Cardinality": "Optional"},
			"time": {"Shape": "Timestamp", "Cardinality": "Optional"},
			"doc": {"Shape": "Document", "Cardinality": "Optional"},
			"any": {"Shape": "Any", "Cardinality": "Optional"},
			"color": {"Shape": "Color", "Cardinality": "Optional"},
			"all": {"Shape": "All", "Cardinality": "Optional"},
			"texts": {"Shape": "Texts", "Cardinality": "Optional"},
			"ints": {"Shape": "Ints", "Cardinality": "Optional"},
			"times": {"Shape": "Times", "Cardinality": "Optional"},
			"decimals": {"Shape": "Decimals", "Cardinality": "Optional"},
			"docs": {"Shape": "Docs", "Cardinality": "Optional"},
			"colors": {"Shape": "Colors", "Cardinality": "Optional"},
			"lists": {"Shape": "Lists", "Cardinality": "Optional"},
			"items": {"Shape": "Items", "Cardinality": "Optional"},
			"textmap": {"Shape": "TextMap", "Cardinality": "Optional"},
			"colormap": {"Shape": "ColorMap", "Cardinality": "Optional"},
			"required": {"Shape": "Required", "Cardinality": "Optional"}
		}}},
		"Required": {"Structure": {"Fields": {
			"Text": {"Shape": "String", "Cardinality": "Required"},
			"Flag": {"Shape": "Boolean", "Cardinality": "Required"},
			"Int": {"Shape": "Integer", "Cardinality": "Required"},
			"Double": {"Shape": "Double", "Cardinality": "Required"},
			"Decimal": {"Shape": "Decimal", "Cardinality": "Required"},
			"Time": {"Shape": "Timestamp", "Cardinality": "Required"},
			"Doc": {"Shape": "Document", "Cardinality": "Required"},
			"Color": {"Shape": "Color", "Cardinality": "Required"},
			"Item": {"Shape": "Item", "Cardinality": "Required"},
			"Texts": {"Shape": "Texts", "Cardinality": "Required"},
			"TextMap": {"Shape": "TextMap", "Cardinality": "Required"}
		}}},
		"Item": {"Structure": {"Fields": {"Id": {"Shape": "Integer", "Cardinality": "Required"}}}},
		"Color": {"Enum": {"Values": ["Red", "GREEN", "dark blue", "3", "Value", ""]}},
		"Texts": {"List": {"Shape": "String"}},
		"Ints": {"List": {"Shape": "Integer"}},
		"Times": {"List": {"Shape": "Timestamp"}},
		"Decimals": {"List": {"Shape": "Decimal"}},
		"Docs": {"List": {"Shape": "Document"}},
		"Colors": {"List": {"Shape": "Color"}},
		"Lists": {"List": {"Shape": "Texts"}},
		"Items": {"List": {"Shape": "Item"}},
		"TextMap": {"Map": {"Shape": "String"}},
		"ColorMap": {"Map": {"Shape": "Color"}}
	}`),
	eventsSection: json.RawMessage(`{"All": {"EventShape": "All"}}`),
}

// In the test messages, same means that decoding and encoding preserves the message, and rejected means that decoding
// fails.
const (
	same     = "same"
	rejected = "rejected"
)

const required = `{"required":{"Text":"","Flag":false,"Int":0,"Double":0,"Decimal":0,"Time":"2026-01-02T03:04:05Z","Doc":null,` +
	`"Color":"","Item":{"Id":1},"Texts":[],"TextMap":{}}}`

// without returns the required message with the first occurrence of old replaced with replacement.
func without(old, replacement string) string { return strings.Replace(required, old, replacement, 1) }

func nested(depth int) string {
	return `{"doc":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
}

// messages lists test messages, each with the result that decoding and encoding it must have in every language.
var messages = []struct{ message, want string }{
	// The syntax of JSON.
	{`{}`, same},
	{" \t\r\n{ \"int\" : 1 , \"texts\" : [ \"a\" , \"b\" ] } \n", `{"int":1,"texts":["a","b"]}`},
	{`{"doc":[true,false,null,"\"\\\/\b\f\n\r\t\u00e9\uD83C\udfce",[],{},-0.5e+10,1E2]}`, same},
	{``, rejected}, {` `, rejected}, {`null`, rejected}, {`[]`, rejected}, {`"x"`, rejected}, {`{`, rejected}, {`{}{}`, rejected}, {`{} x`, rejected},
	{"\ufeff{}", rejected}, {"\u00a0{}", rejected}, {"{}\x00", rejected}, {"{\"doc\":\"\x00\"}", rejected}, {"{\"doc\":\"\n\"}", rejected},
	{`{'int':1}`, rejected}, {`{int:1}`, rejected}, {`{"int":1,}`, rejected}, {`{"ints":[1,]}`, rejected}, {`{"ints":[,1]}`, rejected},
	{`{"int":1 "long":1}`, rejected}, {`{"int" 1}`, rejected}, {`{"ints":[1 2]}`, rejected}, {`{"ints":[1}`, rejected}, {`{"int":}`, rejected},
	{`{/* */}`, rejected}, {`{} // x`, rejected}, {`{"doc":NaN}`, rejected}, {`{"doc":Infinity}`, rejected}, {`{"doc":-Infinity}`, rejected},
	{`{"doc":undefined}`, rejected}, {`{"doc":True}`, rejected}, {`{"doc":nul}`, rejected}, {`{"doc":nulll}`, rejected}, {`{"doc":new Date(1)}`, rejected},
	{`{"doc":01}`, rejected}, {`{"doc":+1}`, rejected}, {`{"doc":.5}`, rejected}, {`{"doc":5.}`, rejected}, {`{"doc":1e}`, rejected}, {`{"doc":0x10}`, rejected},
	{`{"doc":-}`, rejected}, {`{"doc":1e+}`, rejected}, {`{"doc":"\x"}`, rejected}, {`{"doc":"\u12"}`, rejected}, {`{"doc":"\u12g4"}`, rejected},
	{`{"doc":"a}`, rejected}, {`{"doc":"\"}`, rejected}, {`{"unknown":01}`, rejected},
	{nested(512), same}, {nested(513), rejected},

	// Fields: unknown fields are skipped, null means absent, names match exactly, and the last duplicate counts.
	{`{"unknown":{"x":[1]},"int":1}`, `{"int":1}`},
	{`{"Int":1,"INT":2}`, `{}`},
	{`{"int":null,"text":null,"flag":null,"time":null,"color":null,"all":null,"texts":null,"textmap":null,"decimal":null,"double":null}`, `{}`},
	{`{"int":1,"int":2}`, `{"int":2}`}, {`{"int":"x","int":2}`, `{"int":2}`}, {`{"int":1,"int":null}`, `{}`}, {`{"\u0069nt":1}`, `{"int":1}`},
	{required, same}, {`{"required":{}}`, rejected},
	{without(`"Text":"",`, ``), rejected}, {without(`"Text":""`, `"Text":null`), rejected}, {without(`"Flag":false,`, ``), rejected},
	{without(`"Flag":false`, `"Flag":null`), rejected}, {without(`"Int":0,`, ``), rejected}, {without(`"Int":0`, `"Int":null`), rejected},
	{without(`"Double":0,`, ``), rejected}, {without(`"Decimal":0`, `"Decimal":null`), rejected}, {without(`"Doc":null,`, ``), rejected},
	{without(`"Color":""`, `"Color":null`), rejected}, {without(`"Color":"",`, ``), rejected}, {without(`"Item":{"Id":1}`, `"Item":null`), rejected},
	{without(`"Item":{"Id":1}`, `"Item":{}`), rejected}, {without(`"Texts":[]`, `"Texts":null`), rejected}, {without(`"Texts":[],`, ``), rejected},
	{without(`"TextMap":{}`, `"TextMap":null`), rejected}, {without(`"Doc":null`, `"Doc":{"a":[null]}`), same},
	{`{"all":{"all":{"int":1}}}`, same}, {`{"all":[]}`, rejected}, {`{"all":"x"}`, rejected}, {`{"all":1}`, rejected},

	// Strings and booleans are not converted.
	{`{"text":""}`, same}, {`{"text":"é 🏎 <&> \u2028 \u0000"}`, same}, {`{"text":"2026-01-02T03:04:05Z"}`, same}, {`{"text":"/Date(1)/"}`, same},
	{`{"text":1}`, rejected}, {`{"text":1.5}`, rejected}, {`{"text":true}`, rejected}, {`{"text":[]}`, rejected}, {`{"text":{}}`, rejected},
	{`{"flag":true}`, same}, {`{"flag":false}`, same}, {`{"flag":"true"}`, rejected}, {`{"flag":1}`, rejected}, {`{"flag":0}`, rejected}, {`{"flag":""}`, rejected},
	{`{"text":"\ud83c x \udfce"}`, `{"text":"� x �"}`}, {`{"color":"\ud83c"}`, `{"color":"�"}`}, {`{"textmap":{"\ud83c":"x"}}`, `{"textmap":{"�":"x"}}`},
	{`{"doc":{"a":"\ud83c x"}}`, `{"doc":{"a":"� x"}}`}, {"{\"text\":\"a\xffb\"}", `{"text":"a�b"}`}, {"{\"doc\":\"a\xffb\"}", `{"doc":"a�b"}`},

	// Integers have 64 bits, no fraction and no exponent.
	{`{"int":0,"long":-1}`, same}, {`{"int":-0}`, `{"int":0}`}, {`{"int":9223372036854775807,"long":-9223372036854775808}`, same},
	{`{"int":9223372036854775808}`, rejected}, {`{"long":-9223372036854775809}`, rejected}, {`{"int":5.7}`, rejected}, {`{"int":5.0}`, rejected},
	{`{"int":5e0}`, rejected}, {`{"int":1e400}`, rejected}, {`{"int":"5"}`, rejected}, {`{"int":true}`, rejected}, {`{"int":""}`, rejected}, {`{"int":[1]}`, rejected},
	{`{"ints":[5.7]}`, rejected}, {`{"ints":[1,2]}`, same},

	// Floating-point numbers are rounded to 64 bits.
	{`{"float":0.1,"double":5}`, same}, {`{"double":1e21}`, same}, {`{"double":1.7976931348623157e308}`, same}, {`{"double":2.2250738585072014e-308}`, same},
	{`{"double":0.30000000000000004}`, same}, {`{"double":0.1000000000000000055511151231257827}`, `{"double":0.1}`},
	{`{"double":9007199254740993}`, `{"double":9007199254740992}`}, {`{"double":123456789012345678901234567890}`, `{"double":1.2345678901234568e29}`},
	{`{"double":1e400}`, rejected}, {`{"double":-1e400}`, rejected}, {`{"double":1e-400}`, `{"double":0}`}, {`{"double":"1"}`, rejected},
	{`{"double":"NaN"}`, rejected}, {`{"double":true}`, rejected}, {`{"float":[]}`, rejected}, {`{"double":-0.0}`, `{"double":0}`},

	// Decimal numbers are never rounded.
	{`{"decimal":0.1}`, same}, {`{"decimal":-5}`, same}, {`{"decimal":1e2}`, `{"decimal":100}`}, {`{"decimal":0.30000000000000004}`, same},
	{`{"decimal":79228162514264337593543950335}`, same}, {`{"decimal":-79228162514264337593543950335}`, same}, {`{"decimal":79228162514264337593543950336}`, rejected},
	{`{"decimal":7.9228162514264337593543950335}`, same}, {`{"decimal":7.9228162514264337593543950336}`, rejected}, {`{"decimal":1e28}`, same},
	{`{"decimal":1e29}`, rejected}, {`{"decimal":1e-28}`, same}, {`{"decimal":1e-29}`, rejected}, {`{"decimal":10e-29}`, same}, {`{"decimal":0e999999999999}`, `{"decimal":0}`},
	{`{"decimal":1e999999999999}`, rejected}, {`{"decimal":1e-999999999999}`, rejected}, {`{"decimal":"1"}`, rejected}, {`{"decimal":true}`, rejected},
	{`{"decimal":1.00000000000000000000000000000000000000000}`, `{"decimal":1}`}, {`{"decimal":-0.0}`, `{"decimal":0}`}, {`{"decimals":[0.1,1e-30]}`, rejected},
	{`{"decimals":[0.1234567890123456789012345678]}`, same},

	// Timestamps.
	{`{"time":"2026-01-02T03:04:05Z"}`, same}, {`{"time":"2026-01-02T03:04:05.5Z"}`, same}, {`{"time":"2026-01-02T03:04:05.1234567Z"}`, same},
	{`{"time":"2026-01-02T03:04:05.123456789012Z"}`, `{"time":"2026-01-02T03:04:05.1234567Z"}`}, {`{"time":"2026-01-02T03:04:05.000Z"}`, `{"time":"2026-01-02T03:04:05Z"}`},
	{`{"time":"2026-01-02T03:04:05+02:00"}`, same}, {`{"time":"2026-01-02T03:04:05.25-05:30"}`, same}, {`{"time":"2026-01-02T03:04:05+14:00"}`, same},
	{`{"time":"2026-01-02T03:04:05-14:00"}`, same}, {`{"time":"2026-01-02T03:04:05+00:00"}`, `{"time":"2026-01-02T03:04:05Z"}`},
	{`{"time":"2026-01-02T03:04:05-00:00"}`, `{"time":"2026-01-02T03:04:05Z"}`},
	{`{"time":"0001-01-01T00:00:00Z"}`, same}, {`{"time":"9999-12-31T23:59:59.9999999Z"}`, same}, {`{"time":"2024-02-29T00:00:00Z"}`, same},
	{`{"time":"2026-01-02T03:04:05+14:01"}`, rejected}, {`{"time":"2026-01-02T03:04:05+01:60"}`, rejected}, {`{"time":"0000-06-01T00:00:00Z"}`, rejected},
	{`{"time":"0000-12-31T23:30:00-01:00"}`, rejected}, {`{"time":"0001-01-01T00:00:00+01:00"}`, rejected}, {`{"time":"9999-12-31T23:59:59-01:00"}`, rejected},
	{`{"time":"2026-02-29T00:00:00Z"}`, rejected}, {`{"time":"2026-13-01T00:00:00Z"}`, rejected}, {`{"time":"2026-01-02T24:00:00Z"}`, rejected},
	{`{"time":"2026-01-02T23:59:60Z"}`, rejected}, {`{"time":"2026-01-02T03:60:05Z"}`, rejected}, {`{"time":"2026-01-02"}`, rejected},
	{`{"time":"2026-01-02T03:04:05"}`, rejected}, {`{"time":"2026-01-02 03:04:05Z"}`, rejected}, {`{"time":"2026-01-02t03:04:05z"}`, rejected},
	{`{"time":"2026-01-02T03:04Z"}`, rejected}, {`{"time":"2026-01-02T03:04:05.Z"}`, rejected}, {`{"time":"2026-01-02T03:04:05,5Z"}`, rejected},
	{`{"time":"2026-01-02T03:04:05Z\n"}`, rejected}, {`{"time":" 2026-01-02T03:04:05Z"}`, rejected}, {`{"time":"2026-01-02T3:04:05Z"}`, rejected},
	{`{"time":"٢026-01-02T03:04:05Z"}`, rejected}, {`{"time":""}`, rejected}, {`{"time":1767323045}`, rejected}, {`{"time":"02/01/2026"}`, rejected},
	{`{"times":["2026-01-02T03:04:05Z"]}`, same}, {`{"times":["x"]}`, rejected}, {`{"times":[null]}`, rejected},

	// Enums preserve unknown values, are case-sensitive, and are not flags.
	{`{"color":"Red"}`, same}, {`{"color":"red"}`, same}, {`{"color":"RED"}`, same}, {`{"color":"Red, GREEN"}`, same}, {`{"color":"Mauve"}`, same},
	{`{"color":"dark blue"}`, same}, {`{"color":"DarkBlue"}`, same}, {`{"color":" Red "}`, same}, {`{"color":""}`, same}, {`{"color":"3"}`, same}, {`{"color":"1"}`, same},
	{`{"color":"Value"}`, same}, {`{"color":"2026-01-02T03:04:05Z"}`, same}, {`{"color":"é\u0000"}`, same},
	{`{"color":0}`, rejected}, {`{"color":1}`, rejected}, {`{"color":true}`, rejected}, {`{"color":["Red"]}`, rejected}, {`{"color":{}}`, rejected},
	{`{"colors":["Red","Mauve","red"]}`, same}, {`{"colors":[null]}`, rejected}, {`{"colors":[1]}`, rejected}, {`{"colormap":{"a":"Mauve"}}`, same},

	// Lists and maps reject null items, unless the items are documents.
	{`{"texts":[]}`, same}, {`{"texts":["","a"]}`, same}, {`{"texts":[null]}`, rejected}, {`{"texts":["a",null]}`, rejected}, {`{"texts":{}}`, rejected},
	{`{"texts":"a"}`, rejected}, {`{"texts":[1]}`, rejected}, {`{"ints":[null]}`, rejected}, {`{"lists":[["a"],[]]}`, same}, {`{"lists":[null]}`, rejected},
	{`{"lists":[[null]]}`, rejected}, {`{"items":[{"Id":1},{"Id":2}]}`, same}, {`{"items":[null]}`, rejected}, {`{"items":[{}]}`, rejected}, {`{"items":[{"Id":1.5}]}`, rejected},
	{`{"textmap":{"":"","b":"c"}}`, same}, {`{"textmap":{"a":null}}`, rejected}, {`{"textmap":[]}`, rejected}, {`{"textmap":{"a":1}}`, rejected},
	{`{"textmap":{"a":"1","a":"2"}}`, `{"textmap":{"a":"2"}}`}, {`{"textmap":{"a":1,"a":"2"}}`, `{"textmap":{"a":"2"}}`},
	{`{"textmap":{"$type":"x","$ref":"1","$id":"2"}}`, same}, {`{"docs":[null,1,{"a":null}]}`, same},

	// Documents preserve all values, digits and texts.
	{`{"doc":null,"any":null}`, same}, {`{"any":{"a":[1,2.5,"x",true,null]}}`, same}, {`{"doc":"2026-01-02T03:04:05.1234567890Z"}`, same},
	{`{"doc":{"$type":"x","$ref":"1"}}`, same}, {`{"doc":0.1234567890123456789012345678901234567890}`, same}, {`{"doc":123456789012345678901234567890}`, same},
	{`{"doc":[1e400,-1e-400,9007199254740993,1.0,0.1,1e21,5e-324]}`, same}, {`{"doc":1e999999999999}`, same}, {`{"doc":9223372036854775808}`, same},
	{`{"doc":{"":1,"a\"b\\":2}}`, same}, {`{"doc":"\u0000\u007f\u2028"}`, same},
}

// TestMessages decodes and encodes the same messages with the generated code for each language. Each language also
// decodes messages that another language encoded.
func TestMessages(t *testing.T) {
	t.Parallel()
	inputs := make([]string, len(messages))
	for i, m := range messages {
		inputs[i] = m.message
	}
	languages := []struct {
		name  string
		build func(t *testing.T) (dir string, command []string)
	}{
		{"Go", func(t *testing.T) (string, []string) {
			files := generate(t, allShapes, codegen.Generator{Language: "GO"})
			files["messages/main.go"] = readTestdata(t, "messages.go.txt")
			dir := writeFiles(t, files)
			run(t, dir, "go", "build", "-o", "messages.exe", "./messages")
			return dir, []string{"./messages.exe"}
		}},
		{"CSharp", func(t *testing.T) (string, []string) {
			files := generate(t, allShapes, codegen.Generator{Language: "CSHARP"})
			files["Program.cs"] = readTestdata(t, "Messages.cs.txt")
			return compileCSharp(t, files, "exe"), []string{"mono", "game.exe"}
		}},
	}
	var written []string
	for _, language := range languages {
		t.Run(language.name, func(t *testing.T) {
			dir, command := language.build(t)
			outputs := runMessages(t, dir, command, inputs)
			for i, m := range messages {
				checkMessage(t, m.message, m.want, outputs[i])
			}
			// The other languages decode messages of the first language, which is always available.
			for i, output := range runMessages(t, dir, command, written) {
				checkMessage(t, written[i], same, output)
			}
			for _, output := range outputs {
				if !strings.HasPrefix(output, "error: ") {
					written = append(written, output)
				}
			}
			// The first language decodes messages of the other languages.
			if language.name != languages[0].name {
				dir, command := languages[0].build(t)
				for i, output := range runMessages(t, dir, command, written) {
					checkMessage(t, written[i], same, output)
				}
			}
		})
	}
}

// runMessages runs a program on messages and returns its output for each message: the encoded message or an error.
func runMessages(t *testing.T, dir string, command, inputs []string) []string {
	t.Helper()
	var lines strings.Builder
	for _, input := range inputs {
		lines.WriteString(base64.StdEncoding.EncodeToString([]byte(input)) + "\n")
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, strings.NewReader(lines.String()), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	outputs := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(inputs) == 0 {
		return nil
	}
	if len(outputs) != len(inputs) {
		t.Fatalf("got %d outputs for %d messages", len(outputs), len(inputs))
	}
	for i, output := range outputs {
		if !strings.HasPrefix(output, "error: ") {
			data, err := base64.StdEncoding.DecodeString(output)
			if err != nil {
				t.Fatal(err)
			}
			outputs[i] = string(data)
		}
	}
	return outputs
}

func checkMessage(t *testing.T, message, want, output string) {
	t.Helper()
	reason, isRejected := strings.CutPrefix(output, "error: ")
	switch {
	case isRejected && want != rejected:
		t.Errorf("%.200q: unexpected error: %s", message, reason)
	case isRejected:
		if reason == "" {
			t.Errorf("%.200q: the error has no message", message)
		}
	case want == rejected:
		t.Errorf("%.200q: got %.200s, want an error", message, output)
	default:
		if want == same {
			want = message
		}
		// cmp.Diff is too slow for deeply nested values.
		if !reflect.DeepEqual(decodeExactly(t, want), decodeExactly(t, output)) {
			t.Errorf("%.200q: got %.200s, want %.200s", message, output, want)
		}
	}
}

// decodeExactly decodes JSON, representing numbers as normalized text to preserve their precision.
func decodeExactly(t *testing.T, text string) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%.200q: %v", text, err)
	}
	return normalize(v)
}

func normalize(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			v[name] = normalize(v[name])
		}
	case []any:
		for i := range v {
			v[i] = normalize(v[i])
		}
	case json.Number:
		mantissa, exponent, _ := strings.Cut(strings.ToLower(string(v)), "e")
		if strings.Trim(mantissa, "-0.") == "" {
			return "number 0"
		}
		if len(exponent) > 6 {
			return v // too large to compute
		}
		r, ok := new(big.Rat).SetString(mantissa + "e" + cmp.Or(exponent, "0"))
		if !ok {
			return fmt.Sprintf("invalid number %q", v)
		}
		return "number " + r.RatString()
	}
	return v
}
