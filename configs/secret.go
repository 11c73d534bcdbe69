package configs

import (
	"fmt"
	"io"
	"log/slog"
)

const hidden = "<secret>"

// Secret is a key of 32 bytes. Whatever prints it (fmt, JSON, YAML, slog) prints <secret>. Keep it out of unexported
// fields: there fmt cannot ask it how it wants to be printed.
type Secret [32]byte

// String hides the secret.
func (Secret) String() string { return hidden }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return hidden }

// Format hides the secret from every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText hides the secret from JSON, XML and what else asks for text.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalYAML hides the secret from YAML.
func (Secret) MarshalYAML() (any, error) { return hidden, nil }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// Identity is an age identity, AGE-SECRET-KEY-…; string(i) gives it in clear. Whatever prints it prints <secret>.
type Identity string

// String hides the identity.
func (Identity) String() string { return hidden }

// GoString hides the identity from %#v.
func (Identity) GoString() string { return hidden }

// Format hides the identity from every verb.
func (Identity) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText hides the identity from JSON, XML and what else asks for text.
func (Identity) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalYAML hides the identity from YAML.
func (Identity) MarshalYAML() (any, error) { return hidden, nil }

// LogValue hides the identity from slog.
func (Identity) LogValue() slog.Value { return slog.StringValue(hidden) }
