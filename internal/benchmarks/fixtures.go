package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

const game = `{"Game":{"Arn":"arn:aws:gamesparks:us-east-1:123456789012:game/benchmark","Created":"2022-03-04T05:06:07.890Z",` +
	`"Description":"A game to measure with","EnableTerminationProtection":false,"LastUpdated":"2022-03-04T05:06:07.890Z",` +
	`"Name":"benchmark","State":"ACTIVE","Tags":{"team":"core","env":"test"}}}`

const notFound = `{"Message":"Game benchmark does not exist."}`

// gamesPage returns a ListGames response with 100 games.
func gamesPage() []byte {
	var b strings.Builder
	b.WriteString(`{"Games":[`)
	for i := range 100 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"Description":"Game number %d of a page","Name":"game-%03d","State":"ACTIVE","Tags":{"team":"core","env":"test"}}`, i, i)
	}
	b.WriteString(`],"NextToken":"c29tZSBvcGFxdWUgdG9rZW4gb2YgdGhlIHNlcnZpY2U="}`)
	return []byte(b.String())
}

// section is the content of a section in the snapshot.
type section struct {
	Description string
	Enabled     bool
	Limit       int
	Names       []string
}

const sections = 1000

// snapshot returns a GetSnapshot response.
func snapshot() []byte {
	var b strings.Builder
	b.WriteString(`{"Snapshot":{"Created":"2022-03-04T05:06:07.890Z","Id":"Snapshot_2022-03-04T05:06:07.890Z","Sections":{`)
	for i := range sections {
		if i > 0 {
			b.WriteByte(',')
		}
		content, _ := json.Marshal(section{
			Description: fmt.Sprintf("Section %d", i), Enabled: true, Limit: i, Names: []string{"one", "two"},
		})
		fmt.Fprintf(&b, `"Section.%04d":{"Attributes":%s,"Name":"Section.%04d","Size":%d}`, i, content, i, len(content))
	}
	b.WriteString(`}}}`)
	return []byte(b.String())
}

// configurationFile returns a file of about 1 MB for ImportGameConfiguration.
func configurationFile() []byte {
	var b strings.Builder
	b.WriteString(`{"Document":{"Type":"Game","Sections":{`)
	for i := 0; b.Len() < 1_000_000; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"Section.%05d":{"Description":"A section of a large configuration","Code":{"Script":"return GameSparks().Messaging().Response({});"}}`, i)
	}
	b.WriteString(`}}}`)
	return []byte(b.String())
}

const configuration = `{"GameConfiguration":{"Created":"2022-03-04T05:06:07.890Z","LastUpdated":"2022-03-04T05:06:07.890Z","Sections":{}}}`

// function is a response from Lambda's GetFunction with as many members as game.
const function = `{"Configuration":{"FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:benchmark","LastModified":"2022-03-04T05:06:07.890Z",` +
	`"Description":"A function to measure with","MemorySize":128,"RevisionId":"2022-03-04T05:06:07.890Z",` +
	`"FunctionName":"benchmark","State":"Active"},"Tags":{"team":"core","env":"test"}}`
