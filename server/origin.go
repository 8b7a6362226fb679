package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// defaultSecret is the secret access key of defaultCredential. It is public.
const defaultSecret = "local"

// WithAllowedHosts adds host names and IP addresses under which clients may reach the service, without ports.
//
// The service checks the Host header of all requests if it accepts unsigned requests or the default secret, and otherwise
// of requests to a listener on a loopback address. It then accepts loopback addresses, "localhost", the host of
// [WithPublicURL] and these hosts. The check prevents DNS rebinding, in which a web page reaches the service under the
// page's own host name, which resolves to a loopback address.
func WithAllowedHosts(hosts ...string) Option {
	return func(s *settings) error {
		for _, host := range hosts {
			name := hostname(host)
			if name == "" || name != strings.Trim(strings.ToLower(host), "[]") || strings.ContainsAny(name, "/@*, ") {
				return badOption("WithAllowedHosts", "host %q: must be a host name or an IP address without a port, such as games.example", host)
			}
			s.allowedHosts = append(s.allowedHosts, name)
		}
		return nil
	}
}

// WithCORSOrigins allows web pages of the given origins, such as https://example.com, to send requests and to read the
// responses (CORS). By default, a request that a page of another origin sends fails with an AccessDeniedException if the
// service checks the Host header (see [WithAllowedHosts]), and no page of another origin can read responses. Player
// connections are accepted from pages of any origin, because the game key authorizes them.
func WithCORSOrigins(origins ...string) Option {
	return func(s *settings) error {
		for _, origin := range origins {
			u, err := url.Parse(origin)
			if err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin {
				return badOption("WithCORSOrigins", "origin %q: must be a scheme and a host, such as https://example.com or http://localhost:3000", origin)
			}
			s.corsOrigins = append(s.corsOrigins, strings.ToLower(origin))
		}
		return nil
	}
}

// hostname returns the host name of a Host header in lower case, without the port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// isLoopbackHost reports whether a host name without a port is "localhost" or a loopback address.
func isLoopbackHost(name string) bool {
	ip, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && ip.IsLoopback()
}

// isPublicAccess reports whether the service accepts requests without a secret key: unsigned requests, or requests that
// are signed with the default secret.
func (s *settings) isPublicAccess() bool {
	return s.anonymous || s.keys.keys.Load().defaultSecret
}

// isGuarded reports whether the Host and Origin headers of the request must be checked.
func (s *settings) isGuarded(r *http.Request) bool {
	return s.isPublicAccess() || onLoopbackListener(r)
}

// onLoopbackListener reports whether the request arrived at a listener on a loopback address. A connection to a listener
// on all interfaces may have a loopback address too, so the address of the [http.Server] takes precedence.
func onLoopbackListener(r *http.Request) bool {
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.Addr != "" {
		return isLoopbackHost(hostname(server.Addr))
	}
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && addr.IP.IsLoopback()
}

// accessRefused returns the error for a request that the Host or Origin check refuses.
func accessRefused(format string, args ...any) error {
	return &wireError{http.StatusForbidden, "AccessDeniedException", fmt.Sprintf(format, args...)}
}

// checkHost returns an error if clients must not reach the service under the host of the request.
func (s *settings) checkHost(r *http.Request) error {
	name := hostname(r.Host)
	switch {
	case !s.isGuarded(r) || name == "" || isLoopbackHost(name): // browsers always send a host
		return nil
	case s.publicURL != nil && name == hostname(s.publicURL.Host), slices.Contains(s.allowedHosts, name):
		return nil
	}
	return accessRefused("The service does not accept requests to the host %.100q. "+
		"If clients may use this host, allow it with --allowed-host %.100[1]s (WithAllowedHosts in package server).", name)
}

// HostCheck returns a handler that refuses requests to hosts that the service does not accept, as the service does, and
// passes all other requests to next. [Service.Shutdown] covers these requests too. Use it for other handlers on the
// listener of the service.
func (s *Service) HostCheck(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, end := s.active.begin(w, r)
		defer end()
		if err := s.checkHost(r); err != nil {
			s.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkOrigin returns an error if a web page of another origin has sent the request.
func (s *settings) checkOrigin(r *http.Request) error {
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	switch {
	case !s.isGuarded(r) || s.allowsOrigin(origin):
		return nil
	case origin != "" && !s.isOwnOrigin(r, origin):
		return accessRefused("The service does not accept requests from web pages of the origin %.100q. "+
			"If these pages may use the service, allow the origin with --cors-origin %.100[1]s (WithCORSOrigins in package server).", origin)
	case site != "" && site != "same-origin" && site != "none":
		return accessRefused("The service does not accept requests from web pages of other sites (Sec-Fetch-Site: %.20s). "+
			"If these pages may use the service, allow their origin with --cors-origin (WithCORSOrigins in package server).", site)
	}
	return nil
}

// isOwnOrigin reports whether a page of the origin belongs to the service itself.
func (s *settings) isOwnOrigin(r *http.Request, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return strings.EqualFold(u.Host, r.Host) || s.publicURL != nil && u.Scheme == s.publicURL.Scheme && strings.EqualFold(u.Host, s.publicURL.Host)
}

func (s *settings) allowsOrigin(origin string) bool {
	return origin != "" && slices.Contains(s.corsOrigins, strings.ToLower(origin))
}

// Values of CORS headers.
const (
	corsMethods = "GET, POST, PUT, PATCH, DELETE"
	corsMaxAge  = "7200" // seconds; browsers cache a preflight for at most two hours

	// corsExposed are the response headers that clients read. Clients correct their clock skew with Date.
	corsExposed = "Date, ETag, Retry-After, X-Amzn-ErrorType, X-Amzn-RequestId"
)

// allowCORS sets the CORS headers for a page of an allowed origin. If the request is a preflight request, it responds and
// returns true.
func (x *exchange) allowCORS() (done bool) {
	if len(x.corsOrigins) == 0 {
		return false
	}
	r, header := x.request, x.writer.Header()
	header.Add("Vary", "Origin")
	if !x.allowsOrigin(r.Header.Get("Origin")) {
		return false
	}
	header.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		header.Set("Access-Control-Expose-Headers", corsExposed)
		return false
	}
	header.Set("Access-Control-Allow-Methods", corsMethods)
	header.Set("Access-Control-Max-Age", corsMaxAge)
	if names := corsHeaders(r.Header.Get("Access-Control-Request-Headers")); names != "" {
		header.Set("Access-Control-Allow-Headers", names)
	}
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		header.Set("Access-Control-Allow-Private-Network", "true")
	}
	x.writer.WriteHeader(http.StatusNoContent)
	return true
}

// corsHeaders returns those of the requested headers that clients of the API send. The wildcard "*" does not cover
// Authorization.
func corsHeaders(requested string) string {
	var allowed []string
	for name := range strings.SplitSeq(strings.ToLower(requested), ",") {
		name = strings.TrimSpace(name)
		if slices.Contains([]string{"accept", "authorization", "content-type", "if-match", "range"}, name) ||
			strings.HasPrefix(name, "x-amz-") || strings.HasPrefix(name, "amz-sdk-") {
			allowed = append(allowed, name)
		}
	}
	return strings.Join(allowed, ", ")
}
