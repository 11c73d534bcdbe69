// Package mail reads mails (RFC 5322, MIME) as they really are, for the child process. Whoever uses it reads the mail's bytes as text
// as well: what a wrong boundary hides is found there.
package mail
