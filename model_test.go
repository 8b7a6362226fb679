package gamesparks_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// apiModel is a service model in botocore's format.
type apiModel struct {
	Operations map[string]apiOperation
	Shapes     map[string]apiShape
}

type apiOperation struct {
	HTTP          struct{ Method, RequestURI string }
	Input, Output apiRef
	Errors        []apiRef
	Idempotent    bool
}

type apiRef struct{ Shape, Location, LocationName string }

type apiShape struct {
	Type            string
	Members         map[string]apiRef
	Required        []string
	Member          apiRef
	Key, Value      apiRef
	Min, Max        int64
	Pattern         string
	Enum            []string
	Document        bool
	Exception       bool
	Fault           bool
	TimestampFormat string
	Error           struct{ HTTPStatusCode int }
}

// compareModels compares the schemas with botocore's model. Every shape in that model must be reachable.
func compareModels(t *testing.T, text json.RawMessage) {
	var want apiModel
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for _, shape := range want.Shapes {
		slices.Sort(shape.Required)
	}
	got := apiModel{Operations: map[string]apiOperation{}, Shapes: map[string]apiShape{}}
	for _, op := range schemas.Operations() {
		o := apiOperation{
			Input:      apiRef{Shape: got.add(op.Input)},
			Output:     apiRef{Shape: got.add(op.Output)},
			Idempotent: op.Idempotent,
		}
		o.HTTP.Method, o.HTTP.RequestURI = op.Method, op.URI
		for _, e := range op.Errors {
			o.Errors = append(o.Errors, apiRef{Shape: got.add(e)})
		}
		got.Operations[op.Name] = o
	}
	unordered := cmpopts.SortSlices(func(a, b apiRef) bool { return a.Shape < b.Shape })
	if diff := cmp.Diff(want, got, unordered, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("model (-botocore +schemas):\n%s", diff)
	}
}

// add adds the shape of a schema and all shapes it refers to. It returns the shape's name.
func (m *apiModel) add(s *smithy.Schema) string {
	name := s.TargetID().Name
	if name == "" {
		name = s.ID().Name
	}
	if _, ok := m.Shapes[name]; ok {
		return name
	}
	m.Shapes[name] = apiShape{} // ends recursion
	shape := apiShape{Type: typeNames[s.Type()]}
	switch s.Type() {
	case smithy.ShapeTypeStructure:
		shape.Members = map[string]apiRef{}
		for _, name := range slices.Sorted(maps.Keys(s.Members())) {
			member := s.Member(name)
			shape.Members[name] = m.ref(name, member)
			if _, ok := smithy.SchemaTrait[*schemas.Required](member); ok {
				shape.Required = append(shape.Required, name)
			}
		}
	case smithy.ShapeTypeDocument:
		shape.Document = true
	case smithy.ShapeTypeList:
		shape.Member.Shape = m.add(s.ListMember())
	case smithy.ShapeTypeMap:
		shape.Key.Shape, shape.Value.Shape = m.add(s.MapKey()), m.add(s.MapValue())
	case smithy.ShapeTypeTimestamp:
		f, _ := smithy.SchemaTrait[*traits.TimestampFormat](s)
		shape.TimestampFormat = map[string]string{"date-time": "iso8601"}[f.Format]
	}
	if l, ok := smithy.SchemaTrait[*schemas.Length](s); ok {
		shape.Min, shape.Max = int64(l.Min), int64(l.Max)
	}
	if r, ok := smithy.SchemaTrait[*schemas.Range](s); ok {
		shape.Min, shape.Max = r.Min, r.Max
	}
	if p, ok := smithy.SchemaTrait[*schemas.Pattern](s); ok {
		shape.Pattern = p.String()
	}
	if e, ok := smithy.SchemaTrait[*schemas.Enum](s); ok {
		shape.Enum = e.Values
	}
	if e, ok := smithy.SchemaTrait[*traits.Error](s); ok {
		shape.Exception, shape.Fault = true, e.Type == "server"
		status, _ := smithy.SchemaTrait[*traits.HTTPError](s)
		shape.Error.HTTPStatusCode = status.Code
	}
	m.Shapes[name] = shape
	return name
}

func (m *apiModel) ref(name string, member *smithy.Schema) apiRef {
	ref := apiRef{Shape: m.add(member)}
	if _, ok := smithy.SchemaTrait[*traits.HTTPLabel](member); ok {
		ref.Location, ref.LocationName = "uri", name
	}
	if q, ok := smithy.SchemaTrait[*traits.HTTPQuery](member); ok {
		ref.Location, ref.LocationName = "querystring", q.Name
	}
	return ref
}

var typeNames = map[smithy.ShapeType]string{
	smithy.ShapeTypeString: "string", smithy.ShapeTypeEnum: "string", smithy.ShapeTypeInteger: "integer",
	smithy.ShapeTypeBoolean: "boolean", smithy.ShapeTypeBlob: "blob", smithy.ShapeTypeTimestamp: "timestamp",
	smithy.ShapeTypeStructure: "structure", smithy.ShapeTypeDocument: "structure", smithy.ShapeTypeList: "list",
	smithy.ShapeTypeMap: "map",
}
