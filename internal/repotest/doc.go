// Package repotest contains tests of the repository itself: dependencies, doc comments and the exported surface.
package repotest
