package configs

import "errors"

// Load reads a file: unknown and repeated keys, wrong types and bad values are refused, all at once, each with its line.
// Relative paths are made to stand beside the file.
func Load(path string) (Config, error) { return Config{}, errors.New("not yet") }

// Validate names everything that is wrong with the settings, one mistake a line.
func (c *Config) Validate() error { return nil }

// Digest tells one effective configuration from another: SHA-256 of all settings, first 16 hex digits. Secrets are in
// files, and are not part of it.
func (c *Config) Digest() string { return "" }

// WriteKeys makes a new deployment's key files.
func WriteKeys(dir, ring string) (Keys, error) { return Keys{}, errors.New("not yet") }

// LoadKeys reads the key files.
func LoadKeys(k KeysConfig) (Keys, error) { return Keys{}, errors.New("not yet") }

// CheckMode refuses a key file that others can read.
func CheckMode(path string) error { return nil }

// WriteSecret writes a new file that only its owner can read.
func WriteSecret(path string, b []byte) error { return errors.New("not yet") }

// Example is a commented file of settings.
var Example []byte
