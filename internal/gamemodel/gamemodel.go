package codegen

// configuration is the part of a game's configuration that defines messages.
type configuration struct {
	shapes        []*shape // sorted by name, as are all lists but values
	requests      []message
	events        []message
	notifications []message
}

// kind tells what a shape of the model is.
type kind string

// The kinds of shapes, by the member that defines them.
const (
	structureKind kind = "Structure"
	enumKind      kind = "Enum"
	listKind      kind = "List"
	mapKind       kind = "Map"
)

var kinds = []kind{structureKind, enumKind, listKind, mapKind}

// shape is a type that the model defines.
type shape struct {
	name        string
	description string
	kind        kind
	fields      []field  // of a structure
	values      []string // of an enum, in the model's order
	element     target   // of a list, or of a map, whose keys are strings
}

// field is a member of a structure.
type field struct {
	name        string
	description string
	target      target
	required    bool
}

// target is the shape that a field or element has: one of the model, or a basic one.
type target struct {
	shape *shape
	basic basic
}

// basic is a shape that every model has.
type basic string

// The basic shapes. Any is another name of Document. A shape of the model takes the place of a basic one of the same name.
const (
	stringShape    basic = "String"
	booleanShape   basic = "Boolean"
	integerShape   basic = "Integer"
	longShape      basic = "Long"
	floatShape     basic = "Float"
	doubleShape    basic = "Double"
	decimalShape   basic = "Decimal"   // at most 96 bits and 28 fractional digits
	timestampShape basic = "Timestamp" // RFC 3339
	documentShape  basic = "Document"  // any JSON value
	anyShape       basic = "Any"
)

var basics = []basic{stringShape, booleanShape, integerShape, longShape, floatShape, doubleShape, decimalShape, timestampShape, documentShape, anyShape}

// message is a request, an event or a notification.
type message struct {
	name        string
	description string
	sources     []string // who may send it
	body        *shape   // a structure, as is response
	response    *shape   // of a request
}

// uses reports whether a field or element has the shape b.
func (c *configuration) uses(b basic) bool {
	for _, s := range c.shapes {
		if s.element.basic == b {
			return true
		}
		for _, f := range s.fields {
			if f.target.basic == b {
				return true
			}
		}
	}
	return false
}
