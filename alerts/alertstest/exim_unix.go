//go:build unix

package alertstest

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// exim is the configuration of a mail server that takes mail in TLS from who has the password, for one mailbox, into a
// Maildir. It runs as whoever runs the test, or as nobody when that is root.
const exim = `
exim_path = {{.Program}}
exim_user = {{.User}}
exim_group = {{.Group}}
keep_environment =
spool_directory = {{.Dir}}/spool
log_file_path = {{.Dir}}/%slog
primary_hostname = mail.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = {{.StartTLS}} : {{.TLS}}
tls_on_connect_ports = {{.TLS}}
tls_certificate = {{.Cert}}
tls_privatekey = {{.Key}}
tls_advertise_hosts = *
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_mail = mail
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
host_lookup =
begin acl
mail:
  deny !encrypted = *
  deny !authenticated = *
  accept
rcpt:
  defer local_parts = busy
  accept local_parts = security
  deny message = no such mailbox
begin routers
all:
  driver = accept
  transport = keep
begin transports
keep:
  driver = appendfile
  directory = {{.Dir}}/mail
  maildir_format
  create_directory
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{ "{{" }}eq{$auth2}{leakwatch}}{eq{$auth3}{{ "{" }}{{.Password}}{{ "}}}}" }}
`

// Exim is a real mail server that runs. It takes mail for the local part security of any domain, says "later" to busy,
// and refuses everybody else.
type Exim struct {
	Program, User, Group string
	Dir                  string // its spool, its mailbox and its log
	Cert, Key            string // files; Cert is the authority, too
	Password             string // of the user leakwatch
	StartTLS, TLS        int    // ports of 127.0.0.1
	uid, gid             int
}

// StartExim starts the Exim that LEAKWATCH_TEST_SMTP names, and stops it at the end of the test. It skips the test when
// the variable is not set.
func StartExim(t testing.TB) *Exim {
	t.Helper()
	program := os.Getenv("LEAKWATCH_TEST_SMTP")
	if program == "" {
		t.Skip("LEAKWATCH_TEST_SMTP is not set: install Exim 4 and give the path of exim4")
	}
	dir, err := os.MkdirTemp("", "leakwatch-exim") // the folder above that of t.TempDir is closed to nobody
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Exim{Program: program, Dir: dir, Password: Secret, uid: os.Getuid(), gid: os.Getgid()}
	who, err := user.Current()
	if err == nil && s.uid == 0 {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	group, err := user.LookupGroupId(who.Gid)
	if err != nil {
		t.Fatal(err)
	}
	s.User, s.Group = who.Username, group.Name
	s.uid, s.gid = number(t, who.Uid), number(t, who.Gid)
	_, cert, key := Certificate(t)
	s.Cert, s.Key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if err := errors.Join(os.Rename(cert, s.Cert), os.Rename(key, s.Key)); err != nil {
		t.Fatal(err)
	}
	s.StartTLS, s.TLS = freePort(t), freePort(t)
	s.run(t, s.configure(t))
	return s
}

// configure writes the configuration and gives all to whom the server runs as.
func (s *Exim) configure(t testing.TB) string {
	t.Helper()
	var conf bytes.Buffer
	if err := template.Must(template.New("").Parse(exim)).Execute(&conf, s); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir, "exim.conf")
	if err := os.WriteFile(path, conf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{s.Dir, path, s.Cert, s.Key} {
		if err := os.Chown(p, s.uid, s.gid); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func number(t testing.TB, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err == nil {
		err = l.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return l.Addr().(*net.TCPAddr).Port
}

func (s *Exim) run(t testing.TB, conf string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), s.Program, "-C", conf, "-bdf")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.Dir, []string{}, &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(s.uid), Gid: uint32(s.gid)}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-done
		if t.Failed() {
			t.Logf("exim said:\n%s", out.Bytes())
		}
	})
	s.await(t, func() bool {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.TLS)))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

// await polls for at most 20 seconds.
func (s *Exim) await(t testing.TB, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 400 {
		if ok() {
			return
		}
		<-tick.C
	}
	t.Fatal("waited in vain for Exim to listen")
}

// Mails are what is in the mailbox, as it lies there: lines end with a line feed.
func (s *Exim) Mails(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.Dir, "mail", "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	mails := make([][]byte, len(files))
	for i, f := range files {
		if mails[i], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return mails
}
