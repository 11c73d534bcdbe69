package leak

import "time"

// Role says what a principal may do.
type Role string

// The roles.
const (
	RoleOperator     Role = "operator"
	RoleInvestigator Role = "investigator"
	RoleClinic       Role = "clinic"
	RoleSystem       Role = "system"
)

// Principal is who asks, for which clinic, in which role, with which purpose.
type Principal struct {
	Name    string // the person, as the operating system or a login knows them
	Role    Role
	Clinic  string // "" means all clinics; set for RoleClinic
	Purpose string // reason or case number, in the asker's words
	Case    string
}

// AuditEntry is one row of the audit chain, written before the answer goes out.
type AuditEntry struct {
	Seq     int64
	Time    time.Time
	Actor   Principal
	Action  string // fixed words: "lookup", "reveal", "ack"
	Object  string // an id or a shown place, never a clear one
	Outcome string
	Hash    string // SHA-256 over the row before and this one, hex
}
