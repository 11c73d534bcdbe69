-- +goose Up

-- Passwords that were published in a collection, under the place key: what lies beside is opened with them.
CREATE TABLE published (
  collection BLOB NOT NULL,
  digest     BLOB NOT NULL,                 -- keyed, of the password
  sealed     BLOB NOT NULL,
  at         INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (collection, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX published_expiry ON published (expires_at);
