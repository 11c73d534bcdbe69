package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
	"leakwatch/store"
)

func TestMain(m *testing.M) {
	child := len(os.Args) == 2 && os.Args[1] == "parse"   // the program starts itself, with no environment
	if child || os.Getenv("LEAKWATCH_TEST_CHILD") != "" { // a test runs this binary as the program, to kill it
		main()
		return
	}
	testscript.Main(m, map[string]func(){"leakwatch": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}

// deployment is an installation in a folder of its own, with a mailbox, for tests that use the program as its users do.
type deployment struct {
	t       testing.TB
	dir     string
	config  string
	mailbox *demo.Mailbox
	people  []demo.Person
	sources []string // YAML of each
	window  time.Duration
	lease   time.Duration
}

// deploy runs init and writes a configuration with the sources that are given.
func deploy(t testing.TB, people []demo.Person, sources ...string) *deployment {
	t.Helper()
	d := &deployment{t: t, dir: t.TempDir(), people: people, sources: sources, window: time.Hour, lease: 10 * time.Second}
	d.config = filepath.Join(d.dir, "leakwatch.yaml")
	var err error
	if d.mailbox, err = demo.OpenMailbox(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.mailbox.Close() })
	d.must("init", d.dir, "--ring", "test-a")
	d.configure()
	return d
}

// configure writes the configuration as it stands.
func (d *deployment) configure(extra ...string) {
	d.t.Helper()
	host, port, _ := net.SplitHostPort(d.mailbox.Addr)
	text := fmt.Sprintf(`data: data
keys: {dir: keys, rings: [test-a]}
crawler: {pace: 1ms, timeout: 10s}
matcher: {regions: [FI, GB]}
rules: {window: %s}
pipeline: {workers: 4, lease: %s, grace: 5s, recheck_every: 1s, revision_every: 1s, retries: 40}
alerts: {smtp: {host: %q, port: %s, tls: none, from: leakwatch@monitor.example}, operator: operator@monitor.example}
web: {listen: "127.0.0.1:0"}
`, d.window, d.lease, host, port)
	for i, line := range extra {
		key, _, _ := strings.Cut(line, ":")
		old := text
		lines := strings.Split(text, "\n")
		for j := range lines {
			if strings.HasPrefix(lines[j], key+":") {
				lines[j] = extra[i]
			}
		}
		if text = strings.Join(lines, "\n"); text == old {
			text += line + "\n"
		}
	}
	if len(d.sources) > 0 {
		text += "sources:\n" + strings.Join(d.sources, "")
	}
	if err := os.WriteFile(d.config, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// directorySource is the YAML of an open directory.
func directorySource(id, url string) string {
	return fmt.Sprintf("  - {id: %s, kind: directory-index, url: %q, schedule: \"@every 1s\", jitter: 0s, allow_private: true, robots: ignore, pace: 1ms, recheck: 1s, limits: {parallel: 4}}\n", id, url)
}

// pasteSource is the YAML of a paste site.
func pasteSource(id, url string) string {
	return fmt.Sprintf(`  - id: %s
    kind: json-listing
    url: %sapi/recent
    schedule: "@every 1s"
    jitter: 0s
    allow_private: true
    robots: ignore
    pace: 1ms
    recheck: 1s
    items: "@this"
    fields: {id: key, title: title, poster: user, size: size, time: {path: date, unix: s}}
    body: {url: "%sraw/{id}"}
`, id, url, url)
}

// output is what a command wrote and how it ended.
type output struct {
	out, err string
	status   int
}

// run runs a command in this process.
func (d *deployment) run(args ...string) output {
	d.t.Helper()
	return d.runIn(d.t.Context(), "", args...)
}

func (d *deployment) runIn(ctx context.Context, input string, args ...string) output {
	d.t.Helper()
	files := make([]*os.File, 3)
	for i := range files {
		f, err := os.CreateTemp(d.t.TempDir(), "io")
		if err != nil {
			d.t.Fatal(err)
		}
		defer f.Close()
		files[i] = f
	}
	if _, err := files[0].WriteString(input); err != nil {
		d.t.Fatal(err)
	}
	if _, err := files[0].Seek(0, io.SeekStart); err != nil {
		d.t.Fatal(err)
	}
	if args[0] != "init" {
		args = append([]string{"--config", d.config}, args...)
	}
	status := run(ctx, args, files[0], files[1], files[2])
	read := func(f *os.File) string {
		b, err := os.ReadFile(f.Name())
		if err != nil {
			d.t.Fatal(err)
		}
		return string(b)
	}
	return output{read(files[1]), read(files[2]), status}
}

// must runs a command that is to succeed.
func (d *deployment) must(args ...string) string {
	d.t.Helper()
	o := d.run(args...)
	if o.status != exitDone {
		d.t.Fatalf("leakwatch %s: status %d\n%s%s", strings.Join(args, " "), o.status, o.out, o.err)
	}
	return o.out
}

// enrol adds a clinic and registers its people, by the commands that a clinic and an operator use.
func (d *deployment) enrol(clinic string, people []demo.Person) {
	d.t.Helper()
	d.must("clinic", "add", clinic, "--name", "Clinic "+clinic, "--region", "FI", "--patients", fmt.Sprint(len(people)))
	d.must("clinic", "contact", clinic, "--name", "Security team", "--role", "security", "--channel", "email", "--address", "security@"+clinic+".example")
	d.must("clinic", "kit", clinic, "--out", filepath.Join(d.dir, clinic+".kit"))
	d.register(clinic, people, "1")
}

// register hashes a table on "the clinic's machine" and registers the bundle.
func (d *deployment) register(clinic string, people []demo.Person, month string) {
	d.t.Helper()
	table := filepath.Join(d.dir, clinic+month+".csv")
	var b bytes.Buffer
	if err := demo.WriteTable(&b, people); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(table, b.Bytes(), 0o600); err != nil {
		d.t.Fatal(err)
	}
	bundle := filepath.Join(d.dir, clinic+month+".bundle")
	d.must("hash", table, "--kit", filepath.Join(d.dir, clinic+".kit"), "--id", "asiakasnumero", "--mapping", filepath.Join(d.dir, clinic+".mapping"),
		"--map", "fi-hetu=henkilötunnus", "--map", "email=sähköposti", "--map", "phone=puhelin", "--map", "given=etunimi",
		"--map", "family=sukunimi", "--map", "dob=syntymäaika", "--out", bundle, "--report", filepath.Join(d.dir, clinic+month+".refused.csv"))
	d.must("register", bundle, "--confirm", "--signer-ok")
}

// serve runs the service in this process until the returned function is called, or the test ends.
func (d *deployment) serve() (stop func()) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan output, 1)
	go func() { done <- d.runIn(ctx, "", "serve") }()
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		o := <-done
		if err := os.WriteFile(filepath.Join(d.dir, fmt.Sprintf("serve-%d.log", time.Now().UnixNano())), []byte(o.err), 0o600); err != nil {
			d.t.Error(err)
		}
		if o.status != exitDone {
			d.t.Errorf("serve ended with status %d:\n%s", o.status, tail(o.err))
		}
	}
	d.t.Cleanup(stop)
	return stop
}

