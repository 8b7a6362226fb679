package postgres

import (
	"fmt"
	"strings"
)

// presenceStatements are the SQL statements of a presence. Each is a transaction of its own. Its first column is the
// version of the schema, and statements that write have no effect if the version is newer than this program: no lock keeps
// another program from migrating the schema between two statements.
type presenceStatements struct {
	join, renew, configure, leave, replicas           string
	removeReplicas, removeConnections, removeDangling string
	acquire                                           string
	connect, remove, connections, stages              string
	disconnect, disconnectStages, orders, removeOrder string
}

// maxRemovedPerStatement bounds a statement that removes the connections of replicas whose leases have ended, or of stages.
const maxRemovedPerStatement = 1000

func newPresenceStatements(quoted string) presenceStatements {
	const (
		lease = "clock_timestamp() + $2::bigint * interval '1 microsecond'"

		// order removes the selected connections, inserts an order for each, and notifies their replicas. It returns how many
		// connections were selected, though another statement may have removed them since, and the number of the replicas.
		order = `with meta as (select version from SCHEMA.meta),
			selected as (select id from SCHEMA.connections where %s),
			removed as (delete from SCHEMA.connections using meta where meta.version <= VERSION and id in (select id from selected) returning id, replica),
			ordered as (insert into SCHEMA.disconnects (connection, replica, reason) select id, replica, $2::text from removed
				on conflict (connection) do nothing returning replica),
			notified as (select count(pg_notify($3::text, replica)) n from (select distinct replica from ordered) r)
			select meta.version, (select count(*) from selected), notified.n from meta, notified`

		// affected is the rest of a statement that writes rows and returns their number.
		affected = `select meta.version, (select count(*) from affected) from meta`
	)
	s := presenceStatements{
		join: `with meta as (select version from SCHEMA.meta),
			affected as (insert into SCHEMA.replicas (id, lease_until, configuration)
				select $1, ` + lease + `, $3 from meta where version <= VERSION on conflict (id) do nothing returning id) ` + affected,
		renew: `with meta as (select version from SCHEMA.meta),
			affected as (update SCHEMA.replicas set lease_until = ` + lease + ` from meta
				where version <= VERSION and id = $1 and lease_until > clock_timestamp() returning id) ` + affected,
		configure: `with meta as (select version from SCHEMA.meta),
			affected as (update SCHEMA.replicas set configuration = $2 from meta
				where version <= VERSION and id = $1 and lease_until > clock_timestamp() returning id) ` + affected,
		leave: `with meta as (select version from SCHEMA.meta),
			leases as (delete from SCHEMA.leases using meta where version <= VERSION and replica = $1),
			orders as (delete from SCHEMA.disconnects using meta where version <= VERSION and replica = $1),
			connections as (delete from SCHEMA.connections using meta where version <= VERSION and replica = $1),
			affected as (delete from SCHEMA.replicas using meta where version <= VERSION and id = $1 returning id) ` + affected,
		replicas: `select meta.version, r.id, r.configuration from SCHEMA.meta
			left join SCHEMA.replicas r on r.lease_until > clock_timestamp() order by r.id`,

		removeReplicas: `with meta as (select version from SCHEMA.meta),
			affected as (delete from SCHEMA.replicas using meta where version <= VERSION and lease_until <= clock_timestamp() returning id) ` + affected,
		// The recursion reads one entry of the index for each replica. A connection whose replica does not exist was inserted
		// while the replica was removed.
		removeConnections: fmt.Sprintf(`with recursive holders(replica) as (
				(select min(replica) from SCHEMA.connections) union all
				select (select min(c.replica) from SCHEMA.connections c where c.replica > h.replica) from holders h where h.replica is not null),
			meta as (select version from SCHEMA.meta),
			affected as (delete from SCHEMA.connections using meta where version <= VERSION and id in (
				select c.id from holders h cross join lateral (select id from SCHEMA.connections where replica = h.replica limit %[1]d) c
				where not exists (select from SCHEMA.replicas r where r.id = h.replica) limit %[1]d) returning id) `, maxRemovedPerStatement) + affected,
		removeDangling: `with meta as (select version from SCHEMA.meta),
			leases as (delete from SCHEMA.leases l using meta where version <= VERSION and not exists (select from SCHEMA.replicas r where r.id = l.replica)),
			affected as (delete from SCHEMA.disconnects d using meta where version <= VERSION and not exists (select from SCHEMA.replicas r where r.id = d.replica) returning 1) ` + affected,

		// The update of the conflicting row waits for concurrent statements and sees their result.
		acquire: `with meta as (select version from SCHEMA.meta),
			live as (select r.id from SCHEMA.replicas r, meta where version <= VERSION and r.id = $2 and r.lease_until > clock_timestamp()),
			acquired as (insert into SCHEMA.leases as l (name, replica) select $1, id from live on conflict (name) do update set replica = excluded.replica
				where l.replica = excluded.replica or not exists (select from SCHEMA.replicas h where h.id = l.replica and h.lease_until > clock_timestamp())
				returning replica)
			select meta.version, exists (select from live), exists (select from acquired) from meta`,

		connect: `with meta as (select version from SCHEMA.meta),
			affected as (insert into SCHEMA.connections as c (id, replica, stage, player, created)
				select $1, r.id, $3, $4, coalesce($5::timestamptz, date_trunc('milliseconds', clock_timestamp()))
				from meta, SCHEMA.replicas r where version <= VERSION and r.id = $2 and r.lease_until > clock_timestamp()
				on conflict (id) do update set replica = excluded.replica returning c.created)
			select meta.version, (select created from affected) from meta`,
		remove: `with meta as (select version from SCHEMA.meta),
			affected as (delete from SCHEMA.connections using meta where version <= VERSION and id = any($1::text[]) returning id) ` + affected,
		connections: `select meta.version, c.id, c.replica, c.created from SCHEMA.meta left join (
				select c.* from SCHEMA.connections c join SCHEMA.replicas r on r.id = c.replica
				where c.stage = $1 and c.player = $2 and r.lease_until > clock_timestamp()) c on true order by c.created, c.id`,
		// The recursion reads one entry of the index for each stage.
		stages: `with recursive found(stage, n) as (
				select (select min(stage) from SCHEMA.connections where stage > $1), 1 union all
				select (select min(c.stage) from SCHEMA.connections c where c.stage > f.stage), f.n + 1 from found f where f.stage is not null and f.n < $2)
			select meta.version, f.stage from SCHEMA.meta left join found f on f.stage is not null order by f.stage`,

		disconnect:       fmt.Sprintf(order, "id = any($1::text[])"),
		disconnectStages: fmt.Sprintf(order, fmt.Sprintf("stage >= $1 and ($4::text is null or stage < $4) limit %d", maxRemovedPerStatement)),
		orders: `select meta.version, d.connection, d.reason from SCHEMA.meta
			left join SCHEMA.disconnects d on d.replica = $1 order by d.connection`,
		removeOrder: `with meta as (select version from SCHEMA.meta),
			affected as (delete from SCHEMA.disconnects using meta where version <= VERSION and connection = any($1::text[]) returning 1) ` + affected,
	}
	replace := strings.NewReplacer("SCHEMA", quoted, "VERSION", fmt.Sprint(len(migrations)))
	for _, text := range []*string{
		&s.join, &s.renew, &s.configure, &s.leave, &s.replicas, &s.removeReplicas, &s.removeConnections, &s.removeDangling, &s.acquire,
		&s.connect, &s.remove, &s.connections, &s.stages, &s.disconnect, &s.disconnectStages, &s.orders, &s.removeOrder,
	} {
		*text = replace.Replace(*text)
	}
	return s
}
