package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/gamesparks-go/gamesparks/server/internal/replica"
)

// configuration returns the digests of the settings that all replicas on a store should share, because clients observe them
// through each replica. It has no secrets: of the access keys, it has only the accounts. Limits that depend on the machine,
// such as that of concurrent requests, may differ.
func (s *settings) configuration() replica.Configuration {
	accounts := s.accounts()
	slices.Sort(accounts)
	publicURL, perSecond, burst := "", 0.0, 0
	if s.publicURL != nil {
		publicURL = s.publicURL.String()
	}
	if s.rates != nil {
		perSecond, burst = float64(s.rates.perSecond), s.rates.burst
	}
	digests := replica.Configuration{}
	for name, value := range map[string]any{
		"account":                s.account,
		"accounts":               accounts,
		"anonymous":              s.anonymous,
		"deletion-time":          s.deletion,
		"deployment-in-progress": s.deploymentInProgress,
		"deployment-pending":     s.deploymentPending,
		"extensions":             s.extensions,
		"job-in-progress":        s.jobInProgress,
		"job-pending":            s.jobPending,
		"max-body":               s.maxBody,
		"max-games":              s.maxGames,
		"public-url":             publicURL,
		"rate-burst":             burst,
		"rate-limit":             perSecond,
		"region":                 s.region,
		"test-api":               s.testAPI,
	} {
		text, _ := json.Marshal(value) // these types have no errors
		sum := sha256.Sum256(text)
		digests[name] = hex.EncodeToString(sum[:8])
	}
	return digests
}

// ConfigurationDifferences returns the names of the settings that differ between the services on a shared store, in
// alphabetical order. Each name is that of a flag of gamesparks-server, such as max-games, except for "accounts": these are
// the accounts of the access keys. The service compares the settings when it starts and then once in each lease. It logs
// differences. The result is empty if no other service uses the store.
func (s *Service) ConfigurationDifferences() []string { return s.replica.ConfigurationDifferences() }
