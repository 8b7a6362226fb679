package document_test

import (
	"encoding/json"
	"fmt"

	"github.com/gamesparks-go/gamesparks/document"
)

// A json.RawMessage carries what encoding/json encodes, with its struct tags and methods.
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