func tail(s string) string { return s[max(0, len(s)-4000):] }

// child starts the program as a process of its own.
func (d *deployment) child(args ...string) *exec.Cmd {
	d.t.Helper()
	self, err := os.Executable()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"--config", d.config}, args...)...)
	cmd.Env = append(os.Environ(), "LEAKWATCH_TEST_CHILD=1")
	return cmd
}

// look opens the store beside whoever runs, for a question.
func look[T any](d *deployment, ask func(context.Context, *store.Store) (T, error)) T {
	d.t.Helper()
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	a.configPath, a.logLevel = d.config, "error"
	defer a.close()
	s, err := a.store(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	answer, err := ask(d.t.Context(), s)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer
}

// alerts are the clinic's, of one event or of all.
func (d *deployment) alerts(clinic string, event leak.Event) []leak.Alert {
	d.t.Helper()
	return look(d, func(ctx context.Context, s *store.Store) ([]leak.Alert, error) {
		return s.Alerts(ctx, operator, store.AlertFilter{Clinic: clinic, Event: event})
	})
}

var operator = leak.Principal{Name: "test", Role: leak.RoleOperator}

// eventually asks until the answer is yes. The limit is for a machine that is busy with everything else.
func (d *deployment) eventually(what string, ask func() bool) {
	d.t.Helper()
	limit := time.Now().Add(5 * time.Minute)
	for !ask() {
		if time.Now().After(limit) {
			d.t.Fatalf("waited in vain for %s\n%s\n%s", what, d.run("alerts", "list").out, d.run("coverage").out)
		}
		<-time.After(200 * time.Millisecond)
	}
}

// mails are those to a clinic's security team whose subject has a word.
func (d *deployment) mails(clinic, word string) []demo.Mail {
	var mails []demo.Mail
	for _, m := range d.mailbox.Mails() {
		if strings.Contains(m.To, "security@"+clinic+".") && strings.Contains(m.Subject, word) {
			mails = append(mails, m)
		}
	}
	return mails
}

func site(t testing.TB, dir *demo.Directory) *demo.Site {
	t.Helper()
	s, err := demo.Serve(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
