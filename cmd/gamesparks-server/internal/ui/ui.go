// Package ui is a read-only web page with the games, stages, snapshots and deployments of a GameSparks service.
//
// [New] returns the page as a handler for the paths below [Path]:
//
//	mux.Handle(ui.Path, ui.New(client))
package ui

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"time"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// Client is the part of [gamesparks.Client] that the page uses.
type Client interface {
	gamesparks.ListGamesAPIClient
	gamesparks.ListSnapshotsAPIClient
	gamesparks.ListStageDeploymentsAPIClient
	gamesparks.ListStagesAPIClient
	GetGame(context.Context, *gamesparks.GetGameInput, ...func(*gamesparks.Options)) (*gamesparks.GetGameOutput, error)
	GetGameConfiguration(context.Context, *gamesparks.GetGameConfigurationInput, ...func(*gamesparks.Options)) (*gamesparks.GetGameConfigurationOutput, error)
	GetStage(context.Context, *gamesparks.GetStageInput, ...func(*gamesparks.Options)) (*gamesparks.GetStageOutput, error)
}

// Path is the URL path prefix of the page. The handler expects requests with this prefix.
const Path = "/ui/"

//go:embed page
var files embed.FS

// New returns a handler that serves the page. It is safe for concurrent use if client is.
func New(client Client) http.Handler {
	pages := pages{client}
	mux := http.NewServeMux()
	mux.Handle("GET "+Path+"{$}", show("games.html", pages.games))
	mux.Handle("GET "+Path+"game/{game}", show("game.html", pages.game))
	mux.Handle("GET "+Path+"game/{game}/stage/{stage}", show("stage.html", pages.stage))
	mux.HandleFunc("GET "+Path+"style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "page/style.css")
	})
	return secure(mux)
}

// secure sets headers that block scripts and all other content that the page does not need.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

var functions = template.FuncMap{
	"time": func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	},
}

func parse(name string) *template.Template {
	return template.Must(template.New("layout.html").Funcs(functions).ParseFS(files, "page/layout.html", "page/"+name))
}

var errorPage = parse("error.html")

// show returns a handler that renders the result of get with the named template.
func show[T any](name string, get func(*http.Request) (T, error)) http.Handler {
	page := parse(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := get(r)
		if err != nil {
			status, text := errorText(err)
			write(w, status, errorPage, text)
			return
		}
		write(w, http.StatusOK, page, data)
	})
}

func write(w http.ResponseWriter, status int, page *template.Template, data any) {
	var text bytes.Buffer
	if err := page.Execute(&text, data); err != nil {
		http.Error(w, "cannot render the page", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // the browser may have disconnected
}

// errorText returns the HTTP status and text of the error page for err.
func errorText(err error) (status int, text string) {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return http.StatusInternalServerError, "The service did not respond. See the log of the server."
	}
	switch api.(type) {
	case *types.ResourceNotFoundException:
		status = http.StatusNotFound
	case *types.ValidationException:
		status = http.StatusBadRequest
	default:
		status = http.StatusInternalServerError
	}
	return status, api.ErrorMessage()
}

// pageToken returns the pagination token in the named query parameter, or nil if the parameter is empty.
func pageToken(r *http.Request, name string) *string {
	if value := r.URL.Query().Get(name); value != "" {
		return &value
	}
	return nil
}

type pages struct{ client Client }

func (p pages) games(r *http.Request) (*gamesparks.ListGamesOutput, error) {
	return p.client.ListGames(r.Context(), &gamesparks.ListGamesInput{NextToken: pageToken(r, "next")})
}

type gamePage struct {
	Game          *types.GameDetails
	Stages        *gamesparks.ListStagesOutput
	Snapshots     *gamesparks.ListSnapshotsOutput
	Configuration *types.GameConfigurationDetails
	Sections      []section
	OtherSections int // the number of sections that the page does not show
}

func (p pages) game(r *http.Request) (page gamePage, err error) {
	ctx, name := r.Context(), new(r.PathValue("game"))
	game, err := p.client.GetGame(ctx, &gamesparks.GetGameInput{GameName: name})
	if err != nil {
		return page, err
	}
	configuration, err := p.client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: name})
	if gamesparks.IsNotFound(err) { // the game is being deleted
		configuration = &gamesparks.GetGameConfigurationOutput{GameConfiguration: &types.GameConfigurationDetails{}}
	} else if err != nil {
		return page, err
	}
	page.Game, page.Configuration = game.Game, configuration.GameConfiguration
	if page.Game == nil || page.Configuration == nil {
		return page, fmt.Errorf("the response does not include game %q or its configuration", *name)
	}
	if page.Sections, page.OtherSections, err = sectionsOf(page.Configuration); err != nil {
		return page, err
	}
	page.Stages, err = p.client.ListStages(ctx, &gamesparks.ListStagesInput{GameName: name, NextToken: pageToken(r, "stages")})
	if err != nil {
		return page, err
	}
	page.Snapshots, err = p.client.ListSnapshots(ctx, &gamesparks.ListSnapshotsInput{GameName: name, NextToken: pageToken(r, "snapshots")})
	return page, err
}

type stagePage struct {
	Game        string
	Stage       *types.StageDetails
	Deployments *gamesparks.ListStageDeploymentsOutput
}

func (p pages) stage(r *http.Request) (page stagePage, err error) {
	page.Game = r.PathValue("game")
	game, stage := new(page.Game), new(r.PathValue("stage"))
	found, err := p.client.GetStage(r.Context(), &gamesparks.GetStageInput{GameName: game, StageName: stage})
	if err != nil {
		return page, err
	}
	page.Stage = found.Stage
	if page.Stage == nil {
		return page, fmt.Errorf("the response does not include stage %q", *stage)
	}
	page.Deployments, err = p.client.ListStageDeployments(r.Context(), &gamesparks.ListStageDeploymentsInput{
		GameName: game, StageName: stage, NextToken: pageToken(r, "next"),
	})
	return page, err
}
