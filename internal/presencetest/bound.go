package presencetest

import (
	"cmp"
	"slices"
	"time"
)

// bound returns the time by which a process must have finished an action, such as closing a connection. The action is due
// since a time, and takes up to the given length if nothing interrupts the process. The bound is the slack after the earliest
// of these times:
//
//   - The end of the first period of the given length without an outage.
//   - The end of the lease, if one outage lasts until then. A process cannot renew its lease during an outage. The lease
//     therefore ends no later than the duration of a lease after the start of the outage.
//
// If the process is suspended before the slack has passed, the slack starts when the process continues.
func (c *checker) bound(since time.Duration, process string, length time.Duration) time.Duration {
	if since == Forever {
		return Forever
	}
	at := since
	for _, o := range c.outages(process) {
		if o.To <= at {
			continue
		}
		if o.From-at >= length {
			break // the process worked for long enough before the outage
		}
		if leaseEnd := max(since, o.From+c.Lease); leaseEnd <= o.To {
			return c.settle(leaseEnd, process)
		}
		at = o.To
	}
	return c.settle(at+length, process)
}

// outages returns the outages of a process by time. Outages that overlap are merged.
func (c *checker) outages(process string) (merged []Outage) {
	var all []Outage
	for _, o := range c.Outages {
		if o.Process == "" || o.Process == process {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b Outage) int { return cmp.Compare(a.From, b.From) })
	for _, o := range all {
		if last := len(merged) - 1; last >= 0 && o.From <= merged[last].To {
			merged[last].To = max(merged[last].To, o.To)
			continue
		}
		merged = append(merged, o)
	}
	return merged
}

// settle adds the slack to a bound, from the time at which the process is not suspended.
func (c *checker) settle(at time.Duration, process string) time.Duration {
	for moved := true; moved; {
		moved = false
		for _, o := range c.Outages {
			suspended := o.Kind == Suspended && (o.Process == "" || o.Process == process)
			if suspended && o.From <= at+c.Slack && at < o.To {
				if o.To == Forever {
					return Forever
				}
				at, moved = o.To, true
			}
		}
	}
	return at + c.Slack
}
