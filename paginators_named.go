package gamesparks

import (
	"context"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/types"
)

// ListExtensionVersionsAPIClient is the part of a [Client] that a [ListExtensionVersionsPaginator] needs.
type ListExtensionVersionsAPIClient interface {
	ListExtensionVersions(context.Context, *ListExtensionVersionsInput, ...func(*Options)) (*ListExtensionVersionsOutput, error)
}

type (
	// ListExtensionVersionsPaginatorOptions configures a [ListExtensionVersionsPaginator].
	ListExtensionVersionsPaginatorOptions = PaginatorOptions

	// ListExtensionVersionsPaginator walks the pages of [Client.ListExtensionVersions].
	ListExtensionVersionsPaginator = Paginator[ListExtensionVersionsOutput, types.ExtensionVersionDetails]
)

// NewListExtensionVersionsPaginator returns a paginator of [Client.ListExtensionVersions] with the parameters. Nil
// params are those of an empty input.
func NewListExtensionVersionsPaginator(client ListExtensionVersionsAPIClient, params *ListExtensionVersionsInput, optFns ...func(*ListExtensionVersionsPaginatorOptions)) *ListExtensionVersionsPaginator {
	return newPaginator[ListExtensionVersionsInput, ListExtensionVersionsOutput, types.ExtensionVersionDetails](schemas.ListExtensionVersions, client.ListExtensionVersions, params, optFns)
}

// ListExtensionsAPIClient is the part of a [Client] that a [ListExtensionsPaginator] needs.
type ListExtensionsAPIClient interface {
	ListExtensions(context.Context, *ListExtensionsInput, ...func(*Options)) (*ListExtensionsOutput, error)
}

type (
	// ListExtensionsPaginatorOptions configures a [ListExtensionsPaginator].
	ListExtensionsPaginatorOptions = PaginatorOptions

	// ListExtensionsPaginator walks the pages of [Client.ListExtensions].
	ListExtensionsPaginator = Paginator[ListExtensionsOutput, types.ExtensionDetails]
)

// NewListExtensionsPaginator returns a paginator of [Client.ListExtensions] with the parameters. Nil params are those
// of an empty input.
func NewListExtensionsPaginator(client ListExtensionsAPIClient, params *ListExtensionsInput, optFns ...func(*ListExtensionsPaginatorOptions)) *ListExtensionsPaginator {
	return newPaginator[ListExtensionsInput, ListExtensionsOutput, types.ExtensionDetails](schemas.ListExtensions, client.ListExtensions, params, optFns)
}

// ListGamesAPIClient is the part of a [Client] that a [ListGamesPaginator] needs.
type ListGamesAPIClient interface {
	ListGames(context.Context, *ListGamesInput, ...func(*Options)) (*ListGamesOutput, error)
}

type (
	// ListGamesPaginatorOptions configures a [ListGamesPaginator].
	ListGamesPaginatorOptions = PaginatorOptions

	// ListGamesPaginator walks the pages of [Client.ListGames].
	ListGamesPaginator = Paginator[ListGamesOutput, types.GameSummary]
)

// NewListGamesPaginator returns a paginator of [Client.ListGames] with the parameters. Nil params are those of an empty
// input.
func NewListGamesPaginator(client ListGamesAPIClient, params *ListGamesInput, optFns ...func(*ListGamesPaginatorOptions)) *ListGamesPaginator {
	return newPaginator[ListGamesInput, ListGamesOutput, types.GameSummary](schemas.ListGames, client.ListGames, params, optFns)
}

// ListGeneratedCodeJobsAPIClient is the part of a [Client] that a [ListGeneratedCodeJobsPaginator] needs.
type ListGeneratedCodeJobsAPIClient interface {
	ListGeneratedCodeJobs(context.Context, *ListGeneratedCodeJobsInput, ...func(*Options)) (*ListGeneratedCodeJobsOutput, error)
}

type (
	// ListGeneratedCodeJobsPaginatorOptions configures a [ListGeneratedCodeJobsPaginator].
	ListGeneratedCodeJobsPaginatorOptions = PaginatorOptions

	// ListGeneratedCodeJobsPaginator walks the pages of [Client.ListGeneratedCodeJobs].
	ListGeneratedCodeJobsPaginator = Paginator[ListGeneratedCodeJobsOutput, types.GeneratedCodeJobDetails]
)

