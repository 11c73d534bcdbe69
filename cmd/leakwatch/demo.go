package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/configs"
	"leakwatch/leak"
	"leakwatch/matcher/enroll"
	"leakwatch/store"
)

func newDemoCommand(a *app) *cobra.Command {
	d := &demoRun{seed: 1, people: 40}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the main job in under a minute, on this machine alone",
		Long: `Starts a small world on loopback (a paste site, an open directory, its mirror, a mailbox), all of fictitious people made
from a seed; registers a clinic's hashes; runs the very service that serve runs; and prints what happens: listed,
fetched, matched, the find, the alert, the copy gone, the same people in another shape on another host, and the alert
that says so. It ends with the list that only the clinic can make of the alert.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d.a = a
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&d.keep, "keep", false, "stay up at the end, for looking around, until Ctrl-C")
	cmd.Flags().Uint64Var(&d.seed, "seed", 1, "makes the people")
	cmd.Flags().IntVar(&d.people, "people", 40, "how many there are")
	return cmd
}

// demoRun is the demo: a world, a clinic, a service, and a story.
type demoRun struct {
	a      *app
	seed   uint64
	people int
	keep   bool

	dir     string
	world   *demo.World
	clients []demo.Person
	began   time.Time
	mu      sync.Mutex
	shown   int // mails
	told    int // of them in whole
	lines   map[string]int
	silent  bool // what goes on behind the end is not told
}

const demoLimit = 3 * time.Minute

func (d *demoRun) run(ctx context.Context) (err error) {
	if d.people < 20 || d.people > 5000 {
		return usageError("--people is between 20 and 5000")
	}
	limited, cancel := context.WithTimeout(ctx, demoLimit)
	defer cancel()
	if err := d.setUp(limited); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.tearDown()) }()
	serving, stop := context.WithCancel(ctx)
	defer stop()
	svc, err := d.a.newService(serving, changes{happened: d.happened})
	if err != nil {
		return err
	}
	d.began = time.Now()
	ended := make(chan error, 1)
	go func() { ended <- d.a.serve(serving, svc) }()
	err = d.story(limited)
	if err == nil && d.keep {
		d.say("staying up; try: leakwatch --config %s alerts list   (Ctrl-C ends it)", d.a.configPath)
		<-ctx.Done()
	}
	stop()
	return errors.Join(err, <-ended)
}

// setUp makes the world, the deployment and the clinic's registration, by the same steps as a real one.
func (d *demoRun) setUp(ctx context.Context) (err error) {
	if d.dir, err = os.MkdirTemp("", "leakwatch-demo-"); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if d.world, err = demo.NewWorld(); err != nil {
		return errors.Join(err, os.RemoveAll(d.dir))
	}
	d.clients = demo.People(d.seed, d.people)
	if err := d.deploy(ctx); err != nil {
		return errors.Join(err, d.tearDown())
	}
	if err := d.enrol(ctx); err != nil {
		return errors.Join(err, d.tearDown())
	}
	return nil
}

func (d *demoRun) deploy(ctx context.Context) error {
	if _, err := configs.WriteKeys(filepath.Join(d.dir, "keys"), "test-demo"); err != nil {
		return err
	}
	// what init tells the operator to do: the key that opens evidence lies elsewhere
	away := filepath.Join(d.dir, "investigators-machine")
	if err := os.Mkdir(away, 0o700); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(d.dir, "keys", "investigator.age-identity"), filepath.Join(away, "investigator.age-identity")); err != nil {
		return err
	}
	d.a.configPath = filepath.Join(d.dir, "leakwatch.yaml")
	if err := os.WriteFile(d.a.configPath, d.world.Config(), 0o600); err != nil {
		return err
	}
	if d.a.logLevel == "" {
		d.a.logLevel = "warn"
	}
	_, err := d.a.store(ctx)
	return err
}

// enrol is the clinic's side and ours in turn: kit, table, bundle, registration.
func (d *demoRun) enrol(ctx context.Context) error {
	clinic := store.Clinic{ID: "demo-clinic", Name: "Demo Clinic", Region: "FI", Ring: "test-demo", Patients: int64(d.people), Created: d.a.now(),
		Contacts: []leak.Contact{
			{Name: "Security team", Role: "security", Channel: "email", Address: "security@clinic.example", Verified: true},
			{Name: "Data protection officer", Role: "dpo", Channel: "email", Address: "dpo@clinic.example", Verified: true},
		}}
	if err := d.a.opened.AddClinic(ctx, clinic); err != nil {
		return err
	}
	keys, err := d.a.keys(ctx)
	if err != nil {
		return err
	}
	kit, err := newKit(keys, clinic)
	if err != nil {
		return err
	}
	table := filepath.Join(d.dir, "clients.csv")
	if err := writeFile(table, func(w io.Writer) error { return demo.WriteTable(w, d.clients) }); err != nil {
		return err
	}
	sum, err := enroll.HashTable(ctx, enroll.Options{Table: table, Kit: kit, ID: "asiakasnumero", Bundle: d.file("bundle"), Mapping: d.file("mapping"), Now: d.a.now,
		Map: []string{"fi-hetu=henkilötunnus", "email=sähköposti", "phone=puhelin", "given=etunimi", "family=sukunimi", "dob=syntymäaika"}})
	if err != nil {
		return err
	}
	applied, err := d.a.registerBundle(ctx, d.file("bundle"), registerOptions{signerOK: true, quiet: true})
	if err != nil {
		return err
	}
	d.say("a clinic of %d fictitious clients registered %d keyed hashes; not one identifier left its table", sum.Patients, total(applied.Added))
	return nil
}

func (d *demoRun) file(name string) string { return filepath.Join(d.dir, name) }

func total(m map[leak.Kind]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

func writeFile(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(fill(f), f.Close())
}

// story is what happens in the world, and what must follow.
func (d *demoRun) story(ctx context.Context) error {
	d.headline("1. The register appears in an open directory: a tar.gz, and a zip of files named after clients")
	if err := d.world.Leak(d.seed, d.clients); err != nil {
		return err
	}
	if _, err := d.mail(ctx, "new: "); err != nil {
		return err
	}
	d.headline("2. It is taken down")
	d.world.TakeDown()
	if _, err := d.mail(ctx, "gone: "); err != nil {
		return err
	}
	d.headline("3. The same people on another host: one loose file each, named after them, and a sample as a paste")
	d.world.Resurface(d.seed, d.clients)
	alert, err := d.resurfaced(ctx)
	if err != nil {
		return err
	}
	return d.summary(ctx, alert)
}

// resurfaced waits for the alert, then until its update counts everybody.
func (d *demoRun) resurfaced(ctx context.Context) (leak.Alert, error) {
	if _, err := d.mail(ctx, "resurfaced: "); err != nil {
		return leak.Alert{}, err
	}
	d.headline("   The first message went out at once. What is found after it is one update, when its window ends, in seconds here")
	for {
		if _, err := d.mail(ctx, ", resurfaced: "); err != nil {
			return leak.Alert{}, err
		}
		list, err := d.a.opened.Alerts(ctx, leak.Principal{Name: "demo", Role: leak.RoleOperator}, store.AlertFilter{Event: leak.EventResurfaced})
		if err != nil {
			return leak.Alert{}, err
		}
		for _, alert := range list {
			if alert.Persons >= d.people && alert.Confidence == leak.Confirmed {
				return alert, nil
			}
		}
	}
}

// mail waits for a mail whose subject says so, and shows it. Of others that come it says the subject.
func (d *demoRun) mail(ctx context.Context, subject string) (demo.Mail, error) {
	for {
		mails := d.world.Mailbox.Mails()
		for ; d.shown < len(mails); d.shown++ {
			m := mails[d.shown]
			if !isShown(m.To) {
				continue
			}
			if strings.Contains(m.Subject, subject) {
				d.show(m)
				d.shown++
				return m, nil
			}
			d.say("mail      %s", strings.TrimPrefix(m.Subject, "[leakwatch] "))
		}
		select {
		case <-ctx.Done():
			return demo.Mail{}, fmt.Errorf("demo: waiting for the mail %q: %w", strings.TrimSpace(subject), ctx.Err())
		case <-d.world.Mailbox.Came():
		}
	}
}

func (d *demoRun) summary(ctx context.Context, alert leak.Alert) error {
	d.headline("4. What only the clinic can do: who are they?")
	d.mu.Lock()
	d.silent = true
	d.mu.Unlock()
	out := d.file("export.age")
	if err := d.a.exportAlert(ctx, alert.ID, out, "demo"); err != nil {
		return err
	}
	list, err := enroll.Resolve(ctx, enroll.ResolveOptions{Export: out, Mapping: d.file("mapping"), Now: d.a.now})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, p := range list.Patients {
		if i == 12 {
			fmt.Fprintf(d.a.out, "    … and %d more\n", len(list.Patients)-i)
			break
		}
		fmt.Fprintf(d.a.out, "    %s  %v\n", p.Patient, p.Kinds)
	}
	stats, err := d.a.opened.Stats(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.a.out, "\n%d of %d clients found again, in another shape on another host; %d messages, none with a name or a number of anybody\n",
		len(list.Patients), d.people, len(d.world.Mailbox.Mails()))
	fmt.Fprintf(d.a.out, "store: %s\ntook %.1f s\n", counts(stats), time.Since(d.began).Seconds())
	if len(list.Patients) != d.people {
		return fmt.Errorf("demo: %d of %d clients in the clinic's list", len(list.Patients), d.people)
	}
	return nil
}

// tearDown ends the world and takes the data folder away, unless it is to be looked at.
func (d *demoRun) tearDown() error {
	d.a.close()
	err := d.world.Close()
	if d.keep {
		d.say("the data stays in %s", d.dir)
		return err
	}
	return errors.Join(err, os.RemoveAll(d.dir))
}
