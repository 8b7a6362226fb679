package download

import (
	"strconv"
	"strings"
)

// contentRange is the Content-Range header of RFC 9110, section 14.4.
type contentRange struct {
	first, last int64 // -1 for an unsatisfied range
	total       int64 // -1 if unknown
}

func parseContentRange(header string) (r contentRange, ok bool) {
	unit, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	span, total, found := strings.Cut(strings.TrimSpace(rest), "/")
	if !strings.EqualFold(unit, "bytes") || !found {
		return r, false
	}
	r.total = -1
	if total != "*" {
		if r.total, ok = parseSize(total); !ok {
			return r, false
		}
	}
	if span == "*" {
		r.first, r.last = -1, -1
		return r, r.total >= 0
	}
	first, last, _ := strings.Cut(span, "-")
	var ok1, ok2 bool
	r.first, ok1 = parseSize(first)
	r.last, ok2 = parseSize(last)
	return r, ok1 && ok2 && r.first <= r.last && (r.total < 0 || r.last < r.total)
}

// parseSize parses digits only, without a sign.
func parseSize(digits string) (int64, bool) {
	n, err := strconv.ParseUint(digits, 10, 62) // so that sums do not overflow
	return int64(n), err == nil
}
