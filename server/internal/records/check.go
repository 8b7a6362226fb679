package records

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Summary is the result of [Check].
type Summary struct {
	// Entries is the number of entries in the store.
	Entries int

	// Owners, Games, Stages, Snapshots, Deployments and Jobs are the numbers of these resources. They include resources that
	// have been deleted but not removed yet.
	Owners, Games, Stages, Snapshots, Deployments, Jobs int

	// Contents is the number of stored contents of sections, and ContentBytes the sum of their lengths.
	Contents     int
	ContentBytes int64

	// Problems describes the problems found, at most maxProblems.
	Problems []string
}

// maxProblems limits the length of Summary.Problems.
const maxProblems = 1000

// Check reads all records of the store. It checks digests, reference counts and counters, and that every record belongs to
// a resource. Values that the store cannot read are problems too.
func Check(ctx context.Context, store storage.Store) (s Summary, err error) {
	err = store.View(ctx, func(r storage.Reader) error {
		s = Summary{}
		c := &checker{Summary: &s, ctx: ctx, reader: r}
		return c.check()
	})
	return s, err
}

type checker struct {
	*Summary
	ctx    context.Context
	reader storage.Reader

	// tx and the fields below belong to the current owner.
	tx           *Tx
	games        map[string]bool // ids, and whether the game has no content
	gameCount    int
	counter      int
	configured   map[string]bool        // ids of games with a configuration
	children     map[string]string      // keys of records of games, by the id of the game
	stages       map[[2]string]bool     // ids of games and stages
	deployments  map[[2]string]string   // keys of deployments, by the ids of game and stage
	removals     map[string]bool        // removed prefixes
	blobs        map[blob]int           // lengths of stored blobs
	numbers      map[digest]int         // stored reference counts
	unreferenced map[digest]bool        // markers
	references   map[blob]int           // counted references
	holders      map[string]SectionList // by the key of the record
}

func (c *checker) problem(format string, args ...any) {
	switch len(c.Problems) {
	case maxProblems:
	case maxProblems - 1:
		c.Problems = append(c.Problems, "there are more problems")
	default:
		c.Problems = append(c.Problems, fmt.Sprintf(format, args...))
	}
}

// scan calls visit for all entries of the range. It reports entries that the store cannot read as problems.
func (c *checker) scan(keys storage.Range, visit func(storage.Entry) error) error {
	for {
		again := false
		for entry, err := range c.reader.Scan(keys) {
			if ctxErr := c.ctx.Err(); ctxErr != nil {
				return ctxErr
			}
			if err != nil && entry.Key == "" {
				return err
			}
			c.Entries++
			if err == nil {
				if err := visit(entry); err != nil {
					return err
				}
				continue
			}
			c.problem("%v", err)
			keys.Start, again = entry.Key+"\x00", true
			break
		}
		if !again {
			return nil
		}
	}
}

// servicePrefix is the prefix of the keys of records that belong to the service itself.
const servicePrefix = "service/"

func (c *checker) check() error {
	var owner *Owner
	err := c.scan(storage.Range{}, func(e storage.Entry) error {
		o, rest, ok := cutOwner(e.Key)
		switch {
		case strings.HasPrefix(e.Key, servicePrefix):
			return nil
		case !ok:
			c.problem("key %q is unknown", e.Key)
			return nil
		case owner == nil || *owner != o:
			c.endOwner()
			c.startOwner(o)
			owner = &o
		}
		c.record(e, rest)
		return nil
	})
	if err == nil {
		c.endOwner()
	}
	slices.Sort(c.Problems)
	return err
}

func (c *checker) startOwner(o Owner) {
	c.Owners++
	c.tx = newTx(o, time.Time{}, c.reader, nil)
	c.games, c.configured, c.stages = map[string]bool{}, map[string]bool{}, map[[2]string]bool{}
	c.children, c.deployments = map[string]string{}, map[[2]string]string{}
	c.removals, c.blobs, c.unreferenced = map[string]bool{}, map[blob]int{}, map[digest]bool{}
	c.numbers, c.references, c.holders = map[digest]int{}, map[blob]int{}, map[string]SectionList{}
	c.gameCount, c.counter = 0, 0
}

