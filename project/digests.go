package project

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
)

// digestsFile holds the digests of the files that are known to be equal to the server's, and the state of the game on the server.
var digestsFile = path.Join(stateDir, "fetched.json")

// digestsVersion is the version of the format of digestsFile.
const digestsVersion = 1

// digests maps the paths of files to the digests of their contents.
type digests map[string]string

// digest returns the digest of a file or section.
func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// recordedDigests is the content of digestsFile.
type recordedDigests struct {
	// Files are the digests of the files as of the last fetch or apply.
	Files digests `json:"files"`

	// Incomplete are the digests of the files that a fetch is writing. They are recorded before the first write. After an
	// interruption, neither the old nor the new content counts as changed.
	Incomplete digests `json:"incomplete,omitempty"`

	// Planned is the state after the last plan file of the directory, which may have been applied since.
	Planned *fetchedState `json:"planned,omitempty"`

	// Server is the state on the server. It is nil if no fetch or apply has been completed.
	Server *fetchedState `json:"server,omitempty"`

	Version int `json:"version"`
}

// has reports whether a file has the content that a fetch has written or found.
func (r *recordedDigests) has(name string, content []byte) bool {
	d := digest(content)
	return r.Files[name] == d || r.Incomplete[name] == d
}

// isEmpty reports whether nothing has been fetched or applied.
func (r *recordedDigests) isEmpty() bool { return r.Files == nil && r.Incomplete == nil }

// readDigests returns the recorded digests, which are empty before the first fetch or apply.
func (d *directory) readDigests() (*recordedDigests, error) {
	recorded := &recordedDigests{Version: digestsVersion}
	text, err := d.read(digestsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return recorded, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, recorded); err != nil {
		return nil, fmt.Errorf("%s: %w: delete the file", digestsFile, err)
	}
	if recorded.Version != digestsVersion {
		return nil, fmt.Errorf("%s has version %d, but this program supports version %d: update the program", digestsFile, recorded.Version, digestsVersion)
	}
	return recorded, nil
}

// writeDigests records digests. It does not write if they are recorded already.
func (d *directory) writeDigests(recorded *recordedDigests) error {
	recorded.Version = digestsVersion
	text, err := json.MarshalIndent(recorded, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if present, err := d.read(digestsFile); err == nil && bytes.Equal(present, text) {
		return nil
	}
	if err := d.prepareState(); err != nil {
		return err
	}
	return d.writeFile(digestsFile, text)
}

// RecordFetch records that g, as read from the directory, is the state on the server. Call it after p, the plan for g, has been
// applied: otherwise the next [Fetch] refuses to overwrite the edited files, and [FetchRecord.Overwritten] reports the
// applied changes. Files that have changed since g was read are not recorded.
func RecordFetch(dir string, g *Game, p *Plan) error {
	l, err := readLocal(dir)
	if err != nil {
		return err
	}
	recorded := digests{}
	if l.digests.Server == nil || l.digests.Server.Game.Name == g.Name {
		maps.Copy(recorded, l.digests.Files)
	}
	equal := map[string][]byte{}
	l.keepEqual(g, equal)
	for name, content := range equal {
		recorded[name] = digest(content)
	}
	d, err := openDirectory(dir)
	if err != nil {
		return explainMissing(dir, err)
	}
	defer d.close()
	return d.writeDigests(&recordedDigests{Files: recorded, Server: l.digests.Server.after(g, p)})
}

// RecordPlan records that p, the plan for g as read from the directory, may be applied later from a file. When it has been applied,
// [FetchRecord.Overwritten] does not report the applied changes, and [Fetch] does not regard them as another program's.
func RecordPlan(dir string, g *Game, p *Plan) error {
	d, err := openDirectory(dir)
	if err != nil {
		return explainMissing(dir, err)
	}
	defer d.close()
	recorded, err := d.readDigests()
	if err != nil || recorded.Server == nil {
		return err
	}
	recorded.Planned = recorded.Server.after(g, p)
	return d.writeDigests(recorded)
}
