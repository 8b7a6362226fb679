package document

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
)

// maxDepth limits the nesting of a document. It is that of encoding/json, and ends the walk through a value that holds
// itself.
const maxDepth = 10_000

var errTooDeep = fmt.Errorf("it is nested deeper than %d levels, or holds itself", maxDepth)

// check returns an error for what smithy-go's encoder leaves out in silence, panics on, or never comes to an end with.
func check(v reflect.Value, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	if v.IsValid() && v.CanInterface() {
		switch v.Interface().(type) {
		case Interface:
			if !v.IsZero() {
				return fmt.Errorf("it holds another document, which has to be decoded first")
			}
		case json.Number, json.RawMessage:
			return fmt.Errorf("it holds a %v, which can be a value of a map[string]any or []any only", v.Type())
		}
	}
	switch v.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Errorf("a value of type %v has no JSON form", v.Type())
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("the number %v has no JSON form", f)
		}
	case reflect.Interface, reflect.Pointer:
		return check(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := check(v.Index(i), depth+1); err != nil {
				return err
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if err := check(it.Value(), depth+1); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() && !field.Anonymous || field.Tag.Get("document") == "-" {
				continue
			}
			if err := check(v.Field(i), depth+1); err != nil {
				return fmt.Errorf("%s: %w", field.Name, err)
			}
		}
	}
	return nil
}
