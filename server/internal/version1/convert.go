package version1

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	present "github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Convert writes the data of the file at path, which has version 1, to an empty store, and compares the two. It does not
// change the file.
func Convert(ctx context.Context, path string, to storage.Store) error {
	return view(path, func(r *reader) error {
		secret := bytes.Clone(r.bucket.Get([]byte(secretKey)))
		if secret != nil {
			if err := to.Update(ctx, func(w storage.Writer) error { return w.Put(secretKey, secret) }); err != nil {
				return err
			}
		}
		for _, owner := range r.owners() {
			c := &converter{
				ctx: ctx, from: r, to: present.NewDB(to), prefix: ownersPrefix + owner[0] + "/" + owner[1] + "/",
				owner: present.Owner{Account: owner[0], Region: owner[1]}, tokens: map[string]present.ResourceRef{},
			}
			if err := c.convert(); err != nil {
				return fmt.Errorf("account %s in %s: %w", owner[0], owner[1], err)
			}
			if err := c.compare(); err != nil {
				return fmt.Errorf("account %s in %s: compare: %w", owner[0], owner[1], err)
			}
		}
		return nil
	})
}

// converter converts the records of one owner.
type converter struct {
	ctx    context.Context
	from   *reader
	to     *present.DB
	owner  present.Owner
	prefix string // of the owner's keys

	// tokens has the resources by the operation that created them and their client tokens.
	tokens map[string]present.ResourceRef
}

// update runs fn in a transaction at the zero time, at which nothing has expired.
func (c *converter) update(fn func(*present.Tx) error) error {
	return c.to.Update(c.ctx, c.owner, time.Time{}, nil, fn)
}

func (c *converter) view(fn func(*present.Tx) error) error {
	return c.to.View(c.ctx, c.owner, time.Time{}, fn)
}

func tokenKey(operation, clientToken string) string {
	sum := sha256.Sum256([]byte(clientToken))
	return operation + "/" + hex.EncodeToString(sum[:])
}

func (c *converter) convert() error {
	err := records(c.from, c.prefix+"game/", func(name string, old *game) error {
		if name != old.Name {
			return fmt.Errorf("the record of game %q has the name %q", name, old.Name)
		}
		g := &present.Game{
			Name: old.Name, Description: old.Description, Created: old.Created, LastUpdated: old.LastUpdated,
			Tags: old.Tags, ClientToken: old.ClientToken,
		}
		return c.game(g, old)
	})
	if err != nil {
		return err
	}
	return records(c.from, c.prefix+"token/", func(key string, old *token) error {
		resource, ok := c.tokens[key]
		if !ok {
			return nil // the resource does not exist, so the token can be reused
		}
		return c.update(func(tx *present.Tx) error {
			return tx.PutHashedToken(key, &present.IdempotencyToken{
				RequestDigest: old.Request, ExpiresAt: old.Expires, Resource: resource,
			})
		})
	})
}

func (c *converter) childPrefix(game string) string { return c.prefix + "of/" + game + "/" }

// sections returns the sections whose keys begin with prefix.
func (c *converter) sections(prefix string) (present.Sections, error) {
	sections := present.Sections{}
	err := c.from.each(prefix, func(name string, content []byte) error {
		sections[name] = bytes.Clone(content)
		return nil
	})
	return sections, err
}

func (c *converter) game(g *present.Game, old *game) error {
	prefix := c.childPrefix(g.Name)
	sections, err := c.sections(prefix + "section/")
	if err != nil {
		return err
	}
	err = c.update(func(tx *present.Tx) error {
		if err := tx.CreateGame(g); err != nil {
			return err
		}
		return records(c.from, prefix+"configuration", func(_ string, old *configuration) error {
			built := present.BuildSections(sections)
			if err := tx.ReplaceSections(present.NewSectionList(), built); err != nil {
				return err
			}
			return tx.PutConfiguration(g, &present.Configuration{
				Created: old.Created, LastUpdated: old.LastUpdated, Sections: built.List,
			})
		})
	})
	if err != nil {
		return err
	}
	c.tokens[tokenKey("CreateGame", g.ClientToken)] = g.Ref()
	err = records(c.from, prefix+"snapshot/", func(_ string, old *snapshot) error {
		s := &present.Snapshot{ID: old.ID, Description: old.Description, Created: old.Created, LastUpdated: old.LastUpdated}
		sections, err := c.sections(prefix + "snapshotsection/" + s.ID + "/")
		if err != nil {
			return err
		}
		return c.update(func(tx *present.Tx) error {
			built := present.BuildSections(sections)
			if err := tx.ReplaceSections(present.NewSectionList(), built); err != nil {
				return err
			}
			s.Sections = built.List
			return tx.PutSnapshot(g, s)
		})
	})
	if err != nil {
		return err
	}
	err = records(c.from, prefix+"job/", func(_ string, old *job) error {
		return c.update(func(tx *present.Tx) error { return tx.PutJob(g, convertJob(old)) })
	})
	if err != nil {
		return err
	}
	err = records(c.from, prefix+"stage/", func(_ string, old *stage) error { return c.stage(g, old) })
	if err != nil || old.Gone.IsZero() {
		return err
	}
	return c.update(func(tx *present.Tx) error { return tx.ExpireGame(g, old.Gone) })
}