// record checks a record of the owner. The key of the record without the prefix of the owner is in rest.
func (c *checker) record(e storage.Entry, rest string) {
	parts := strings.Split(rest, "/")
	switch segment := parts[0]; {
	case segment == gameSegment && len(parts) == 2:
		if g := decodeRecord[Game](c, e); g != nil {
			if g.Name != parts[1] || g.ID == "" {
				c.problem("record %q is of the game %q with the id %q", e.Key, g.Name, g.ID)
			}
			c.games[g.ID] = g.isDeleting()
		}
		c.Games++
		c.gameCount++
	case segment == contentSegment && len(parts) > 2:
		c.children[parts[1]] = e.Key
		c.child(e, parts[1], parts[2:])
	case (segment == string(contentBlob) || segment == string(listBlob)) && len(parts) == 2:
		c.blob(e, blobKind(segment), parts[1])
	case segment == referencesSegment && len(parts) == 2:
		if d, ok := c.parseDigest(e.Key, parts[1]); ok {
			n, err := strconv.Atoi(string(e.Value))
			if err != nil || n < 2 {
				c.problem("record %q has %q, want a number of at least 2", e.Key, e.Value)
			}
			c.numbers[d] = n
		}
	case segment == unreferencedSegment && len(parts) == 2:
		if d, ok := c.parseDigest(e.Key, parts[1]); ok {
			c.unreferenced[d] = true
		}
	case segment == removalSegment:
		c.removals[strings.TrimPrefix(rest, removalSegment+"/")] = true
	case segment == counterSegment && len(parts) == 2 && parts[1] == gameSegment:
		n, err := strconv.Atoi(string(e.Value))
		if err != nil {
			c.problem("record %q has %q, want a number", e.Key, e.Value)
		}
		c.counter = n
	case segment == tokenSegment && len(parts) == 3:
		decodeRecord[IdempotencyToken](c, e)
	case segment == expirySegment && len(parts) > 2:
		if _, err := time.Parse(expiryTimeFormat, parts[1]); err != nil {
			c.problem("key %q has no valid time", e.Key)
		}
	default:
		c.problem("key %q is unknown", e.Key)
	}
}

// child checks a record that belongs to a game.
func (c *checker) child(e storage.Entry, game string, parts []string) {
	switch segment := parts[0]; {
	case segment == configurationSegment && len(parts) == 1:
		c.configured[game] = true
		if r := decodeRecord[Configuration](c, e); r != nil {
			c.holder(e.Key, r.Sections)
		}
	case segment == snapshotSegment && len(parts) == 2:
		c.Snapshots++
		if r := decodeRecord[Snapshot](c, e); r != nil {
			c.holder(e.Key, r.Sections)
			c.want(e.Key, r.ID, parts[1])
		}
	case segment == stageSegment && len(parts) == 2:
		c.Stages++
		if r := decodeRecord[Stage](c, e); r != nil {
			c.want(e.Key, r.Name, parts[1])
			c.want(e.Key, r.GameID, game)
			c.stages[[2]string{game, r.ID}] = true
		}
	case segment == deploymentSegment && len(parts) == 3:
		c.Deployments++
		if r := decodeRecord[Deployment](c, e); r != nil {
			c.want(e.Key, r.ID, parts[2])
			c.deployments[[2]string{game, parts[1]}] = e.Key
		}
	case segment == jobSegment && len(parts) == 3:
		c.Jobs++
		if r := decodeRecord[Job](c, e); r != nil {
			c.want(e.Key, r.SnapshotID, parts[1])
			c.want(e.Key, r.ID, parts[2])
		}
	default:
		c.problem("key %q is unknown", e.Key)
	}
}

func decodeRecord[T any](c *checker, e storage.Entry) *T {
	record := new(T)
	if err := json.Unmarshal(e.Value, record); err != nil {
		c.problem("record %q cannot be decoded: %v", e.Key, err)
		return nil
	}
	return record
}

// want reports a name or id in a record that differs from the one in its key.
func (c *checker) want(key, found, want string) {
	if found != want {
		c.problem("record %q has %q, want %q", key, found, want)
	}
}

func (c *checker) parseDigest(key, text string) (d digest, ok bool) {
	d, err := parseDigest(text)
	if err != nil {
		c.problem("key %q is unknown", key)
	}
	return d, err == nil
}

