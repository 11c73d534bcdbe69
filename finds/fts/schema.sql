-- The search index. Nothing in it is truth: `leakwatch reindex` makes it again from the store.
-- A document stands once for each generation: the one that serves, and, while a rebuild is under way, the one that is
-- being filled behind it.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY, -- 'serving', 'building', 'last': generations
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('serving', 1), ('last', 1);

CREATE TABLE docs (
  seq      INTEGER PRIMARY KEY,
  gen      INTEGER NOT NULL,
  id       TEXT NOT NULL,
  revision INTEGER NOT NULL,
  ord      INTEGER NOT NULL, -- newest first by this, then by id
  rank     INTEGER NOT NULL, -- confidence
  source   TEXT NOT NULL,
  host     TEXT NOT NULL,
  leak     TEXT NOT NULL,
  doc      BLOB NOT NULL, -- the document, JSON
  UNIQUE (gen, id)
) STRICT;
CREATE INDEX docs_newest ON docs (gen, ord DESC, id);
CREATE INDEX docs_source ON docs (gen, source, ord DESC, id);
CREATE INDEX docs_host ON docs (gen, host, ord DESC, id);
CREATE INDEX docs_leak ON docs (gen, leak, ord DESC, id);

CREATE TABLE clinics (
  clinic TEXT NOT NULL,
  seq    INTEGER NOT NULL REFERENCES docs ON DELETE CASCADE,
  rank   INTEGER NOT NULL,
  PRIMARY KEY (clinic, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX clinics_seq ON clinics (seq);

CREATE TABLE kinds (
  kind   TEXT NOT NULL,
  clinic TEXT NOT NULL, -- '' means any
  seq    INTEGER NOT NULL REFERENCES docs ON DELETE CASCADE,
  PRIMARY KEY (kind, clinic, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX kinds_seq ON kinds (seq);

CREATE TABLE indicators (
  value TEXT NOT NULL,
  seq   INTEGER NOT NULL REFERENCES docs ON DELETE CASCADE,
  PRIMARY KEY (value, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX indicators_seq ON indicators (seq);

-- The words are split before they come here; the tokenizer is set so that it leaves them as they are: a hyphen belongs
-- to a word, so `n-7f3a91c2` is one. No text is kept beside the index.
CREATE VIRTUAL TABLE words USING fts5(
  text, content='', contentless_delete=1, prefix='2 3 4',
  tokenize="unicode61 remove_diacritics 2 tokenchars '-'"
);
