package controlplane

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// FuzzParseExport checks that exporting and importing sections preserves them, and that error positions are within the
// file.
func FuzzParseExport(f *testing.F) {
	for _, seed := range []string{
		`{"Document":{"Type":"Game","Sections":{"GameSparks.Core.Model":{"A":{"Structure":{"Fields":{}}}},"B":[1e400,"é\u00e9"]}}}`,
		" {\"Document\" : {\n\t\"Sections\" : {} , \"Type\" : \"Game\"\n}, \"Other\": null }\n",
		`{"Document":{"Type":"Game","Sections":{"A":1,"A":2}}}`,
		`{"Document":{"Type":"Game","Sections":{"A b":1}}}`,
		`{"Document":{"Type":"Stage","Sections":{}}}`,
		`{"Document":[]}`, `{"Document":{"Type":1}}`, `{"Document":`, "{\"\xff\":1}", "", "{}x", "[]", "null",
		"1E700", `{"Document":{"Type":1E700}}`, `{"Document":{"Sections":1E700}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		found, err := parseExport(file)
		if err != nil {
			var line, column int
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Fatalf("the error has no position: %v", err)
			}
			rest := strings.TrimPrefix(err.Error(), "line ")
			lineText, rest, _ := strings.Cut(rest, ", column ")
			columnText, _, _ := strings.Cut(rest, ":")
			if json.Unmarshal([]byte(lineText), &line) != nil || json.Unmarshal([]byte(columnText), &column) != nil {
				t.Fatalf("the error has an invalid position: %v", err)
			}
			lines := strings.Split(string(file), "\n")
			if line < 1 || line > len(lines) || column < 1 || column > utf8.RuneCountInString(lines[line-1])+1 {
				t.Fatalf("the error position is outside the file: %v", err)
			}
			return
		}
		exported := export(found)
		if size := exportSize(listOf(t, found)); len(exported) != size {
			t.Errorf("exportSize = %d, but the export has %d bytes", size, len(exported))
		}
		again, err := parseExport(exported)
		if err != nil {
			t.Fatalf("import of an export: %v", err)
		}
		if diff := cmp.Diff(found, again); diff != "" {
			t.Errorf("sections after exporting and importing them (-want +got):\n%s", diff)
		}
	})
}

// listOf returns the stored list of sections.
func listOf(t *testing.T, sections records.Sections) (list records.SectionList) {
	db := records.NewDB(storage.NewMemory())
	err := db.Update(t.Context(), records.Owner{}, time.Time{}, nil, func(tx *records.Tx) error {
		built := records.BuildSections(sections)
		list = built.List
		return tx.ReplaceSections(records.NewSectionList(), built)
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// FuzzModify checks that a modification either fails or produces valid JSON, and that an added or replaced value is
// found at its path.
func FuzzModify(f *testing.F) {
	for _, content := range []string{`{"l":[1,[2]],"o":{"a/b":{"m~n":null}},"":{"":0}}`, `[{"a":1}]`, `"x"`, `null`, ``} {
		for _, path := range []string{"/l/0", "/l/-", "/l/1/0", "/o/a~1b/m~0n", "///", "/new", "/0/a", "/l/01", "/o/~2", "/x/y", "/l/99"} {
			for _, op := range types.Operation("").Values() {
				f.Add([]byte(content), string(op), path, []byte(`{"v":12345678901234567890.10}`))
			}
		}
	}
	f.Fuzz(func(t *testing.T, content []byte, op, path string, text []byte) {
		if !utf8.Valid(content) || !utf8.ValidString(path) || !utf8.Valid(text) { // decoded requests are valid UTF-8
			return
		}
		if len(content) > 0 && !json.Valid(content) || !json.Valid(text) || !slices.Contains(types.Operation("").Values(), types.Operation(op)) || checkConstraints(schemas.Path, path) != "" {
			return
		}
		var before *value
		if len(content) > 0 {
			compacted, err := compact(content)
			if err != nil {
				t.Fatal(err)
			}
			before = &value{text: compacted}
		}
		section, err := modify(before, &types.SectionModification{
			Operation: types.Operation(op), Path: &path, Value: document.NewLazyDocument(jsonText(text)),
		})
		if err != nil {
			return
		}
		changed := section.appendTo(nil)
		if !json.Valid(changed) {
			t.Fatalf("%s %s in %s: the result is not valid JSON: %s", op, path, content, changed)
		}
		tokens, err := parsePointer(path)
		if err != nil {
			t.Fatal(err)
		}
		if tokens[len(tokens)-1] == "-" || types.Operation(op) == types.OperationRemove {
			return // the path now refers to another value
		}
		at := &value{text: changed}
		for _, token := range tokens {
			c, err := at.open()
			if err != nil || c == nil {
				t.Fatalf("%s %s in %s: the parent is neither an object nor an array: %v", op, path, content, err)
			}
			if at, err = c.lookUp(token); err != nil || at == nil {
				t.Fatalf("%s %s in %s: the value does not exist: %v", op, path, content, err)
			}
		}
		var got, want any
		if err := errors.Join(json.Unmarshal(at.text, &got), json.Unmarshal(text, &want)); err == nil && !cmp.Equal(got, want) {
			t.Errorf("%s %s in %s: got %s, want %s", op, path, content, at.text, text)
		}
	})
}

// jsonText is a document that marshals to the given JSON text.
type jsonText []byte

func (d jsonText) MarshalSmithyDocument() ([]byte, error) { return d, nil }

// FuzzPageToken checks that a list accepts no page token other than the one that it returned.
func FuzzPageToken(f *testing.F) {
	s, err := New(Config{Secret: make([]byte, 32)})
	if err != nil {
		f.Fatal(err)
	}
	c := &call{Service: s, op: schemas.ListGames}
	const prefix = "account/123456789012/us-east-1/game/"
	// A constant, since each fuzzing process runs this function: tokens have a random nonce.
	const valid = "YEIsb8Bm93WZmyi_ArCyiMjET9Kzkx4gLlXpytMtBApO"
	f.Add(valid)
	f.Add(valid[:len(valid)-1])
	f.Add(valid + "=")
	f.Add(valid[:9] + "\n" + valid[9:])
	f.Add(strings.ToUpper(valid))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		last, err := c.openPageToken(prefix, token)
		if token == valid {
			if err != nil || last != "chess" {
				t.Errorf("valid token: got %q, %v, want chess", last, err)
			}
			return
		}
		var invalid *types.ValidationException
		if !errors.As(err, &invalid) {
			t.Errorf("token %q: got item %q, error %v; want a ValidationException", token, last, err)
		}
	})
}
