// Package configs holds leakwatch's settings: one YAML file with one section a room, defaults in one place, every
// mistake named at once with its line, secrets by file only. It also makes and reads the key files, and refuses those
// that others can read.
package configs
