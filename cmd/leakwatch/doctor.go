package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"leakwatch/alerts"
	"leakwatch/configs"
	"leakwatch/leak"
	"leakwatch/matcher"
)

func newDoctorCommand(a *app) *cobra.Command {
	var backup string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything; one line each, with the mend",
		Long: `Checks configuration, keys, store, index, mail, Tor and each source. With --backup DIR it compares a restored copy of
the keys with those in use, and writes down that the backup was tested.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &doctor{a: a, backup: backup}
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&backup, "backup", "", "folder with a restored copy of the keys, to be compared with those in use")
	return cmd
}

// doctor asks each room whether it is well.
type doctor struct {
	a      *app
	backup string
	ill    int
	warned int
}

// The signs of a line.
const (
	well = "ok"
	warn = "warn"
	ill  = "ILL"
)

type checkLine struct {
	Check  string `json:"check"`
	State  string `json:"state"`
	Detail string `json:"detail"`
	Mend   string `json:"mend,omitempty"`
}

func (d *doctor) say(l checkLine) {
	switch l.State {
	case ill:
		d.ill++
	case warn:
		d.warned++
	}
	if d.a.json {
		_ = d.a.writeJSON(l)
		return
	}
	line := fmt.Sprintf("%-4s  %-22s  %s", l.State, l.Check, l.Detail)
	if l.Mend != "" {
		line += "  → " + l.Mend
	}
	fmt.Fprintln(d.a.out, line)
}

// check says a line for an error, or for its absence.
func (d *doctor) check(name, detail, mend string, err error) bool {
	if err != nil {
		d.say(checkLine{name, ill, strings.ReplaceAll(err.Error(), "\n", "; "), mend})
		return false
	}
	d.say(checkLine{name, well, detail, ""})
	return true
}

func (d *doctor) run(ctx context.Context) error {
	c, err := d.a.config(ctx)
	if !d.check("configuration", d.a.configPath, "mend the lines it names", err) {
		return badUsage{errors.New("without a configuration nothing else can be checked")}
	}
	keys, err := d.a.keys(ctx)
	if !d.check("keys", fmt.Sprintf("%d rings, %d index peppers, %d find peppers", len(keys.Rings), len(keys.Index), len(keys.Find)),
		"restore the key files from their backup, readable by this user only", err) {
		return d.verdict()
	}
	if d.check("store", filepath.Join(c.Data, "leakwatch.db"), "see docs/operator-guide.md, Restoring", d.openStore(ctx)) {
		d.checkBackup(ctx, keys)
		d.checkAudit(ctx)
		d.checkRegistry(ctx)
		d.checkClinics(ctx)
		d.checkIndex(ctx)
		d.checkDisk(c)
	}
	d.checkInvestigator(c)
	d.checkReaders(ctx)
	d.checkMail(ctx, c)
	d.checkTor(ctx, c)
	d.checkSources(ctx, c)
	return d.verdict()
}

func (d *doctor) verdict() error {
	if d.ill > 0 {
		return fmt.Errorf("%w: %d checks failed, %d warnings", errUnhealthy, d.ill, d.warned)
	}
	return nil
}

var errUnhealthy = errors.New("not healthy")

func (d *doctor) openStore(ctx context.Context) error {
	_, err := d.a.store(ctx)
	return err
}

// checkBackup compares a restored copy with the keys in use, and otherwise asks when that was last done.
func (d *doctor) checkBackup(ctx context.Context, keys configs.Keys) {
	const mend = "restore the backup of the keys into a folder and run doctor --backup FOLDER"
	if d.backup != "" {
		if err := d.compare(ctx, keys); err != nil {
			d.say(checkLine{"backup of the keys", ill, err.Error(), "make a new backup of the keys folder"})
			return
		}
	}
	tested, err := d.lastTested(ctx)
	switch {
	case err != nil:
		d.check("backup of the keys", "", "", err)
	case tested.IsZero():
		d.say(checkLine{"backup of the keys", ill, "was never tested; without the peppers nothing registered is ever found", mend})
	case d.a.now().Sub(tested) > 366*24*time.Hour:
		d.say(checkLine{"backup of the keys", ill, "was last tested " + stamp(tested), mend})
	default:
		d.say(checkLine{"backup of the keys", well, "tested " + stamp(tested), ""})
	}
}

func (d *doctor) lastTested(ctx context.Context) (last time.Time, err error) {
	for after := int64(0); ; {
		rows, err := d.a.opened.AuditEntries(ctx, after, 1000)
		if err != nil || len(rows) == 0 {
			return last, err
		}
		for _, r := range rows {
			if after = r.Seq; r.Action == backupTested {
				last = r.Time
			}
		}
	}
}

const backupTested = "backup tested"

func (d *doctor) compare(ctx context.Context, keys configs.Keys) error {
	copied := d.a.loaded.Keys
	copied.Dir = d.backup
	restored, err := configs.LoadKeys(copied)
	if err != nil {
		return fmt.Errorf("restored copy: %w", err)
	}
	want, err := checksOf(keys)
	if err != nil {
		return err
	}
	got, err := checksOf(restored)
	if err != nil {
		return err
	}
	if !maps.Equal(want, got) || keys.Deployment != restored.Deployment {
		return errors.New("the restored copy holds other keys than those in use")
	}
	return d.a.audit(ctx, d.a.principal("backup"), backupTested, "keys")
}

func checksOf(k configs.Keys) (map[string]string, error) {
	m, err := matcher.New(matcherKeys(k), matcher.Options{})
	if err != nil {
		return nil, err
	}
	places, err := leak.NewPlaceKey(k.Place[:])
	if err != nil {
		return nil, err
	}
	checks := m.Checks()
	checks["place"] = places.Check()
	return checks, nil
}

func (d *doctor) checkAudit(ctx context.Context) {
	d.check("audit chain", "whole", "the store was changed by hand: compare it with a backup", d.a.opened.VerifyAudit(ctx))
}

func (d *doctor) checkRegistry(ctx context.Context) {
	m, err := d.a.matcher(ctx)
	if err == nil && m.Size() == 0 {
		err = errors.New("no identifier is registered: nothing can be found")
	}
	d.check("registry", fmt.Sprintf("%d identifiers, generation %d", d.a.match.Size(), d.a.match.Generation()),
		"leakwatch clinic add, clinic kit, then register the clinic's bundle", err)
}

func (d *doctor) checkClinics(ctx context.Context) {
	clinics, err := d.a.opened.Clinics(ctx)
	if err != nil {
		d.check("clinics", "", "", err)
		return
	}
	for _, c := range clinics {
		boxes := map[string]bool{}
		for _, contact := range c.Contacts {
			boxes[strings.ToLower(contact.Address)] = true
		}
		switch len(boxes) {
		case 0:
			d.say(checkLine{"clinic " + c.ID, ill, "nobody is told", "leakwatch clinic contact " + c.ID})
		case 1:
			d.say(checkLine{"clinic " + c.ID, warn, "only one mailbox is told", "name a second contact with another mailbox"})
		default:
			d.say(checkLine{"clinic " + c.ID, well, fmt.Sprintf("%d contacts", len(c.Contacts)), ""})
		}
		if err := refused(c.RecordNumbers); err != nil {
			d.say(checkLine{"clinic " + c.ID, ill, "its record numbers are not looked for: " + err.Error(), mendRecordNumbers})
		}
	}
}

func (d *doctor) checkIndex(ctx context.Context) {
	index, err := d.a.index(ctx)
	if err == nil {
		err = index.Check(ctx)
	}
	d.check("search index", d.a.loaded.Finds.Engine, "leakwatch reindex builds it again from the store", err)
}

// checkDisk writes and removes a file where the evidence goes: a full or read-only disk is seen here first.
func (d *doctor) checkDisk(c *configs.Config) {
	f, err := os.CreateTemp(c.Data, ".doctor-*")
	if err == nil {
		_, err = f.Write(make([]byte, 1<<20))
		err = errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
	}
	d.check("data folder", c.Data, "free space, or let this user write there", err)
}

func (d *doctor) checkInvestigator(c *configs.Config) {
	path := filepath.Join(c.Keys.Dir, "investigator.age-identity")
	if _, err := os.Lstat(path); err == nil {
		d.say(checkLine{"investigator's key", warn, "still on this machine: whoever takes it can open all evidence",
			"move " + path + " to the investigators' machine"})
		return
	}
	d.say(checkLine{"investigator's key", well, "not on this machine", ""})
}

func (d *doctor) checkMail(ctx context.Context, c *configs.Config) {
	tell, err := alerts.New(alerts.Options{Config: c.Alerts, Log: d.a.log(), Now: d.a.now, Version: version()})
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		err = tell.Check(ctx)
	}
	d.check("mail", fmt.Sprintf("%s:%d, %s", c.Alerts.SMTP.Host, c.Alerts.SMTP.Port, c.Alerts.SMTP.TLS), "mend alerts.smtp, or start the server", err)
	if c.Alerts.Operator == "" {
		d.say(checkLine{"operator", warn, "nobody is told when a source keeps failing", "set alerts.operator"})
	}
}

func (d *doctor) checkTor(ctx context.Context, c *configs.Config) {
	uses := slices.ContainsFunc(c.Sources, func(s configs.Source) bool { return s.Network == leak.Tor })
	if !uses {
		d.say(checkLine{"tor", well, "no source uses it", ""})
		return
	}
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", c.Crawler.TorProxy)
	if err == nil {
		_ = conn.Close()
	}
	d.check("tor", "proxy at "+c.Crawler.TorProxy, "start tor, or set crawler.tor_proxy", err)
}

// checkSources asks all of them at once: a dead one takes its time-out.
func (d *doctor) checkSources(ctx context.Context, c *configs.Config) {
	if len(c.Sources) == 0 {
		d.say(checkLine{"sources", ill, "none is configured: nothing is looked at", "write one into " + d.a.configPath})
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	errs := make([]error, len(c.Sources))
	var group sync.WaitGroup
	crawl, err := d.a.newCrawler(ctx)
	if err != nil {
		d.check("sources", "", "", err)
		return
	}
	for i, s := range c.Sources {
		group.Go(func() { errs[i] = crawl.CheckSource(ctx, s) })
	}
	group.Wait()
	failures := d.failures(ctx)
	for i, s := range c.Sources {
		if n := failures[s.ID]; errs[i] == nil && n > 0 {
			errs[i] = fmt.Errorf("answers now, but its last %d runs failed", n)
		}
		d.check("source "+s.ID, s.Kind+", "+string(s.Network)+", "+string(s.Legal), "leakwatch crawl "+s.ID+" says more", errs[i])
	}
}

func (d *doctor) failures(ctx context.Context) map[string]int {
	failures := map[string]int{}
	if d.a.opened == nil {
		return failures
	}
	states, err := d.a.opened.SourceStates(ctx)
	if err != nil {
		return failures
	}
	for _, s := range states {
		failures[s.ID] = s.Failures
	}
	return failures
}
