package gamesparks_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// getSections decodes a response with the given JSON text of its sections.
func getSections(t *testing.T, sections string) map[string]types.Section {
	t.Helper()
	client := newClient(&recorder{answers: []answer{{body: `{"GameConfiguration":{"Sections":{` + sections + `}}}`}}})
	out, err := client.GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: aws.String("g")})
	if err != nil {
		t.Fatal(err)
	}
	return out.GameConfiguration.Sections
}

// TestMapValuesAreIndependent verifies that a map value does not keep members of the previously decoded value.
func TestMapValuesAreIndependent(t *testing.T) {
	t.Parallel()
	for _, before := range []int{0, 7, 8, 20} {
		var text strings.Builder
		for i := range before {
			fmt.Fprintf(&text, `"x%d":{"Name":"x","Size":3,"Attributes":1},`, i)
		}
		got := getSections(t, text.String()+`"a":{"Name":"a","Size":1,"Attributes":{}},"b":{},"c":{"Size":2}`)
		for i := range before {
			delete(got, fmt.Sprint("x", i))
		}
		delete(got, "a")
		if diff := cmp.Diff(map[string]types.Section{"b": {}, "c": {Size: 2}}, got, values); diff != "" {
			t.Errorf("after %d sections (-want +got):\n%s", before, diff)
		}
	}
}

// TestRepeatedKeys verifies that, in maps of any size, the last value of a repeated key wins.
func TestRepeatedKeys(t *testing.T) {
	t.Parallel()
	for _, between := range []int{0, 6, 7, 8, 300} {
		text := `"a":{"Size":1}`
		for i := range between {
			text += fmt.Sprintf(`,"x%d":{}`, i)
		}
		got := getSections(t, text+`,"a":{"Size":2}`)
		if got["a"].Size != 2 || len(got) != between+1 {
			t.Errorf("with %d keys in between: got %d sections and size %d, want %d and 2",
				between, len(got), got["a"].Size, between+1)
		}
	}
}

// TestDocumentTextCanGrow verifies that appending to the text of one document does not change the next document.
func TestDocumentTextCanGrow(t *testing.T) {
	t.Parallel()
	got := getSections(t, `"a":{"Attributes":[1]},"b":{"Attributes":[2],"Name":"b"}`)
	text, err := got["a"].Attributes.MarshalSmithyDocument()
	if err != nil {
		t.Fatal(err)
	}
	_ = append(text, strings.Repeat("x", 64)...)
	text, err = got["b"].Attributes.MarshalSmithyDocument()
	if string(text) != "[2]" || *got["b"].Name != "b" || err != nil {
		t.Errorf("got document %s, name %s and error %v", text, *got["b"].Name, err)
	}
}

// TestDecodingErrorNamesStructure verifies that the error for a body that is malformed between two members names the
// enclosing structure, even if the preceding member is a nested structure.
func TestDecodingErrorNamesStructure(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"Game":{"Name":"g"}x`:  "GetGameResult: not JSON",
		`{"Game":{"Name":"g"x}}`: "Game: not JSON",
		`{x`:                     "GetGameResult: not JSON",
	} {
		_, err := newClient(&recorder{answers: []answer{{body: body}}}).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
		var decoding *smithy.DeserializationError
		if !errors.As(err, &decoding) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", body, err, want)
		}
	}
}

// TestNamespacesOfCodes verifies that everything up to the last # in an error code is treated as a namespace and removed.
func TestNamespacesOfCodes(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ResourceNotFoundException", "ns#ResourceNotFoundException", "a#b#ResourceNotFoundException:http://x#y"} {
		_, err := newClient(&recorder{answers: []answer{{status: 404, body: `{"__type":"` + code + `"}`}}}).ListGames(t.Context(), nil)
		if !gamesparks.IsNotFound(err) {
			t.Errorf("%s: got %v", code, err)
		}
	}
}
