-- +goose Up

-- Bytes of bodies that were fetched of a source in one day of UTC, for its daily limit.
ALTER TABLE sources ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN day_bytes INTEGER NOT NULL DEFAULT 0;
