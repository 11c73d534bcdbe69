package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"leakwatch/leak"
)

// Clinic is one whose patients are looked for.
type Clinic struct {
	ID        string
	Name      string   // for people
	Region    string   // of its telephone numbers and the like: "FI"
	Regions   []string // others that its patients come from
	Patients  int64    // that it expects to register
	Ring      string   // id of its registration key
	Recipient string   // age recipient to which what is for the clinic's eyes is sealed; "" until its first bundle
	Signer    string   // Ed25519 public key that its bundles are signed with, hex; "" until its first bundle
	Sequence  int64    // of its last bundle
	Contacts  []leak.Contact
	Created   time.Time

	RecordNumbers string // pattern of its own record numbers; "" when it has none
}

// AddClinic adds a clinic with its contacts. An id that is taken is an error; a removed clinic's id may be used again.
func (s *Store) AddClinic(ctx context.Context, c Clinic) error {
	regions, err := json.Marshal(nonNil(c.Regions))
	if err != nil {
		return fmt.Errorf("add clinic %s: %w", c.ID, err)
	}
	if c.Created.IsZero() {
		c.Created = s.now()
	}
	err = s.write(ctx, func(tx *txn) error {
		var taken bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM clinics WHERE id = ?)`, c.ID).Scan(&taken); err != nil {
			return err
		}
		if taken {
			return fmt.Errorf("there is a clinic of that id already")
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO clinics (id, name, region, regions, patients, ring, recipient, signer, sequence, created, record_numbers)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, c.ID, c.Name, c.Region, string(regions), c.Patients, c.Ring, c.Recipient,
			c.Signer, c.Sequence, micros(c.Created), c.RecordNumbers); err != nil {
			return err
		}
		return putContacts(ctx, tx, c.ID, c.Contacts)
	})
	if err != nil {
		return fmt.Errorf("add clinic %s: %w", c.ID, err)
	}
	return nil
}

// SetContacts replaces a clinic's contacts. Alerts that could be told to nobody are told now. The error is ErrNotFound when there is no such clinic.
func (s *Store) SetContacts(ctx context.Context, clinic string, contacts []leak.Contact) error {
	return s.write(ctx, func(tx *txn) error {
		if err := tx.QueryRowContext(ctx, `SELECT 1 FROM clinics WHERE id = ?`, clinic).Scan(new(int)); err != nil {
			return fmt.Errorf("contacts of %s: %w", clinic, notFound(err))
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM contacts WHERE clinic = ?`, clinic); err != nil {
			return fmt.Errorf("contacts of %s: %w", clinic, err)
		}
		if err := putContacts(ctx, tx, clinic, contacts); err != nil {
			return err
		}
		return s.tellUntold(ctx, tx, s.now())
	})
}

// SetRecordNumbers says what a clinic's own record numbers look like; "" means that they are not looked for. Places that
// were read before are due again: the registry's generation is a new one, if anything changed. The error is ErrNotFound
// when there is no such clinic.
func (s *Store) SetRecordNumbers(ctx context.Context, clinic, pattern string) error {
	err := s.write(ctx, func(tx *txn) error {
		if err := tx.QueryRowContext(ctx, `SELECT 1 FROM clinics WHERE id = ?`, clinic).Scan(new(int)); err != nil {
			return notFound(err)
		}
		changed, err := tx.ExecContext(ctx, `UPDATE clinics SET record_numbers = ? WHERE id = ? AND record_numbers <> ?`, pattern, clinic, pattern)
		if err != nil {
			return err
		}
		return s.raisedIf(ctx, tx, changed)
	})
	return wrap(err, "record numbers of "+clinic)
}