func convertJob(old *job) *present.Job {
	return &present.Job{
		Number: old.Number, ID: old.ID, SnapshotID: old.SnapshotID, Generator: present.Generator(old.Generator),
		Created: old.Created, Pending: old.Pending, InProgress: old.InProgress, Description: old.Description, Failed: old.Failed,
	}
}

func convertDeployment(old *deployment) *present.Deployment {
	return &present.Deployment{
		Number: old.Number, ID: old.ID, SnapshotID: old.SnapshotID, Created: old.Created, Pending: old.Pending,
		InProgress: old.InProgress, Code: old.Code, Message: old.Message, ClientToken: old.ClientToken,
	}
}

func (c *converter) stage(g *present.Game, old *stage) error {
	s := &present.Stage{
		Name: old.Name, Description: old.Description, Role: old.Role, GameKey: old.GameKey, Created: old.Created,
		LastUpdated: old.LastUpdated, Tags: old.Tags, ClientToken: old.ClientToken,
	}
	err := c.update(func(tx *present.Tx) error {
		if err := tx.CreateStage(g, s); err != nil || old.Gone.IsZero() {
			return err
		}
		return tx.ExpireStage(s, old.Gone)
	})
	if err != nil {
		return err
	}
	c.tokens[tokenKey("CreateStage", s.ClientToken)] = s.Ref()
	return records(c.from, c.childPrefix(g.Name)+"deployment/"+s.Name+"/", func(_ string, old *deployment) error {
		d := convertDeployment(old)
		c.tokens[tokenKey("StartStageDeployment", d.ClientToken)] = d.Ref(s)
		return c.update(func(tx *present.Tx) error { return tx.PutDeployment(s, d) })
	})
}

// compare reads the converted records and compares them with the file.
func (c *converter) compare() error {
	games := map[string]bool{}
	return c.view(func(tx *present.Tx) error {
		for entry, err := range tx.Games().List("") {
			if err != nil {
				return err
			}
			games[entry.ID] = true
		}
		inFile := map[string]bool{}
		err := records(c.from, c.prefix+"game/", func(name string, old *game) error {
			inFile[name] = true
			if !old.Gone.IsZero() {
				return nil // its content is deleted
			}
			return c.compareGame(tx, name)
		})
		if err == nil && !maps.Equal(games, inFile) {
			err = fmt.Errorf("the file has %d games, the copy %d", len(inFile), len(games))
		}
		return err
	})
}

func (c *converter) compareGame(tx *present.Tx, name string) error {
	g, err := tx.Game(name)
	if err != nil {
		return err
	}
	if g == nil {
		return fmt.Errorf("game %s is missing", name)
	}
	r, err := tx.Configuration(g)
	if err != nil {
		return err
	}
	prefix := c.childPrefix(name)
	if err := c.compareSections(tx, r.Sections, prefix+"section/"); err != nil {
		return fmt.Errorf("configuration of game %s: %w", name, err)
	}
	snapshots, err := tx.Snapshots(g).All()
	if err != nil {
		return err
	}
	jobs := 0
	for _, s := range snapshots {
		if err := c.compareSections(tx, s.Sections, prefix+"snapshotsection/"+s.ID+"/"); err != nil {
			return fmt.Errorf("snapshot %s of game %s: %w", s.ID, name, err)
		}
		all, err := tx.Jobs(g, s.ID).All()
		if err != nil {
			return err
		}
		jobs += len(all)
	}
	stages, err := tx.Stages(g).All()
	if err != nil {
		return err
	}
	deployments := 0
	for _, s := range stages {
		all, err := tx.Deployments(s).All()
		if err != nil {
			return err
		}
		deployments += len(all)
	}
	for kind, n := range map[string]int{
		"snapshot/": len(snapshots), "job/": jobs, "stage/": len(stages), "deployment/": deployments,
	} {
		old := 0
		if err := c.from.each(prefix+kind, func(string, []byte) error { old++; return nil }); err != nil {
			return err
		}
		if old != n {
			return fmt.Errorf("game %s: the file has %d keys of %s, the copy %d records", name, old, kind, n)
		}
	}
	return nil
}

func (c *converter) compareSections(tx *present.Tx, l present.SectionList, prefix string) error {
	old, err := c.sections(prefix)
	if err != nil {
		return err
	}
	found, err := tx.Sections(l, nil)
	if err != nil {
		return err
	}
	if !maps.EqualFunc(old, found, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) || l.Count != len(old) {
		return fmt.Errorf("the sections differ: the file has %d, the copy %d", len(old), len(found))
	}
	return nil
}
