// Package repotest checks the repository itself. It has only tests.
package repotest
