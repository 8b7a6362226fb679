package document_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

// This is the program from the package documentation.
func Example() {
	type lamp struct {
		Color string `document:"color"`
		Hours int    `document:"hours,omitempty"`
	}
	modification := types.SectionModification{
		Section:   new("Lighthouse.Lamps"),
		Operation: types.OperationAdd,
		Path:      new("/north"),
		Value:     document.NewLazyDocument(lamp{Color: "white", Hours: 8}),
	}

	var north lamp
	if err := modification.Value.UnmarshalSmithyDocument(&north); err != nil {
		log.Fatal(err)
	}
	fmt.Println(north.Color, north.Hours)

	// Output: white 8
}

// Use a json.RawMessage to encode and decode with the struct tags and methods of encoding/json.
func ExampleNewLazyDocument_encodingJSON() {
	type lamp struct {
		Color string `json:"color"`
		Notes string `json:"notes,omitempty"`
	}
	text, err := json.Marshal(lamp{Color: "white"})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := document.NewLazyDocument(json.RawMessage(text))

	var back json.RawMessage
	if err := d.UnmarshalSmithyDocument(&back); err != nil {
		fmt.Println(err)
		return
	}
	var decoded lamp
	if err := json.Unmarshal(back, &decoded); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(back), decoded.Color)
	// Output: {"color":"white"} white
}