// NewListGeneratedCodeJobsPaginator returns a paginator of [Client.ListGeneratedCodeJobs] with the parameters. Nil
// params are those of an empty input.
func NewListGeneratedCodeJobsPaginator(client ListGeneratedCodeJobsAPIClient, params *ListGeneratedCodeJobsInput, optFns ...func(*ListGeneratedCodeJobsPaginatorOptions)) *ListGeneratedCodeJobsPaginator {
	return newPaginator[ListGeneratedCodeJobsInput, ListGeneratedCodeJobsOutput, types.GeneratedCodeJobDetails](schemas.ListGeneratedCodeJobs, client.ListGeneratedCodeJobs, params, optFns)
}

// ListSnapshotsAPIClient is the part of a [Client] that a [ListSnapshotsPaginator] needs.
type ListSnapshotsAPIClient interface {
	ListSnapshots(context.Context, *ListSnapshotsInput, ...func(*Options)) (*ListSnapshotsOutput, error)
}

type (
	// ListSnapshotsPaginatorOptions configures a [ListSnapshotsPaginator].
	ListSnapshotsPaginatorOptions = PaginatorOptions

	// ListSnapshotsPaginator walks the pages of [Client.ListSnapshots].
	ListSnapshotsPaginator = Paginator[ListSnapshotsOutput, types.SnapshotSummary]
)

// NewListSnapshotsPaginator returns a paginator of [Client.ListSnapshots] with the parameters. Nil params are those of
// an empty input.
func NewListSnapshotsPaginator(client ListSnapshotsAPIClient, params *ListSnapshotsInput, optFns ...func(*ListSnapshotsPaginatorOptions)) *ListSnapshotsPaginator {
	return newPaginator[ListSnapshotsInput, ListSnapshotsOutput, types.SnapshotSummary](schemas.ListSnapshots, client.ListSnapshots, params, optFns)
}

// ListStageDeploymentsAPIClient is the part of a [Client] that a [ListStageDeploymentsPaginator] needs.
type ListStageDeploymentsAPIClient interface {
	ListStageDeployments(context.Context, *ListStageDeploymentsInput, ...func(*Options)) (*ListStageDeploymentsOutput, error)
}

type (
	// ListStageDeploymentsPaginatorOptions configures a [ListStageDeploymentsPaginator].
	ListStageDeploymentsPaginatorOptions = PaginatorOptions

	// ListStageDeploymentsPaginator walks the pages of [Client.ListStageDeployments].
	ListStageDeploymentsPaginator = Paginator[ListStageDeploymentsOutput, types.StageDeploymentSummary]
)

// NewListStageDeploymentsPaginator returns a paginator of [Client.ListStageDeployments] with the parameters. Nil params
// are those of an empty input.
func NewListStageDeploymentsPaginator(client ListStageDeploymentsAPIClient, params *ListStageDeploymentsInput, optFns ...func(*ListStageDeploymentsPaginatorOptions)) *ListStageDeploymentsPaginator {
	return newPaginator[ListStageDeploymentsInput, ListStageDeploymentsOutput, types.StageDeploymentSummary](schemas.ListStageDeployments, client.ListStageDeployments, params, optFns)
}

// ListStagesAPIClient is the part of a [Client] that a [ListStagesPaginator] needs.
type ListStagesAPIClient interface {
	ListStages(context.Context, *ListStagesInput, ...func(*Options)) (*ListStagesOutput, error)
}

type (
	// ListStagesPaginatorOptions configures a [ListStagesPaginator].
	ListStagesPaginatorOptions = PaginatorOptions

	// ListStagesPaginator walks the pages of [Client.ListStages].
	ListStagesPaginator = Paginator[ListStagesOutput, types.StageSummary]
)

// NewListStagesPaginator returns a paginator of [Client.ListStages] with the parameters. Nil params are those of an
// empty input.
func NewListStagesPaginator(client ListStagesAPIClient, params *ListStagesInput, optFns ...func(*ListStagesPaginatorOptions)) *ListStagesPaginator {
	return newPaginator[ListStagesInput, ListStagesOutput, types.StageSummary](schemas.ListStages, client.ListStages, params, optFns)
}
