package leak

// Term is a word or phrase that a clinic has looked for, in clear: its brand, its domain, the name of a manager or of a
// file. Where one stands, somebody speaks of the clinic; it says nothing of patients.
type Term struct {
	Clinic string
	Text   string
}
