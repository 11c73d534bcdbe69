-- +goose Up

-- A person is one patient of one clinic. Only those that were found are here; the registry is the table tags.
CREATE TABLE persons (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  clinic TEXT NOT NULL,
  ref    TEXT NOT NULL,
  UNIQUE (clinic, ref)
) STRICT;

CREATE TABLE collections (
  num          INTEGER PRIMARY KEY AUTOINCREMENT,
  key          BLOB NOT NULL UNIQUE,        -- leak.Item.Collection, or the item's own key
  place_sealed BLOB,
  place_shown  TEXT NOT NULL
) STRICT;

-- A find is invisible while its revision is 0. Rows of find_persons and tokens belong to it from the revision in their
-- column rev on: what is staged under the next one becomes true when revision reaches it.
CREATE TABLE finds (
  num               INTEGER PRIMARY KEY AUTOINCREMENT,
  id                TEXT NOT NULL UNIQUE,
  version           TEXT NOT NULL UNIQUE,
  source            TEXT NOT NULL,
  item              BLOB NOT NULL,          -- leak.Item.Key
  collection        INTEGER NOT NULL REFERENCES collections (num),
  place_sealed      BLOB NOT NULL,
  place_shown       TEXT NOT NULL,
  host_shown        TEXT NOT NULL,
  title             TEXT NOT NULL,          -- masked
  poster            TEXT NOT NULL,          -- masked
  listing           INTEGER NOT NULL,
  published_from    INTEGER,
  published_to      INTEGER,
  size_min          INTEGER NOT NULL,
  size_max          INTEGER NOT NULL,
  revision          INTEGER NOT NULL DEFAULT 0,
  final             INTEGER NOT NULL DEFAULT 0,
  shape             TEXT NOT NULL DEFAULT '',
  media_type        TEXT NOT NULL DEFAULT '',
  tally             TEXT NOT NULL DEFAULT '{}', -- leak.Tally without its clinics
  candidates        TEXT NOT NULL DEFAULT '{}', -- of it, by kind
  outcome           TEXT NOT NULL DEFAULT '{}', -- leak.Outcome
  result            TEXT NOT NULL DEFAULT '',
  completeness      TEXT NOT NULL DEFAULT '',
  indicators        TEXT NOT NULL DEFAULT '[]',
  config            TEXT NOT NULL DEFAULT '',
  listed_at         INTEGER,
  fetched_at        INTEGER,
  matched_at        INTEGER,
  recorded_at       INTEGER NOT NULL,       -- first
  seq               INTEGER NOT NULL DEFAULT 0, -- lineage.seq at its last revision
  live              INTEGER NOT NULL DEFAULT 1, -- this version is still there
  gone_at           INTEGER,                -- since when the place is gone
  changed_at        INTEGER,                -- since when something else is there
  doc               INTEGER NOT NULL DEFAULT 0, -- revision of what the index should hold
  index_error       TEXT NOT NULL DEFAULT '',
  expires_at        INTEGER NOT NULL,
  tokens_expire_at  INTEGER,                -- NULL once they went
  hold              INTEGER NOT NULL DEFAULT 0,
  due_at            INTEGER,
  attempts          INTEGER NOT NULL DEFAULT 0,
  lease_owner       TEXT,
  lease_until       INTEGER,
  dead_at           INTEGER
) STRICT;
CREATE INDEX finds_due ON finds (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX finds_item ON finds (item, num);
CREATE INDEX finds_collection ON finds (collection, num);
CREATE INDEX finds_expiry ON finds (expires_at);
CREATE INDEX finds_seq ON finds (seq);

-- Finds that went, until the search index has dropped them.
CREATE TABLE removed_finds (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One clinic's part of a find.
CREATE TABLE find_clinics (
  num        INTEGER PRIMARY KEY AUTOINCREMENT,
  find       INTEGER NOT NULL REFERENCES finds (num) ON DELETE CASCADE,
  clinic     TEXT NOT NULL,
  confidence INTEGER NOT NULL DEFAULT 0,
  nature     TEXT NOT NULL DEFAULT '',
  reasons    TEXT NOT NULL DEFAULT '[]',
  tally      TEXT NOT NULL DEFAULT '{}',    -- leak.ClinicTally
  patients   INTEGER NOT NULL DEFAULT 0,    -- registered by the clinic
  persons    INTEGER NOT NULL DEFAULT 0,    -- distinct, as of the find's revision
  event      TEXT NOT NULL DEFAULT '',      -- what the clinic was told it as
  told_at    INTEGER,                       -- first
  UNIQUE (find, clinic)
) STRICT;
CREATE INDEX find_clinics_clinic ON find_clinics (clinic, find);

CREATE TABLE kindsets (
  num   INTEGER PRIMARY KEY,
  kinds TEXT NOT NULL UNIQUE                -- sorted, separated by a space
) STRICT;
CREATE TABLE kindset_kinds (
  kindset INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  PRIMARY KEY (kindset, kind)
) STRICT, WITHOUT ROWID;

-- A person of whom more kinds are seen later has a row for each revision that saw more.
CREATE TABLE find_persons (
  part    INTEGER NOT NULL,                 -- find_clinics.num
  person  INTEGER NOT NULL,
  rev     INTEGER NOT NULL,
  kindset INTEGER NOT NULL,
  late    INTEGER NOT NULL DEFAULT 0,       -- alerts.num of the late alert, for a person registered after the find; -1 while it is made
  PRIMARY KEY (part, person, rev)
) STRICT, WITHOUT ROWID;
CREATE INDEX find_persons_person ON find_persons (person);
CREATE INDEX find_persons_late ON find_persons (part) WHERE late = -1;

-- Who was erased not long ago: a reading that began before must not bring them back. ref '*' is a whole clinic.
CREATE TABLE erasures (
  clinic TEXT NOT NULL,
  ref    TEXT NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (clinic, ref)
) STRICT, WITHOUT ROWID;

CREATE TABLE token_keys (
  num  INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  rk   TEXT NOT NULL,
  pk   TEXT NOT NULL,
  UNIQUE (kind, rk, pk)
) STRICT;

-- A token that several persons share has a row for each of them; one of nobody who is registered has person 0.
CREATE TABLE tokens (
  find   INTEGER NOT NULL,
  f      BLOB NOT NULL,
  person INTEGER NOT NULL,
  key    INTEGER NOT NULL,                  -- token_keys.num
  rev    INTEGER NOT NULL,
  PRIMARY KEY (find, f, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_f ON tokens (f);

-- What was registered not long ago: a reading that began before does not know it, and records it as nobody's.
CREATE TABLE late_tokens (
  f      BLOB NOT NULL,
  clinic TEXT NOT NULL,
  ref    TEXT NOT NULL,
  kind   TEXT NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (f, clinic, ref)
) STRICT, WITHOUT ROWID;

-- Lineage. seq counts what changes it, so that counting can be done outside the transaction that uses the counts.
CREATE TABLE lineage (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  seq   INTEGER NOT NULL,
  epoch INTEGER NOT NULL                    -- raised by erasure, purge and merges
) STRICT;
INSERT INTO lineage VALUES (1, 0, 0);

CREATE TABLE leaks (
  num   INTEGER PRIMARY KEY AUTOINCREMENT,
  id    TEXT NOT NULL UNIQUE,
  since INTEGER NOT NULL
) STRICT;
CREATE TABLE leak_aliases (
  id   TEXT PRIMARY KEY,                    -- of a leak that turned out to be another
  was  INTEGER NOT NULL,                    -- its number
  leak INTEGER NOT NULL,
  at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX leak_aliases_leak ON leak_aliases (leak);

CREATE TABLE memberships (
  num     INTEGER PRIMARY KEY,
  find    INTEGER NOT NULL REFERENCES finds (num) ON DELETE CASCADE,
  leak    INTEGER NOT NULL,
  reason  TEXT NOT NULL,
  overlap REAL NOT NULL,
  from_at INTEGER NOT NULL,
  to_at   INTEGER
) STRICT;
CREATE UNIQUE INDEX memberships_find ON memberships (find) WHERE to_at IS NULL;
CREATE INDEX memberships_past ON memberships (find, from_at);
CREATE INDEX memberships_leak ON memberships (leak, find) WHERE to_at IS NULL;

CREATE TABLE leak_relations (
  leak    INTEGER NOT NULL,                 -- the lesser of the two numbers
  other   INTEGER NOT NULL,
  overlap REAL NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (leak, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX leak_relations_other ON leak_relations (other);

CREATE TABLE alerts (
  num             INTEGER PRIMARY KEY AUTOINCREMENT,
  id              TEXT NOT NULL UNIQUE,     -- leak.AlertID
  clinic          TEXT NOT NULL,
  leak            INTEGER NOT NULL,         -- 0 for a test
  event           TEXT NOT NULL,
  confidence      INTEGER NOT NULL,         -- the best of its finds
  opened_at       INTEGER NOT NULL,
  window_ends     INTEGER NOT NULL,
  revision        INTEGER NOT NULL DEFAULT 0, -- the last one whose messages were begun
  changes         INTEGER NOT NULL DEFAULT 1, -- one more for whatever may change its counts
  told_confidence INTEGER NOT NULL DEFAULT 0,
  first_place     TEXT NOT NULL DEFAULT '', -- shown
  first_at        INTEGER,
  facts           TEXT NOT NULL DEFAULT '', -- counts as of facts_changes, JSON
  facts_changes   INTEGER NOT NULL DEFAULT 0,
  test            INTEGER NOT NULL DEFAULT 0,
  acked_at        INTEGER,
  acked_by        TEXT NOT NULL DEFAULT '',
  aware_at        INTEGER,
  aware_why       TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX alerts_open ON alerts (clinic, leak, event, window_ends);
CREATE INDEX alerts_leak ON alerts (leak);
CREATE INDEX alerts_newest ON alerts (opened_at, num);

CREATE TABLE alert_finds (
  alert INTEGER NOT NULL REFERENCES alerts (num) ON DELETE CASCADE,
  find  INTEGER NOT NULL,
  PRIMARY KEY (alert, find)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_finds_find ON alert_finds (find);
CREATE TABLE alert_collections (
  alert      INTEGER NOT NULL REFERENCES alerts (num) ON DELETE CASCADE,
  collection INTEGER NOT NULL,
  PRIMARY KEY (alert, collection)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_collections_collection ON alert_collections (collection);

CREATE TABLE deliveries (
  id           TEXT PRIMARY KEY,            -- made of alert, revision and contact: the same however often it is written
  kind         TEXT NOT NULL,
  alert        INTEGER REFERENCES alerts (num) ON DELETE CASCADE, -- NULL for the operator
  clinic       TEXT NOT NULL,
  revision     INTEGER NOT NULL,
  thread       TEXT NOT NULL,
  contact      TEXT NOT NULL,               -- leak.Contact as JSON
  contact_key  TEXT NOT NULL,               -- channel and address
  subject      TEXT NOT NULL DEFAULT '',
  body         TEXT NOT NULL DEFAULT '',
  created      INTEGER NOT NULL,
  told         TEXT NOT NULL DEFAULT '',    -- leak.Alert as the last attempt told it, JSON
  told_changes INTEGER NOT NULL DEFAULT 0,
  sent_at      INTEGER,
  last_error   TEXT NOT NULL DEFAULT '',
  due_at       INTEGER,
  attempts     INTEGER NOT NULL DEFAULT 0,
  lease_owner  TEXT,
  lease_until  INTEGER,
  dead_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_alert ON deliveries (alert, contact_key, revision);
CREATE INDEX deliveries_created ON deliveries (created);

CREATE TABLE delivery_attempts (
  delivery TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
  attempt  INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  outcome  TEXT NOT NULL,                   -- "accepted", or why it was not
  PRIMARY KEY (delivery, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE watches (
  version     TEXT PRIMARY KEY,
  find        INTEGER NOT NULL REFERENCES finds (num) ON DELETE CASCADE,
  item        BLOB NOT NULL,
  source      TEXT NOT NULL,
  looked_at   INTEGER,
  liveness    TEXT NOT NULL DEFAULT '',     -- of the last look
  due_at      INTEGER,                      -- NULL once a later version is watched instead
  attempts    INTEGER NOT NULL DEFAULT 0,
  lease_owner TEXT,
  lease_until INTEGER,
  dead_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX watches_due ON watches (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX watches_item ON watches (item);
CREATE INDEX watches_find ON watches (find);
