package matcher_test

import (
	"testing"

	"leakwatch/leak"
)

func TestMcn(t *testing.T) {
	numbers{
		kind:   leak.AUMcn,
		number: "212345670", // a test card of Services Australia
		forms:  []string{"212345670", "2123456701", "21234567012", "2123 45670 1", "2123 45670 1-2", "2123 45670 1/2", "2123 45670 1 2", "2123-45670-1"},
		misses: []string{"212345671", "112345670", "712345670", "112345679", "712345675", "2123 45671 1", "212345670123", "2123456700", "2123456701x", "21234 5670 1"},
		counted: map[string]bool{"2123 45670 1": true, "2123456701": false, "Medicare 2123456701": true, "name,medicare_no\nx,21234567012": true,
			"2123 45670": false},
		refused: map[string]string{"2123 45670 1": "accepted", "2123 45670 1/2": "accepted", "212345670": "accepted", "2123456711": "checksum", "112345670": "format",
			"2123456": "format", "2123456700": "format"},
		grows: true,
	}.check(t)
}
