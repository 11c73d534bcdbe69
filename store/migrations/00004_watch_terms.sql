-- +goose Up

-- Words of a clinic that are looked for in clear: its brand, its domain, names of managers or files.
CREATE TABLE watch_terms (
  clinic TEXT NOT NULL REFERENCES clinics (id) ON DELETE CASCADE,
  term   TEXT NOT NULL,
  added  INTEGER NOT NULL,
  PRIMARY KEY (clinic, term)
) STRICT, WITHOUT ROWID;

-- How many of the clinic's terms the find names. A part with terms and nobody is a mention, and its find is in no leak.
ALTER TABLE find_clinics ADD COLUMN terms INTEGER NOT NULL DEFAULT 0;
