-- +goose Up

-- The registry in the order of people: it is read by person, and removed by person, and a bundle is compared by the whole
-- key. One order serves all three.
CREATE TABLE tags_by_person (
  clinic TEXT NOT NULL,
  ref    TEXT NOT NULL,
  w      BLOB NOT NULL,
  kind   TEXT NOT NULL,
  rk     TEXT NOT NULL,
  pk     TEXT NOT NULL,
  added  INTEGER NOT NULL,
  PRIMARY KEY (clinic, ref, w)              -- a family shares a telephone
) STRICT, WITHOUT ROWID;
INSERT INTO tags_by_person SELECT clinic, ref, w, kind, rk, pk, added FROM tags ORDER BY clinic, ref, w;
DROP TABLE tags;
ALTER TABLE tags_by_person RENAME TO tags;

-- Whose rows changed with a generation of the registry, so that whoever holds it in memory need not load it whole. The
-- rows themselves are in tags; ref '' is a whole clinic that was removed. Old generations go: meta 'changes_since' is the
-- generation since which all changes are here.
CREATE TABLE tag_changes (
  generation INTEGER NOT NULL,
  clinic     TEXT NOT NULL,
  ref        TEXT NOT NULL,
  PRIMARY KEY (generation, clinic, ref)
) STRICT, WITHOUT ROWID;
CREATE TABLE tag_generations (
  generation INTEGER PRIMARY KEY,
  people     INTEGER NOT NULL
) STRICT;
INSERT INTO meta (name, value) SELECT 'changes_since', value FROM meta WHERE name = 'generation';
INSERT INTO meta (name, value) VALUES ('rewraps', '0');  -- rows were put under another pepper so many times