func putContacts(ctx context.Context, tx *txn, clinic string, contacts []leak.Contact) error {
	for n, c := range contacts {
		if _, err := tx.ExecContext(ctx, `INSERT INTO contacts (clinic, n, name, role, channel, address, verified)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, clinic, n, c.Name, c.Role, c.Channel, c.Address, c.Verified); err != nil {
			return fmt.Errorf("contacts of %s: %w", clinic, err)
		}
	}
	return nil
}

// Clinics gives all clinics by id, with their contacts.
func (s *Store) Clinics(ctx context.Context) ([]Clinic, error) {
	return s.clinics(ctx, s.read(), "")
}

// Clinic gives one clinic; the error is ErrNotFound when there is none of that id.
func (s *Store) Clinic(ctx context.Context, id string) (Clinic, error) {
	all, err := s.clinics(ctx, s.read(), id)
	if err != nil {
		return Clinic{}, err
	}
	if id == "" || len(all) == 0 {
		return Clinic{}, fmt.Errorf("clinic %q: %w", id, ErrNotFound)
	}
	return all[0], nil
}

func (s *Store) clinics(ctx context.Context, q queryer, id string) ([]Clinic, error) {
	rows, err := q.QueryContext(ctx, `SELECT c.id, c.name, c.region, c.regions, c.patients, c.ring, c.recipient, c.signer, c.sequence, c.created, c.record_numbers,
		(SELECT json_group_array(json_object('Name', name, 'Role', role, 'Channel', channel, 'Address', address,
			'Verified', json(iif(verified, 'true', 'false'))) ORDER BY n) FROM contacts WHERE clinic = c.id)
		FROM clinics c WHERE ? IN ('', c.id) ORDER BY c.id`, id)
	if err != nil {
		return nil, fmt.Errorf("clinics: %w", err)
	}
	defer rows.Close()
	var all []Clinic
	for rows.Next() {
		var c Clinic
		var regions, contacts string
		var created int64
		if err := rows.Scan(&c.ID, &c.Name, &c.Region, &regions, &c.Patients, &c.Ring, &c.Recipient, &c.Signer, &c.Sequence,
			&created, &c.RecordNumbers, &contacts); err != nil {
			return nil, fmt.Errorf("clinics: %w", err)
		}
		if err := json.Unmarshal([]byte(regions), &c.Regions); err != nil {
			return nil, fmt.Errorf("clinic %s: %w", c.ID, err)
		}
		if err := json.Unmarshal([]byte(contacts), &c.Contacts); err != nil {
			return nil, fmt.Errorf("clinic %s: %w", c.ID, err)
		}
		c.Created = at(created)
		all = append(all, c)
	}
	return all, rows.Err()
}

// RemoveClinic erases a clinic: its registry rows, its people in finds and tokens, its alerts, its contacts, itself. An
// audit row says who did it and stays. It says what went; its registry generation is a new one.
func (s *Store) RemoveClinic(ctx context.Context, p leak.Principal, id string) (e Erased, err error) {
	if p.Role == leak.RoleClinic {
		return e, fmt.Errorf("remove clinic %s: %w", id, ErrNotFound)
	}
	err = s.write(ctx, func(tx *txn) error {
		if err := tx.QueryRowContext(ctx, `SELECT 1 FROM clinics WHERE id = ?`, id).Scan(new(int)); err != nil {
			return notFound(err)
		}
		if err := s.audit(ctx, tx, leak.AuditEntry{Actor: p, Action: "remove clinic", Object: id, Outcome: "erased"}); err != nil {
			return err
		}
		if e, err = s.eraseClinic(ctx, tx, id); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `DELETE FROM tags WHERE clinic = ?`, id)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		e.Tags += n
		for _, q := range []string{`DELETE FROM bundles WHERE clinic = ?`, `DELETE FROM contacts WHERE clinic = ?`, `DELETE FROM clinics WHERE id = ?`} {
			if _, err := tx.ExecContext(ctx, q, id); err != nil {
				return err
			}
		}
		generation, err := raiseGeneration(ctx, tx)
		if err != nil {
			return err
		}
		return noteChanges(ctx, tx, generation, `SELECT ?2, ''`, id)
	})
	if err != nil {
		return Erased{}, fmt.Errorf("remove clinic %s: %w", id, err)
	}
	return e, nil
}
