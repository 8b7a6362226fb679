package controlplane

import (
	"maps"
	"strings"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// tagged is a resource with its tags.
type tagged struct {
	tags *map[string]string
	save func() error
}

// tagged returns the resource that an ARN identifies. In a write operation, it returns an error if the resource is being
// deleted.
func (c *call) tagged(arn string) (*tagged, error) {
	unknown := notFound("The resource %q does not exist.", arn)
	path, ok := strings.CutPrefix(arn, *c.gameARN(""))
	if !ok {
		return nil, unknown
	}
	findGame, findStage := c.game, c.stage
	if c.tx.Writable() {
		findGame, findStage = c.activeGame, c.activeStage
	}
	switch parts := strings.Split(path, "/"); {
	case len(parts) == 1:
		game, err := findGame(&parts[0])
		if err != nil {
			return nil, err
		}
		return &tagged{&game.Tags, func() error { return c.tx.PutGame(game) }}, nil
	case len(parts) == 3 && parts[1] == "stage":
		stage, err := findStage(&parts[0], &parts[2])
		if err != nil {
			return nil, err
		}
		return &tagged{&stage.Tags, func() error { return c.tx.PutStage(stage) }}, nil
	}
	return nil, unknown
}

func (c *call) listTagsForResource(in *gamesparks.ListTagsForResourceInput) (*gamesparks.ListTagsForResourceOutput, error) {
	resource, err := c.tagged(*in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &gamesparks.ListTagsForResourceOutput{Tags: *resource.tags}, nil
}

func (c *call) tagResource(in *gamesparks.TagResourceInput) (*gamesparks.TagResourceOutput, error) {
	resource, err := c.tagged(*in.ResourceArn)
	if err != nil {
		return nil, err
	}
	tags := maps.Clone(*resource.tags)
	if tags == nil {
		tags = map[string]string{}
	}
	maps.Copy(tags, in.Tags)
	if l, ok := smithy.SchemaTrait[*schemas.Length](schemas.TagMap); ok {
		if rule := l.Check(len(tags)); rule != "" {
			return nil, invalid("The tags of %s are invalid: %s.", *in.ResourceArn, rule)
		}
	}
	*resource.tags = tags
	return &gamesparks.TagResourceOutput{}, resource.save()
}

func (c *call) untagResource(in *gamesparks.UntagResourceInput) (*gamesparks.UntagResourceOutput, error) {
	resource, err := c.tagged(*in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, key := range in.TagKeys {
		delete(*resource.tags, key)
	}
	if len(*resource.tags) == 0 {
		*resource.tags = nil
	}
	return &gamesparks.UntagResourceOutput{}, resource.save()
}
