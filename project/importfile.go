package project

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// importFile returns the sections in the format of ImportGameConfiguration. Valid section names need no escaping.
func importFile(sections map[string]json.RawMessage) []byte {
	var b bytes.Buffer
	b.WriteString(`{"Document":{"Type":"Game","Sections":{`)
	for i, name := range slices.Sorted(maps.Keys(sections)) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + name + `":`)
		b.Write(sections[name])
	}
	b.WriteString("}}}")
	return b.Bytes()
}

// maxConfiguration is the size of the largest file that can be imported, which also limits the configuration.
func maxConfiguration() int {
	length, _ := smithy.SchemaTrait[*schemas.Length](schemas.RawGameConfigurationData)
	return length.Max
}