// blob checks a content or a node of a list, and counts its references to other blobs.
func (c *checker) blob(e storage.Entry, kind blobKind, text string) {
	d, ok := c.parseDigest(e.Key, text)
	if !ok {
		return
	}
	b := blob{kind, d}
	c.blobs[b] = len(e.Value)
	if digest(sha256.Sum256(e.Value)) != b.digest {
		c.problem("record %q does not have the SHA-256 of its key", e.Key)
	}
	if kind == contentBlob {
		c.Contents++
		c.ContentBytes += int64(len(e.Value))
		return
	}
	sections, children, err := decodeNode(e.Value)
	if err != nil {
		c.problem("record %q: %v", e.Key, err)
	}
	for i := range sections {
		if !sections[i].isInline() {
			c.references[blob{contentBlob, sections[i].digest}]++
		}
	}
	for i := range children {
		c.references[blob{listBlob, children[i].digest}]++
	}
}

// holder counts the reference of a record to a list.
func (c *checker) holder(key string, l SectionList) {
	c.holders[key] = l
	if l.Root == "" {
		return
	}
	root, err := l.root()
	if err != nil {
		c.problem("record %q: %v", key, err)
		return
	}
	c.references[root]++
}

// endOwner runs the checks that involve several records of the owner.
func (c *checker) endOwner() {
	if c.tx == nil {
		return
	}
	owner := c.tx.owner
	if c.counter != c.gameCount {
		c.problem("account %s in %s has %d games, but its counter says %d", owner.Account, owner.Region, c.gameCount, c.counter)
	}
	for id, deleting := range c.games {
		if !deleting && !c.configured[id] {
			c.problem("the game with the id %s has no configuration", id)
		}
	}
	for id, key := range c.children {
		if _, ok := c.games[id]; !ok && !c.removals[contentSegment+"/"+id+"/"] {
			c.problem("record %q belongs to no game", key)
		}
	}
	for ids, key := range c.deployments {
		game, stage := ids[0], ids[1]
		if !c.stages[ids] && !c.removals[contentSegment+"/"+game+"/"] &&
			!c.removals[strings.Join([]string{contentSegment, game, deploymentSegment, stage, ""}, "/")] {
			c.problem("record %q belongs to no stage", key)
		}
	}
	c.checkReferences()
	c.checkLists()
}

// checkReferences compares the stored reference counts with the counted references.
func (c *checker) checkReferences() {
	for b, counted := range c.references {
		if _, ok := c.blobs[b]; !ok {
			c.problem("%v is missing, but is referenced %d times", b, counted)
		}
	}
	for b := range c.blobs {
		stored, ok := c.numbers[b.digest]
		switch {
		case c.unreferenced[b.digest]:
			stored = 0
		case !ok:
			stored = 1
		}
		if counted := c.references[b]; counted != stored {
			c.problem("%v is referenced %d times, but its reference count is %d", b, counted, stored)
		}
	}
	for d := range c.numbers {
		if !c.hasBlob(d) {
			c.problem("%v is missing, but has a reference count", d)
		}
	}
	for d := range c.unreferenced {
		if _, ok := c.blobs[blob{listBlob, d}]; !ok {
			c.problem("list %v is missing, but is marked as unreferenced", d)
		}
	}
}

func (c *checker) hasBlob(d digest) bool {
	_, isContent := c.blobs[blob{contentBlob, d}]
	_, isList := c.blobs[blob{listBlob, d}]
	return isContent || isList
}

// checkLists compares the counts, sizes and entity tags of lists with their sections. It reads each list once.
func (c *checker) checkLists() {
	lists := map[SectionList]string{} // a record that holds the list
	for key, l := range c.holders {
		if lists[l] == "" || key < lists[l] {
			lists[l] = key
		}
	}
	for l, key := range lists {
		var sections []section
		found := SectionList{Root: l.Root}
		err := c.tx.walk(l, func(s section) error {
			s.inline = slices.Clone(s.inline)
			sections = append(sections, s)
			found.Size += len(s.name) + s.size
			return nil
		})
		if err != nil {
			c.problem("record %q: its list of sections cannot be read: %v", key, err)
			continue
		}
		found.Count, found.ETag = len(sections), listETag(sections)
		if found != l {
			c.problem("record %q has the list of sections %+v, want %+v", key, l, found)
		}
		if !slices.IsSortedFunc(sections, func(a, b section) int { return cmp.Compare(a.name, b.name) }) {
			c.problem("record %q: its list of sections is not sorted", key)
		}
		for _, s := range sections {
			if size, ok := c.blobs[blob{contentBlob, s.digest}]; ok && !s.isInline() && size != s.size {
				c.problem("record %q: section %q has %d bytes, but its list says %d", key, s.name, size, s.size)
			}
		}
	}
}
