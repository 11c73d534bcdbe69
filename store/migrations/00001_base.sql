-- +goose Up

-- Times are microseconds since 1970, UTC. A column *_sealed holds bytes under the place key, *_shown what may be read.
-- Five tables hold work (sources, versions, finds, deliveries, watches) and share the columns due_at (NULL: nothing
-- to do), attempts, lease_owner, lease_until, dead_at: see lease.go.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key_checks (
  id         TEXT PRIMARY KEY,
  value      TEXT NOT NULL,
  first_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
  id            TEXT PRIMARY KEY,
  kind          TEXT NOT NULL,
  spec          TEXT NOT NULL,              -- leak.Source as JSON; how to read its listing stays in the configuration
  parallel      INTEGER NOT NULL,           -- bodies at once
  enabled       INTEGER NOT NULL,
  created       INTEGER NOT NULL,
  run           INTEGER NOT NULL DEFAULT 0, -- the run that items are seen in now
  last_run      INTEGER,
  last_complete INTEGER,
  last_error    TEXT NOT NULL DEFAULT '',
  failures      INTEGER NOT NULL DEFAULT 0, -- in a row
  turn          INTEGER NOT NULL DEFAULT 0, -- when a body of it was last leased: the longest waiting goes first
  due_at        INTEGER,
  attempts      INTEGER NOT NULL DEFAULT 0,
  lease_owner   TEXT,
  lease_until   INTEGER,
  dead_at       INTEGER
) STRICT;
CREATE INDEX sources_due ON sources (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE runs (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  source   TEXT NOT NULL,
  since    INTEGER NOT NULL,                -- first run since the last one that was ended: what was seen in it counts
  started  INTEGER NOT NULL,
  ended    INTEGER,
  pages    INTEGER NOT NULL DEFAULT 0,
  listed   INTEGER NOT NULL DEFAULT 0,
  due      INTEGER NOT NULL DEFAULT 0,
  complete INTEGER NOT NULL DEFAULT 0,
  cut      TEXT NOT NULL DEFAULT '',
  err      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX runs_source ON runs (source, started);

CREATE TABLE item_groups (
  key          BLOB PRIMARY KEY,            -- leak.Item.Collection
  place_sealed BLOB,
  place_shown  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
  id             INTEGER PRIMARY KEY,
  source         TEXT NOT NULL,
  key            BLOB NOT NULL,             -- leak.Item.Key
  place_sealed   BLOB NOT NULL,
  place_shown    TEXT NOT NULL,
  secret         BLOB NOT NULL,             -- sealed: clear name, and the time as the source wrote it
  title          TEXT NOT NULL,             -- masked
  poster         TEXT NOT NULL,             -- masked
  collection     BLOB NOT NULL,             -- item_groups.key
  published_from INTEGER,
  published_to   INTEGER,
  size_min       INTEGER NOT NULL,
  size_max       INTEGER NOT NULL,
  listing        INTEGER NOT NULL,
  first_seen     INTEGER NOT NULL,
  UNIQUE (key, source)
) STRICT;
CREATE INDEX items_collection ON items (collection, source);

-- What changes at every listing is narrow and apart, so that seeing a million unchanged items again stays cheap.
CREATE TABLE item_sightings (
  item    INTEGER PRIMARY KEY,
  source  TEXT NOT NULL,
  mark    BLOB NOT NULL,                    -- keyed digest of leak.Item.Mark
  run     INTEGER NOT NULL,                 -- in which it was last seen
  seq     INTEGER NOT NULL,                 -- of its newest version
  held    INTEGER NOT NULL DEFAULT 0,       -- the newest version was skipped because a rule forbade to fetch it
  missing INTEGER NOT NULL DEFAULT 0        -- a complete listing no longer named it
) STRICT;
CREATE INDEX item_sightings_run ON item_sightings (source, run) WHERE missing = 0;

CREATE TABLE versions (
  id           TEXT PRIMARY KEY,            -- sorts by listed_at; made of it, the item's identity and seq
  item         INTEGER NOT NULL,
  source       TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  listed_at    INTEGER NOT NULL,
  due_at       INTEGER,
  attempts     INTEGER NOT NULL DEFAULT 0,
  lease_owner  TEXT,
  lease_until  INTEGER,
  dead_at      INTEGER,
  again        INTEGER NOT NULL DEFAULT 0,  -- read before, due for a newer registry or matcher
  state        TEXT NOT NULL GENERATED ALWAYS AS
                 (CASE WHEN due_at IS NOT NULL THEN 'due' WHEN dead_at IS NOT NULL THEN 'dead' ELSE 'done' END) VIRTUAL,
  result       TEXT,                        -- NULL: without outcome
  completeness TEXT,
  reasons      TEXT NOT NULL DEFAULT '[]',
  bytes        INTEGER NOT NULL DEFAULT 0,
  texts        INTEGER NOT NULL DEFAULT 0,
  sha256       TEXT NOT NULL DEFAULT '',
  media_type   TEXT NOT NULL DEFAULT '',
  generation   INTEGER NOT NULL DEFAULT 0,
  matcher      TEXT NOT NULL DEFAULT '',
  fetched_at   INTEGER,
  ended_at     INTEGER,                     -- when the outcome was written
  gone_at      INTEGER,                     -- when it was no longer there
  validators   BLOB,                        -- sealed: a header may name a patient
  UNIQUE (item, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_due ON versions (source, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX versions_leased ON versions (source, lease_until) WHERE lease_owner IS NOT NULL;
CREATE INDEX versions_dead ON versions (dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX versions_owner ON versions (lease_owner) WHERE lease_owner IS NOT NULL;

CREATE TABLE listings (
  id         INTEGER PRIMARY KEY,
  source     TEXT NOT NULL,
  place      BLOB NOT NULL,                 -- keyed digest of the page's URL
  page       BLOB NOT NULL,                 -- keyed digest of its bytes
  first_at   INTEGER NOT NULL,
  last_at    INTEGER NOT NULL,
  times      INTEGER NOT NULL DEFAULT 1,    -- fetched with these very bytes
  sealed     BLOB NOT NULL,                 -- the place and the bytes, compressed
  expires_at INTEGER NOT NULL,
  hold       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX listings_place ON listings (source, place, last_at);
CREATE INDEX listings_expiry ON listings (expires_at);

CREATE TABLE exchanges (
  id         INTEGER PRIMARY KEY,
  version    TEXT,                          -- for a body
  listing    INTEGER,                       -- for a page of a listing
  at         INTEGER NOT NULL,
  config     TEXT NOT NULL,                 -- digest of software and configuration that asked
  sealed     BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  hold       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX exchanges_version ON exchanges (version, id) WHERE version IS NOT NULL;
CREATE INDEX exchanges_listing ON exchanges (listing, id) WHERE listing IS NOT NULL;
CREATE INDEX exchanges_expiry ON exchanges (expires_at);

CREATE TABLE clinics (
  id        TEXT PRIMARY KEY,
  name      TEXT NOT NULL,
  region    TEXT NOT NULL,
  regions   TEXT NOT NULL,                  -- JSON array
  patients  INTEGER NOT NULL,               -- expected
  ring      TEXT NOT NULL,
  recipient TEXT NOT NULL,                  -- age
  signer    TEXT NOT NULL,                  -- ed25519 public key, hex; pinned by the first bundle
  sequence  INTEGER NOT NULL DEFAULT 0,     -- of the last bundle
  created   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts (
  clinic   TEXT NOT NULL REFERENCES clinics (id) ON DELETE CASCADE,
  n        INTEGER NOT NULL,
  name     TEXT NOT NULL,
  role     TEXT NOT NULL,
  channel  TEXT NOT NULL,
  address  TEXT NOT NULL,
  verified INTEGER NOT NULL,
  PRIMARY KEY (clinic, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
  clinic TEXT NOT NULL,
  w      BLOB NOT NULL,
  ref    TEXT NOT NULL,
  kind   TEXT NOT NULL,
  rk     TEXT NOT NULL,
  pk     TEXT NOT NULL,
  added  INTEGER NOT NULL,
  PRIMARY KEY (clinic, w, ref)              -- a family shares a telephone
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_ref ON tags (clinic, ref);

CREATE TABLE bundles (
  id         INTEGER PRIMARY KEY,
  clinic     TEXT NOT NULL,
  sequence   INTEGER NOT NULL,
  mode       TEXT NOT NULL,
  rk         TEXT NOT NULL,
  added      TEXT NOT NULL,                 -- JSON, by kind
  kept       TEXT NOT NULL,
  removed    TEXT NOT NULL,
  generation INTEGER NOT NULL,
  applied    INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
  seq        INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  role       TEXT NOT NULL,
  clinic     TEXT NOT NULL,
  purpose    TEXT NOT NULL,
  matter     TEXT NOT NULL,                 -- case number
  action     TEXT NOT NULL,
  object     TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  prev       TEXT NOT NULL,                 -- hash of the row before
  hash       TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  hold       INTEGER NOT NULL DEFAULT 0
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER audit_append_only BEFORE UPDATE OF seq, at, actor, role, clinic, purpose, matter, action, object, outcome, prev, hash ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit chain is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_hold BEFORE DELETE ON audit WHEN old.hold <> 0
BEGIN
  SELECT RAISE(ABORT, 'the audit row is under a legal hold');
END;
-- +goose StatementEnd

INSERT INTO meta (name, value) VALUES ('generation', '0');
