package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// secretPrefix begins a symmetric secret of Standard Webhooks; base64 of 24 to 64 bytes follows.
const secretPrefix = "whsec_"

// readSecrets reads the file: one secret a line, the current one first. During a rotation there are several, and each
// signs. Empty lines and those that begin with # are left out. Errors hold line numbers only.
func readSecrets(path string) ([][]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("secret_file: %w", err)
	}
	var secrets [][]byte
	number := 0
	for l := range strings.Lines(string(b)) {
		number++
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		text, ok := strings.CutPrefix(l, secretPrefix)
		secret, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil || len(secret) < 24 || len(secret) > 64 {
			return nil, fmt.Errorf("secret_file: line %d is not whsec_ and base64 of 24 to 64 bytes", number)
		}
		secrets = append(secrets, secret)
	}
	if len(secrets) == 0 {
		return nil, errors.New("secret_file: no secret in it")
	}
	return secrets, nil
}

// sign gives the header: a signature by each secret, parted by spaces.
func sign(secrets [][]byte, id string, at int64, body []byte) string {
	var all []string
	for _, s := range secrets {
		m := hmac.New(sha256.New, s)
		m.Write([]byte(id + "." + strconv.FormatInt(at, 10) + "."))
		m.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)))
	}
	return strings.Join(all, " ")
}
