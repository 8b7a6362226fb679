package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsv1 "github.com/aws/aws-sdk-go/aws"
	credentialsv1 "github.com/aws/aws-sdk-go/aws/credentials"
	sessionv1 "github.com/aws/aws-sdk-go/aws/session"
	gamesparksv1 "github.com/aws/aws-sdk-go/service/gamesparks"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

var (
	ctx         = context.Background()
	credentials = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
	provider    = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil })
	name        = new("benchmark")
)

// newSDK returns a client of this SDK.
func newSDK(client *http.Client) *gamesparks.Client {
	return gamesparks.NewFromConfig(aws.Config{Region: "us-east-1", Credentials: provider, HTTPClient: client})
}

// withMiddleware returns a client of this SDK with a no-op middleware, so that calls run as a middleware stack.
func withMiddleware(client *http.Client) *gamesparks.Client {
	return gamesparks.New(newSDK(client).Options(), gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("NoOp", func(
			ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
		) (middleware.FinalizeOutput, middleware.Metadata, error) {
			return next.HandleFinalize(ctx, in)
		}), middleware.After)
	}))
}

// newV1 returns a client of aws-sdk-go v1.
func newV1(client *http.Client) *gamesparksv1.GameSparks {
	return gamesparksv1.New(sessionv1.Must(sessionv1.NewSession(&awsv1.Config{
		Region:      awsv1.String("us-east-1"),
		Credentials: credentialsv1.NewStaticCredentials(credentials.AccessKeyID, credentials.SecretAccessKey, ""),
		HTTPClient:  client,
	})))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func sdkGetGame(c *gamesparks.Client) func() {
	return func() {
		out := must(c.GetGame(ctx, &gamesparks.GetGameInput{GameName: name}))
		if *out.Game.Name != "benchmark" {
			panic("wrong game")
		}
	}
}

func v1GetGame(c *gamesparksv1.GameSparks) func() {
	return func() {
		out := must(c.GetGame(&gamesparksv1.GetGameInput{GameName: name}))
		if *out.Game.Name != "benchmark" {
			panic("wrong game")
		}
	}
}

// signing returns a function that signs a GetGame request with the signer of aws-sdk-go-v2.
func signing() func() {
	signer := v4.NewSigner()
	hash := hex.EncodeToString(sha256.New().Sum(nil))
	req := must(http.NewRequestWithContext(ctx, http.MethodGet, "https://gamesparks.us-east-1.amazonaws.com/game/benchmark", nil))
	req.Header.Set("Amz-Sdk-Invocation-Id", "ff5fcb53-05df-4963-a9fa-a223d2b10359")
	req.Header.Set("Amz-Sdk-Request", "attempt=1; max=3")
	return func() {
		if err := signer.SignHTTP(ctx, credentials, req, hash, "gamesparks", "us-east-1", time.Now()); err != nil {
			panic(err)
		}
	}
}

// handwrittenGetGame implements GetGame without an SDK client, using the signer of aws-sdk-go-v2, net/http and
// encoding/json. It does not validate, retry or distinguish errors, and sends and signs three fewer headers.
func handwrittenGetGame(client *http.Client) func() {
	signer := v4.NewSigner()
	hash := hex.EncodeToString(sha256.New().Sum(nil))
	return func() {
		req := must(http.NewRequestWithContext(ctx, http.MethodGet, "https://gamesparks.us-east-1.amazonaws.com/game/"+*name, nil))
		if err := signer.SignHTTP(ctx, credentials, req, hash, "gamesparks", "us-east-1", time.Now()); err != nil {
			panic(err)
		}
		resp := must(client.Do(req))
		var out struct {
			Game struct {
				Arn, Description, Name, State string
				Created, LastUpdated          time.Time
				EnableTerminationProtection   bool
				Tags                          map[string]string
			}
		}
		if err := json.Unmarshal(must(io.ReadAll(resp.Body)), &out); err != nil {
			panic(err)
		}
		if err := resp.Body.Close(); err != nil || out.Game.Name != "benchmark" {
			panic("wrong game")
		}
	}
}

func sdkNotFound(c *gamesparks.Client) func() {
	return func() {
		_, err := c.GetGame(ctx, &gamesparks.GetGameInput{GameName: name})
		var e *types.ResourceNotFoundException
		if !errors.As(err, &e) || e.ErrorMessage() == "" {
			panic(err)
		}
	}
}

func v1NotFound(c *gamesparksv1.GameSparks) func() {
	return func() {
		_, err := c.GetGame(&gamesparksv1.GetGameInput{GameName: name})
		var e *gamesparksv1.ResourceNotFoundException
		if !errors.As(err, &e) || e.Message() == "" {
			panic(err)
		}
	}
}

func sdkListGames(c *gamesparks.Client) func() {
	return func() {
		if out := must(c.ListGames(ctx, &gamesparks.ListGamesInput{})); len(out.Games) != 100 {
			panic("wrong page")
		}
	}
}

func v1ListGames(c *gamesparksv1.GameSparks) func() {
	return func() {
		if out := must(c.ListGames(&gamesparksv1.ListGamesInput{})); len(out.Games) != 100 {
			panic("wrong page")
		}
	}
}

var snapshotID = new("Snapshot_2022-03-04T05:06:07.890Z")

func sdkGetSnapshot(c *gamesparks.Client) func() {
	return func() {
		out := must(c.GetSnapshot(ctx, &gamesparks.GetSnapshotInput{GameName: name, SnapshotId: snapshotID}))
		if len(out.Snapshot.Sections) != sections {
			panic("wrong snapshot")
		}
	}
}

func sdkDecodeSnapshot(c *gamesparks.Client) func() {
	return func() {
		out := must(c.GetSnapshot(ctx, &gamesparks.GetSnapshotInput{GameName: name, SnapshotId: snapshotID}))
		enabled := 0
		for _, s := range out.Snapshot.Sections {
			var content section
			if err := s.Attributes.UnmarshalSmithyDocument(&content); err != nil {
				panic(err)
			}
			if content.Enabled && len(content.Names) == 2 {
				enabled++
			}
		}
		if enabled != sections {
			panic("wrong documents")
		}
	}
}

func v1GetSnapshot(c *gamesparksv1.GameSparks) func() {
	return func() {
		out := must(c.GetSnapshot(&gamesparksv1.GetSnapshotInput{GameName: name, SnapshotId: snapshotID}))
		if len(out.Snapshot.Sections) != sections {
			panic("wrong snapshot")
		}
	}
}

const modifications = 100

func sdkUpdate(c *gamesparks.Client) func() {
	return func() {
		in := &gamesparks.UpdateGameConfigurationInput{GameName: name, Modifications: make([]types.SectionModification, modifications)}
		for i := range in.Modifications {
			in.Modifications[i] = types.SectionModification{
				Operation: types.OperationAdd,
				Path:      new("/Message/Structure/Fields/Score"),
				Section:   new("GameSparks.Core.Model"),
				Value:     document.NewLazyDocument(map[string]any{"Shape": "Integer", "Cardinality": "Required"}),
			}
		}
		must(c.UpdateGameConfiguration(ctx, in))
	}
}

// handwrittenUpdate implements UpdateGameConfiguration without an SDK client, using the signer of aws-sdk-go-v2,
// net/http and encoding/json.
func handwrittenUpdate(client *http.Client) func() {
	type modification struct {
		Operation string
		Path      string
		Section   string
		Value     any
	}
	type body struct{ Modifications []modification }
	signer := v4.NewSigner()
	return func() {
		in := body{make([]modification, modifications)}
		for i := range in.Modifications {
			in.Modifications[i] = modification{
				"ADD", "/Message/Structure/Fields/Score", "GameSparks.Core.Model", map[string]any{"Shape": "Integer", "Cardinality": "Required"},
			}
		}
		data := must(json.Marshal(in))
		req := must(http.NewRequestWithContext(ctx, http.MethodPatch,
			"https://gamesparks.us-east-1.amazonaws.com/game/benchmark/configuration", bytes.NewReader(data)))
		req.Header.Set("Content-Type", "application/json")
		sum := sha256.Sum256(data)
		if err := signer.SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), "gamesparks", "us-east-1", time.Now()); err != nil {
			panic(err)
		}
		resp := must(client.Do(req))
		var out struct {
			GameConfiguration struct{ Created, LastUpdated time.Time }
		}
		if err := json.Unmarshal(must(io.ReadAll(resp.Body)), &out); err != nil {
			panic(err)
		}
		if err := resp.Body.Close(); err != nil {
			panic(err)
		}
	}
}

// encodingAndHashing does the work that no client can avoid when it sends a file: base64 encoding of the content and
// SHA-256 hashing of the body for the signature.
func encodingAndHashing(file []byte) func() {
	return func() { sha256.Sum256(base64.StdEncoding.AppendEncode(nil, file)) }
}

func sdkImport(c *gamesparks.Client, file []byte) func() {
	return func() {
		must(c.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
			GameName: name, ImportSource: &types.ImportGameConfigurationSource{File: file},
		}))
	}
}

func v1Import(c *gamesparksv1.GameSparks, file []byte) func() {
	return func() {
		must(c.ImportGameConfiguration(&gamesparksv1.ImportGameConfigurationInput{
			GameName: name, ImportSource: &gamesparksv1.ImportGameConfigurationSource{File: file},
		}))
	}
}
