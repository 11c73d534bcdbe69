-- +goose Up

-- What a clinic's own record numbers look like, a pattern; '' when it has said nothing.
ALTER TABLE clinics ADD COLUMN record_numbers TEXT NOT NULL DEFAULT '';
