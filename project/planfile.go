package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// WriteJSON writes the plan in its JSON form, which [ReadPlan] reads. The file plan.schema.json of this package describes
// the form.
func (p *Plan) WriteJSON(w io.Writer) error {
	text, err := p.encode()
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func (p *Plan) encode() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(p); err != nil {
		return nil, fmt.Errorf("encode the plan: %w", err)
	}
	return b.Bytes(), nil
}

// WriteFile writes the plan to a file that only its owner can read, since a configuration can be confidential. It
// replaces an existing file atomically.
func (p *Plan) WriteFile(name string) error {
	text, err := p.encode()
	if err != nil {
		return err
	}
	if err := replaceFile(name, text); err != nil {
		if failed, ok := errors.AsType[*fs.PathError](err); ok {
			err = failed.Err // the path is that of the temporary file
		}
		return fmt.Errorf("write the plan to %s: %w", name, err)
	}
	return nil
}

// replaceFile writes a file with mode 0600.
func replaceFile(name string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".gamesparks-plan-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // best effort: the first error is more useful
		}
	}()
	if err := writeAndClose(f, text); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// ReadPlan reads a plan in its JSON form. It fails if the plan has another version, or if it is inconsistent because it was
// edited.
func ReadPlan(text []byte) (*Plan, error) {
	var header struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(text, &header); err != nil || header.Format != PlanFormat {
		return nil, errors.New("the file is not a plan: create one with gamesparks plan --out FILE")
	}
	if header.Version != PlanVersion {
		return nil, fmt.Errorf("the plan has version %d, but this program supports version %d: create the plan again", header.Version, PlanVersion)
	}
	p := &Plan{wasRead: true}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(p); err != nil {
		return nil, fmt.Errorf("read the plan: %w: create it again", err)
	}
	if err := p.restore(); err != nil {
		return nil, fmt.Errorf("the plan is inconsistent: %w: create it again instead of editing it", err)
	}
	return p, nil
}

// restore recomputes the derived parts of the plan from the values before and after each change. It returns an error if they
// differ from the file.
func (p *Plan) restore() error {
	for i, s := range p.Sections {
		if i > 0 && s.Name <= p.Sections[i-1].Name {
			return fmt.Errorf("the section %s is out of order", s.Name)
		}
		c, err := diffSection(newNumbering(), s.Name, s.Before, s.After)
		if err != nil {
			return err
		}
		if c == nil {
			return fmt.Errorf("the section %s does not differ", s.Name)
		}
		if c.Action == ActionRemove && s.Action == ActionKeep {
			c.Action = ActionKeep
		}
		if c.Action != s.Action || !equalJSON(c.Changes, s.Changes) {
			return fmt.Errorf("the changes of the section %s do not follow from its contents", s.Name)
		}
		p.Sections[i] = *c
	}
	for i, s := range p.Stages {
		if i > 0 && s.Name <= p.Stages[i-1].Name {
			return fmt.Errorf("the stage %s is out of order", s.Name)
		}
		if err := checkAttributes(s.Action, s.Changes); err != nil {
			return fmt.Errorf("the stage %s: %w", s.Name, err)
		}
	}
	switch p.GameAction {
	case ActionAdd, ActionChange:
		if err := checkAttributes(p.GameAction, p.GameChanges); err != nil {
			return fmt.Errorf("the game: %w", err)
		}
	default:
		if p.GameAction != "" || p.GameChanges != nil {
			return errors.New("the action of the game is invalid")
		}
	}
	if (p.GameAction == ActionAdd) != (p.ARN == "") {
		return errors.New("the plan must either have the ARN of the game or add the game")
	}
	write, summary := p.Write, p.Summary
	p.summarize()
	if p.Write = newConfigurationWrite(p.Sections); !equalJSON(write, p.Write) || summary != p.Summary {
		return errors.New("the call that writes the configuration does not follow from the sections")
	}
	return nil
}

// checkAttributes returns an error unless the changes of a game or stage are changes of attributes and match the action.
func checkAttributes(action Action, changes []Change) error {
	for i, c := range changes {
		_, hasBefore := unquote(c.Before)
		_, hasAfter := unquote(c.After)
		allowed := false
		switch action {
		case ActionAdd:
			allowed = c.Before == nil && hasAfter
		case ActionChange:
			allowed = (c.Before == nil || hasBefore) && (c.After == nil || hasAfter) && !bytes.Equal(c.Before, c.After)
		case ActionRemove, ActionKeep:
			allowed = hasBefore && c.After == nil
		}
		isAttribute := c.Path == rolePath || c.Path == descriptionPath || strings.HasPrefix(c.Path, tagsPath)
		if !allowed || !isAttribute || i > 0 && c.Path <= changes[i-1].Path {
			return fmt.Errorf("the change of %q is invalid", c.Path)
		}
	}
	return nil
}

// equalJSON reports whether two values have equal JSON forms. The contents of sections need not be in canonical form.
func equalJSON(a, b any) bool {
	return bytes.Equal(canonicalJSON(a), canonicalJSON(b))
}

// canonicalJSON returns the canonical JSON form of a value, or nil if it has none.
func canonicalJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	text, err = Canonical(text)
	if err != nil {
		return nil
	}
	return text
}
