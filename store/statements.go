package store

// What every item goes through.
const (
	findSighting = `SELECT g.item, g.mark, g.run, g.seq, g.held, g.missing
		FROM items i JOIN item_sightings g ON g.item = i.id WHERE i.key = ? AND i.source = ?`
	insertItem = `INSERT INTO items (source, key, place_sealed, place_shown, secret, title, poster, collection,
		published_from, published_to, size_min, size_max, listing, first_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertSighting = `INSERT INTO item_sightings (item, source, mark, run, seq, held) VALUES (?, ?, ?, ?, 1, ?)`
	findGroup      = `SELECT EXISTS (SELECT 1 FROM item_groups WHERE key = ?)`
	insertVersion  = `INSERT INTO versions (id, item, source, seq, listed_at, due_at) VALUES (?, ?, ?, ?, ?, ?)`

	findQueues = `SELECT id, parallel, turn, busy FROM (SELECT id, parallel, turn,
			(SELECT count(*) FROM versions v WHERE v.source = s.id AND v.lease_owner IS NOT NULL AND v.lease_until > ?1) busy
			FROM sources s WHERE enabled = 1 AND (?2 = '' OR id = ?2)
			AND EXISTS (SELECT 1 FROM versions d WHERE d.source = s.id AND d.due_at <= ?1))
		WHERE busy < parallel`
	findDue = `SELECT id FROM versions WHERE source = ?1 AND due_at <= ?2 AND (lease_until IS NULL OR lease_until <= ?2)
		ORDER BY due_at, id LIMIT ?3`
	takeVersion = `UPDATE versions SET lease_owner = ?, lease_until = ?, attempts = attempts + 1 WHERE id = ?`
	takeTurn    = `UPDATE sources SET turn = ? WHERE id = ?`
	findVersion = `SELECT ` + versionColumns + ` FROM versions v JOIN items i ON i.id = v.item ` + itemJoins + ` WHERE v.id = ?`
	endVersion  = `UPDATE versions SET due_at = NULL, attempts = 0, dead_at = NULL, lease_owner = NULL, lease_until = NULL, again = 0,
		result = CASE WHEN ?1 IN ('clean', 'mentioned', 'failed') AND ` + told + ` THEN 'matched'
			WHEN ?1 IN ('clean', 'failed') AND ` + named + ` THEN 'mentioned' ELSE ?1 END,
		completeness = iif(?2 = 'unread' AND ` + told + `, 'partial', ?2), reasons = ?, bytes = ?, texts = ?, sha256 = ?, media_type = ?, generation = ?, matcher = ?,
		fetched_at = ?, ended_at = ? WHERE id = ? AND lease_owner = ?`
	// told says of a row of versions that there is a find of it: what was found is true however the reading ended, or
	// was cut off, and whatever a later reading saw there. named says so of a find that names a clinic and holds nobody
	told  = `EXISTS (SELECT 1 FROM finds f WHERE f.version = versions.id AND f.revision > 0 AND f.result = 'matched')`
	named = `EXISTS (SELECT 1 FROM finds f WHERE f.version = versions.id AND f.revision > 0 AND f.result = 'mentioned')`

	// dueAgain makes due what was read before, is there still, and is a newer reading's to look at: whose it is follows.
	dueAgain = `UPDATE versions SET due_at = ?1, again = 1, attempts = 0, dead_at = NULL
		WHERE due_at IS NULL AND gone_at IS NULL AND source IN (SELECT id FROM sources WHERE enabled = 1)
		AND (item, seq) IN (SELECT g.item, g.seq FROM item_sightings g WHERE g.item = versions.item AND g.missing = 0) AND `
	// readable says of a row of versions that another reading of the same may find somebody, or somebody else; sealed, that
	// something in it is encrypted, and that no password which was known opened it
	readable = `(result IN ('clean', 'mentioned', 'matched') OR completeness = 'unreadable')`
	sealed   = `(reasons LIKE '%no password published%' OR reasons LIKE '%no published password%')`
	// dueWhenStale is for a version that ends: DueAgain and PutPasswords pass over what is being read. Failed readings are
	// of no generation
	dueWhenStale = dueAgain + `id = ?2 AND (` + readable + ` AND ?3 BETWEEN 1 AND (SELECT CAST(value AS INTEGER) - 1 FROM meta WHERE name = 'due_again')
		OR ` + sealed + ` AND ?4 < (SELECT count(*) FROM items i CROSS JOIN published p
			ON p.collection = iif(i.collection = zeroblob(16), i.key, i.collection) WHERE i.id = versions.item))`

	insertExchange = `INSERT INTO exchanges (version, at, config, sealed, expires_at) VALUES (?, ?, ?, ?, ?)`
)
