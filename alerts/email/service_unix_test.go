//go:build unix

package email_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"leakwatch/alerts/alertstest"
	"leakwatch/configs"
	"leakwatch/leak"
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

type mailServer struct {
	Program, User, Group, Dir, Cert, Key, Password string
	StartTLS, TLS                                  int
	uid, gid                                       int
}

// realServer starts Exim, and stops it at the end of the test.
func realServer(t *testing.T) *mailServer {
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
	s := &mailServer{Program: program, Dir: dir, Password: alertstest.Secret, uid: os.Getuid(), gid: os.Getgid()}
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
	_, cert, key := alertstest.Certificate(t)
	s.Cert, s.Key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if err := errors.Join(os.Rename(cert, s.Cert), os.Rename(key, s.Key)); err != nil {
		t.Fatal(err)
	}
	s.StartTLS, s.TLS = freePort(t), freePort(t)
	s.run(t, s.configure(t))
	return s
}

// configure writes the configuration and gives all to whom the server runs as.
func (s *mailServer) configure(t *testing.T) string {
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

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func freePort(t *testing.T) int {
	t.Helper()
	l, port := listen(t)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

func (s *mailServer) run(t *testing.T, conf string) {
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
	await(t, "Exim to listen", func() bool {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.TLS)))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

// await polls for at most 20 seconds.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 400 {
		if ok() {
			return
		}
		<-tick.C
	}
	t.Fatalf("waited in vain for %s", what)
}

func (s *mailServer) config(t *testing.T, mode string) configs.SMTP {
	c := configs.SMTP{Host: "127.0.0.1", Port: s.StartTLS, TLS: mode, Username: "leakwatch", PasswordFile: secret(t),
		From: "Leakwatch <leakwatch@clinic.example>", CAFile: s.Cert}
	if mode == "tls" {
		c.Port = s.TLS
	}
	return c
}

// mails reads the mailbox once it holds n.
func (s *mailServer) mails(t *testing.T, n int) []alertstest.Received {
	t.Helper()
	var files []string
	await(t, fmt.Sprintf("%d mails", n), func() bool {
		var err error
		files, err = filepath.Glob(filepath.Join(s.Dir, "mail", "new", "*"))
		return err == nil && len(files) >= n
	})
	var list []alertstest.Received
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, got)
	}
	return list
}

// TestServiceMail sends through a real server and reads what is in the mailbox: one id over attempts, the thread, TLS,
// and letters that ASCII has not.
func TestServiceMail(t *testing.T) {
	t.Parallel()
	s := realServer(t)
	for _, mode := range []string{"starttls", "tls"} {
		m := mailer(t, s.config(t, mode))
		if err := m.Check(t.Context()); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		d := alertstest.Delivery(leak.NoticeAlert, contact())
		update := alertstest.Delivery(leak.NoticeUpdate, contact())
		again := d
		again.Attempt = 2 // as after a crash between the server's yes and our commit
		for _, one := range []leak.Delivery{d, again, update} {
			if err := m.Send(t.Context(), one); err != nil {
				t.Fatalf("%s: %v", mode, err)
			}
		}
	}
	count := map[string]int{}
	for _, got := range s.mails(t, 6) {
		count[got.ID]++
		if !bytes.Contains(got.Wire, []byte("with esmtpsa")) || !bytes.Contains(got.Wire, []byte("TLS1.3")) {
			t.Errorf("it came without TLS or password: %.300s", got.Wire)
		}
		if !strings.Contains(got.Text, "Vastaanotto Äiti & Lapsi") || !strings.Contains(toOf(t, got.Wire), "Säde, tietoturva") {
			t.Errorf("letters were lost: %s", got.Wire)
		}
		if want := got.ID == "<d-8899aabbccddeeff@clinic.example>"; want != (got.Thread == "<d-0011223344556677@clinic.example>") {
			t.Errorf("%s is on the thread %q", got.ID, got.Thread)
		}
	}
	if len(count) != 2 || count["<d-0011223344556677@clinic.example>"] != 4 {
		t.Errorf("ids: %v", count)
	}
}

func toOf(t *testing.T, wire []byte) string {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(wire))
	if err != nil {
		t.Fatal(err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 {
		t.Fatalf("To: %v, %v", to, err)
	}
	return to[0].Name
}

// TestServiceRefusals takes a real server's refusals.
func TestServiceRefusals(t *testing.T) {
	t.Parallel()
	s := realServer(t)
	m := mailer(t, s.config(t, "starttls"))
	for to, want := range map[string]struct {
		permanent bool
		code      string
	}{"unknown@helsinki.example": {true, "550"}, "busy@helsinki.example": {false, "451"}} {
		d := alertstest.Delivery(leak.NoticeAlert, contact())
		d.Contact.Address = to
		err := m.Send(t.Context(), d)
		if err == nil || errors.Is(err, leak.ErrPermanent) != want.permanent || !strings.Contains(err.Error(), want.code) ||
			strings.Contains(err.Error(), "mailbox@") || strings.Contains(err.Error(), "no such") {
			t.Errorf("%s: %v", to, err)
		}
	}
	c := s.config(t, "tls")
	if err := os.WriteFile(c.PasswordFile, []byte("wrong"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := mailer(t, c).Send(t.Context(), alertstest.Delivery(leak.NoticeAlert, contact()))
	if err == nil || errors.Is(err, leak.ErrPermanent) || !strings.Contains(err.Error(), "535") {
		t.Errorf("a wrong password: %v", err)
	}
}
