// Package gamemodel parses the sections of a game configuration that define messages and their handlers. The server
// and the command line share it. It depends only on the standard library.
//
// Configurations exported from the original service contain structures, enums, requests and request handlers. No known
// source contains an event, a notification, an event handler, a list or map in the model, or the names of the sections
// NotificationsSection and EventHandlersSection. This package defines their form by analogy with the known forms.
package gamemodel

import (
	"fmt"
	"slices"
)

// The names of the sections that the package parses.
const (
	ModelSection           = "GameSparks.Core.Model"
	RequestsSection        = "GameSparks.Core.Requests"
	EventsSection          = "GameSparks.Core.Events"
	NotificationsSection   = "GameSparks.Core.Notifications"
	RequestHandlersSection = "GameSparks.Core.RequestHandlers"
	EventHandlersSection   = "GameSparks.Core.EventHandlers"
)

// Messages contains the messages of a game and the shapes of their bodies. All lists are sorted by name.
type Messages struct {
	// Shapes are the shapes that the model defines. They do not include basic shapes.
	Shapes []Shape

	// Requests are the messages from players that have a response.
	Requests []Request

	// Events are the messages that have no response.
	Events []Event

	// Notifications are the messages from the game to players.
	Notifications []Notification
}

// Shape is the type of a value in a message: a Basic, or a *Structure, *Enum, *List or *Map that the model defines.
// Shapes can refer to each other, and can be recursive.
type Shape interface {
	// ShapeName returns the name that a configuration uses for the shape.
	ShapeName() string

	// kind returns the member that defines the shape in the model. It also prevents implementations in other packages.
	kind() kind
}

// kind identifies which member of a definition contains the shape.
type kind string

const (
	structureKind kind = "Structure"
	enumKind      kind = "Enum"
	listKind      kind = "List"
	mapKind       kind = "Map"
	basicKind     kind = "" // the model does not define basic shapes
)

var kinds = []kind{structureKind, enumKind, listKind, mapKind}

// Structure is an object with known fields.
type Structure struct {
	// Name is the name in the model.
	Name string

	// Description is free text. It can be empty.
	Description string

	// Fields are the members, sorted by name.
	Fields []Field
}

// Field is a member of a structure.
type Field struct {
	// Name is the member name.
	Name string

	// Description is free text. It can be empty.
	Description string

	// Shape is the type of the value, never nil.
	Shape Shape

	// Required reports whether the cardinality is Required. If false, the cardinality is Optional.
	Required bool
}

// Enum is a string with known values.
type Enum struct {
	// Name is the name in the model.
	Name string

	// Description is free text. It can be empty.
	Description string

	// Values are the known values in the order of the model, without duplicates.
	Values []string
}

// List is an array whose items all have the same shape.
type List struct {
	// Name is the name in the model.
	Name string

	// Description is free text. It can be empty.
	Description string

	// Element is the shape of the items, never nil.
	Element Shape
}

// Map is an object with arbitrary member names, whose values all have the same shape.
type Map struct {
	// Name is the name in the model.
	Name string

	// Description is free text. It can be empty.
	Description string

	// Element is the shape of the values, never nil.
	Element Shape
}

// Basic is a predefined shape. A shape that the model defines hides the basic shape of the same name.
//
// The original service is known to support String, Boolean, Integer, Decimal and Any. The others are additions.
type Basic int

// The basic shapes.
const (
	String Basic = iota + 1
	Boolean
	Integer   // 64 bits
	Long      // 64 bits
	Float     // a 64-bit floating-point number
	Double    // a 64-bit floating-point number
	Decimal   // at most 96 bits and 28 fractional digits
	Timestamp // RFC 3339
	Document  // any JSON value; Any is an alias in configurations
)

// basicNames contains the names of the basic shapes in the order of their constants. Any is an alias of Document.
var basicNames = []string{"String", "Boolean", "Integer", "Long", "Float", "Double", "Decimal", "Timestamp", "Document", "Any"}

// parseBasic returns the basic shape with the given name.
func parseBasic(name string) (Basic, bool) {
	i := slices.Index(basicNames, name)
	return min(Basic(i+1), Document), i >= 0
}

// String returns the name of the shape.
func (b Basic) String() string {
	if b < String || b > Document {
		return fmt.Sprintf("Basic(%d)", int(b))
	}
	return basicNames[b-1]
}

// ShapeName returns the name of the structure.
func (s *Structure) ShapeName() string { return s.Name }

// ShapeName returns the name of the enum.
func (s *Enum) ShapeName() string { return s.Name }

// ShapeName returns the name of the list.
func (s *List) ShapeName() string { return s.Name }

// ShapeName returns the name of the map.
func (s *Map) ShapeName() string { return s.Name }

// ShapeName returns the name of the basic shape, as String does.
func (b Basic) ShapeName() string { return b.String() }

func (*Structure) kind() kind { return structureKind }
func (*Enum) kind() kind      { return enumKind }
func (*List) kind() kind      { return listKind }
func (*Map) kind() kind       { return mapKind }
func (Basic) kind() kind      { return basicKind }

// Message contains the fields common to all messages.
type Message struct {
	// Name is the name of the message in its section.
	Name string

	// Description is free text. It can be empty.
	Description string

	// AllowedSources are the allowed senders, in the order of the configuration. The only known source is "Player".
	AllowedSources []string

	// Body is the shape of the message, never nil.
	Body *Structure
}

// Request is a message that has a response.
type Request struct {
	Message

	// Response is the shape of the response, never nil.
	Response *Structure
}

// Event is a message that has no response.
type Event struct{ Message }

// Notification is a message from the game to a player.
type Notification struct{ Message }

// Handlers contains the handlers for a game's messages. Both lists are sorted by name.
type Handlers struct {
	// Requests are the handlers for requests.
	Requests []Handler

	// Events are the handlers for events.
	Events []Handler
}

// Handler is cloud code that runs for each message that has the name of the handler.
type Handler struct {
	// Name is the name of the message. [ParseHandlers] does not check that the game defines the message, because some
	// messages are defined by the system.
	Name string

	// Description is free text. It can be empty.
	Description string

	// Enabled is true unless the configuration disables the handler.
	Enabled bool

	// Code is the cloud code to run.
	Code Code
}

// Code is the cloud code of a handler.
type Code struct {
	// Script is a function body of at most MaxScript characters.
	Script string

	// Language is the programming language of the script.
	Language ScriptLanguage
}

// ScriptLanguage is the programming language of a script.
type ScriptLanguage string

// JavaScript is the only known language. Scripts of the original service use newer syntax than the value suggests.
const JavaScript ScriptLanguage = "Javascript_ES5_1"

// MaxScript is the maximum number of characters in a script.
const MaxScript = 8_000
