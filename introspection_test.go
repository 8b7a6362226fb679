package gamesparks_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

func TestOperationsAreTheMethodsOfClient(t *testing.T) {
	t.Parallel()
	want := []string{}
	api := reflect.TypeFor[gamesparks.API]()
	for i := range api.NumMethod() {
		want = append(want, api.Method(i).Name)
	}
	got := []string{}
	for _, op := range gamesparks.Operations() {
		got = append(got, op.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) != 33 {
		t.Errorf("got %d operations, want 33 (-API methods +got):\n%s", len(got), diff)
	}
	client := reflect.TypeFor[*gamesparks.Client]()
	for i := range client.NumMethod() {
		if name := client.Method(i).Name; name != "Options" && name != "Format" && !slices.Contains(want, name) {
			t.Errorf("API has no method %s", name)
		}
	}
}

func TestOperationInfo(t *testing.T) {
	t.Parallel()
	tests := []gamesparks.OperationInfo{
		{
			Name: "ListSnapshots", Method: "GET", URI: "/game/{GameName}/snapshot", Paginated: true,
			Errors: []string{"ValidationException", "AccessDeniedException", "ThrottlingException", "ResourceNotFoundException", "InternalServerException"},
		}, {
			Name: "DeleteGame", Method: "DELETE", URI: "/game/{GameName}", Idempotent: true,
			Errors: []string{"ValidationException", "AccessDeniedException", "ThrottlingException", "ConflictException", "InternalServerException"},
		}, {
			Name: "TagResource", Method: "POST", URI: "/tags/{ResourceArn}",
			Errors: []string{"ValidationException", "ResourceNotFoundException", "InternalServerException"},
		},
	}
	for _, want := range tests {
		got, err := gamesparks.LookupOperation(want.Name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Name, diff)
		}
		got.Errors[0] = "changed by the caller"
		if again, _ := gamesparks.LookupOperation(want.Name); again.Errors[0] != want.Errors[0] {
			t.Errorf("%s: changing a returned value affects later calls", want.Name)
		}
	}
}

func TestCanPaginate(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, l := range listings {
		want = append(want, l.operation)
	}
	for _, op := range gamesparks.Operations() {
		if gamesparks.CanPaginate(op.Name) != op.Paginated {
			t.Errorf("CanPaginate and Operations disagree about %s", op.Name)
		}
		if op.Paginated {
			got = append(got, op.Name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paginated operations (-want +got):\n%s", diff)
	}
	for _, name := range []string{"", "list_games", "listGames", "ListGame", "ListTags"} {
		if gamesparks.CanPaginate(name) {
			t.Errorf("CanPaginate(%q) is true, want false", name)
		}
	}
}

func TestUnknownOperation(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"create_game", "listgames", "Qwertyuiop", "", "\xff\x00é"} {
		info, err := gamesparks.LookupOperation(name)
		var unknown *gamesparks.UnknownOperationError
		if !errors.As(err, &unknown) || unknown.Name != name || info.Name != "" {
			t.Errorf("%q: got operation %q and error %v, want an UnknownOperationError", name, info.Name, err)
		}
	}
}
