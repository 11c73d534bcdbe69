package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
)

// Kill -9 at twenty random moments of a crawl: in the end no item is without outcome, no find is lost, and whoever is
// told is told once. New files come between the lives, and all bodies come slowly, so that every life has work to die in
// however fast the machine is.
func TestKilledTwentyTimes(t *testing.T) {
	t.Parallel()
	kills, each := 20, 12
	if testing.Short() {
		kills = 5
	}
	people := demo.People(21, kills*each)
	dir := &slowSite{Directory: demo.NewDirectory(), asked: make(chan struct{}, 1)}
	served, err := demo.Serve(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { served.Close() })
	d := deploy(t, people, directorySource("one", served.URL))
	d.lease, d.window = 2*time.Second, 3*time.Second
	d.configure()
	d.enrol("a", people)
	d.must("clinic", "contact", "a", "--name", "Board", "--role", "management", "--channel", "email", "--address", "security@a.example.org")
	dir.Put("big/dump.tar", tarOf(t, people))
	k := &killer{d: d, site: dir, finds: map[string]bool{}, rnd: rand.New(rand.NewPCG(21, 21))}
	for life := range kills {
		for i := life * each; i < (life+1)*each; i++ {
			dir.Put(fmt.Sprintf("f%d/%s", i%6, people[i].FileName("txt")), demo.Loose(uint64(i), people[i]))
		}
		k.live(life)
	}
	t.Logf("%d of %d kills fell while something was still to be read", k.amid, kills)
	if k.amid < kills/2 {
		t.Errorf("only %d of %d kills fell while something was still to be read", k.amid, kills)
	}
	stop := d.serve()
	d.eventually("every outcome", func() bool {
		return k.count(`SELECT count(*) FROM finds WHERE final = 1 AND listing = 0`) >= len(people)+1 && d.allRead()
	})
	d.eventually("every message, and every find indexed", func() bool {
		return k.count(`SELECT (SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL) + (SELECT count(*) FROM finds WHERE due_at IS NOT NULL)`) == 0
	})
	stop()
	k.checkOutcomes(len(people) + 1)
	k.checkFinds(people)
	k.checkAlerts()
	k.checkMessages()
}

// A life has twelve new bodies, two at a time: it has something to read for at least six waits, and lives on for lifetime at most.
const (
	bodyWait = 120 * time.Millisecond
	lifetime = 900 * time.Millisecond
)

// slowSite says when it is asked for something, lets bodies wait, and gives the dump a bit at a time.
type slowSite struct {
	*demo.Directory
	asked chan struct{}
}

func (s *slowSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	switch {
	case strings.HasSuffix(r.URL.Path, ".tar"):
		w = &trickle{w, r}
	case strings.HasSuffix(r.URL.Path, ".txt"):
		<-time.After(bodyWait)
	}
	s.Directory.ServeHTTP(w, r)
}

type trickle struct {
	http.ResponseWriter
	r *http.Request
}

func (w *trickle) Write(p []byte) (n int, err error) {
	for part := range slices.Chunk(p, 8<<10) {
		select {
		case <-w.r.Context().Done():
			return n, w.r.Context().Err()
		case <-time.After(20 * time.Millisecond):
		}
		m, err := w.ResponseWriter.Write(part)
		if n += m; err != nil {
			return n, err
		}
	}
	return n, nil
}

// killer starts the service and kills it, and keeps what it saw.
type killer struct {
	d     *deployment
	site  *slowSite
	rnd   *rand.Rand
	ends  []time.Time
	finds map[string]bool // that were there after some kill
	amid  int             // kills while something had no outcome
}

// live lets the service live for a random while from its first request on.
func (k *killer) live(life int) {
	t := k.d.t
	t.Helper()
	log, err := os.Create(filepath.Join(k.d.dir, fmt.Sprintf("killed-%d.log", life)))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	select {
	case <-k.site.asked: // of a life before
	default:
	}
	cmd := k.d.child("serve")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-k.site.asked:
	case <-time.After(time.Minute):
		t.Error("the service asks for nothing")
	}
	<-time.After(time.Duration(k.rnd.Int64N(int64(lifetime))))
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	k.ends = append(k.ends, time.Now())
	if k.count(`SELECT count(*) FROM versions WHERE result IS NULL`) > 0 {
		k.amid++
	}
	for _, id := range k.column(`SELECT id FROM finds WHERE revision > 0`) {
		k.finds[id] = true
	}
}

// column asks the database itself, without the store's code.
func (k *killer) column(query string, args ...any) (values []string) {
	k.d.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(k.d.dir, "data", "leakwatch.db"))+"?_pragma=busy_timeout(20000)")
	if err != nil {
		k.d.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(k.d.t.Context(), query, args...)
	if err != nil {
		k.d.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			k.d.t.Fatal(err)
		}
		values = append(values, s)
	}
	if err := rows.Err(); err != nil {
		k.d.t.Fatal(err)
	}
	return values
}

func (k *killer) count(query string, args ...any) (n int) {
	k.d.t.Helper()
	if _, err := fmt.Sscan(k.column(query, args...)[0], &n); err != nil {
		k.d.t.Fatal(err)
	}
	return n
}

// none wants a query to give nothing.
func (k *killer) none(what, query string, args ...any) {
	k.d.t.Helper()
	if bad := k.column(query, args...); len(bad) > 0 {
		k.d.t.Errorf("%s: %d, the first %s", what, len(bad), bad[0])
	}
}

// checkOutcomes: every item has a version, every version an outcome, and none was given up.
func (k *killer) checkOutcomes(files int) {
	k.d.t.Helper()
	k.none("items without a version", `SELECT id FROM items i WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.item = i.id)`)
	k.none("versions without an outcome", `SELECT id FROM versions WHERE result IS NULL OR due_at IS NOT NULL`)
	k.none("versions given up", `SELECT id FROM versions WHERE result = 'failed' OR dead_at IS NOT NULL`)
	k.none("versions read in part", `SELECT id || ' ' || reasons FROM versions WHERE result = 'matched' AND completeness <> 'whole'`)
	const bodies = `FROM versions v JOIN items i ON i.id = v.item WHERE i.listing = 0 AND v.result = 'matched'`
	if n, m := k.count(`SELECT count(*) `+bodies), k.count(`SELECT count(DISTINCT v.item) `+bodies); n != files || m != files {
		k.d.t.Errorf("%d versions of %d files matched, want one of each of %d", n, m, files)
	}
	k.none("matched without a find", `SELECT id FROM versions v WHERE result = 'matched' AND NOT EXISTS (SELECT 1 FROM finds f WHERE f.version = v.id AND f.final = 1 AND f.revision > 0)`)
}

// checkFinds: what was there after any kill is there still, the dump's find has everybody, each person has a find of
// their own file, and the index knows the same finds.
func (k *killer) checkFinds(people []demo.Person) {
	k.d.t.Helper()
	now := k.column(`SELECT id FROM finds WHERE revision > 0`)
	for id := range k.finds {
		if !slices.Contains(now, id) {
			k.d.t.Errorf("the find %s, seen after a kill, is lost", id)
		}
	}
	const counted = `FROM find_persons p JOIN find_clinics c ON c.num = p.part JOIN finds f ON f.num = c.find WHERE f.listing = 0 AND p.rev <= f.revision`
	perFind := k.column(`SELECT count(DISTINCT p.person) ` + counted + ` GROUP BY f.num ORDER BY 1 DESC`)
	if perFind[0] != fmt.Sprint(len(people)) || len(perFind) != len(people)+1 {
		k.d.t.Errorf("%d finds, the largest of %s people; want %d and %d", len(perFind), perFind[0], len(people)+1, len(people))
	}
	if n := k.count(`SELECT count(DISTINCT p.person) ` + counted + ` AND f.num NOT IN (SELECT find FROM find_clinics WHERE persons > 9)`); n != len(people) {
		k.d.t.Errorf("%d people are found in files of their own, want %d", n, len(people))
	}
	k.none("persons whose count is not what their rows say", `SELECT f.id FROM finds f JOIN find_clinics c ON c.find = f.num
		WHERE f.revision > 0 AND c.persons <> (SELECT count(DISTINCT person) FROM find_persons p WHERE p.part = c.num AND p.rev <= f.revision)`)
	var indexed []string
	for _, l := range strings.Split(k.d.must("--json", "search", "--limit", "1000"), "\n") {
		if _, rest, ok := strings.Cut(l, `{"id":"`); ok {
			id, _, _ := strings.Cut(rest, `"`)
			indexed = append(indexed, id)
		}
	}
	slices.Sort(now)
	slices.Sort(indexed)
	if !slices.Equal(now, indexed) {
		k.d.t.Errorf("%d finds in the store, %d in the index", len(now), len(indexed))
	}
}

// checkAlerts: one alert for a clinic, a leak and an event while a window runs. The leak is that under which the alert
// was opened, of which its id is made: leaks may have been merged since, and their alerts with them.
func (k *killer) checkAlerts() {
	k.d.t.Helper()
	leaks := k.column(`SELECT id FROM leaks UNION SELECT id FROM leak_aliases`)
	opened := map[string][]time.Time{}
	for _, row := range k.column(`SELECT id || ' ' || event || ' ' || opened_at FROM alerts ORDER BY opened_at`) {
		var id, event string
		var micros int64
		if _, err := fmt.Sscan(row, &id, &event, &micros); err != nil {
			k.d.t.Fatal(err)
		}
		at := time.UnixMicro(micros)
		i := slices.IndexFunc(leaks, func(l string) bool { return leak.AlertID("a", l, leak.Event(event), at) == id })
		if i < 0 {
			k.d.t.Errorf("the id of alert %s is made of nothing that is known", id)
			continue
		}
		key := event + " " + leaks[i]
		if before := opened[key]; len(before) > 0 && at.Sub(before[len(before)-1]) < k.d.window {
			k.d.t.Errorf("alert %s of %s was opened %s after another", id, key, at.Sub(before[len(before)-1]))
		}
		opened[key] = append(opened[key], at)
	}
	if len(opened) == 0 {
		k.d.t.Error("nothing was told")
	}
	k.none("finds that count and are in no alert", `SELECT f.id FROM finds f JOIN find_clinics c ON c.find = f.num
		WHERE c.event <> '' AND NOT EXISTS (SELECT 1 FROM alert_finds a WHERE a.find = f.num)`)
}

// checkMessages: to each contact of each alert one first message, and updates on its thread of which the last tells what
// is so now; each of them in the mailbox under its own id and no other. An id came twice only where a kill fell between acceptance and our commit.
func (k *killer) checkMessages() {
	t := k.d.t
	t.Helper()
	k.none("contacts of an alert without exactly one first message", `SELECT a.id || ' ' || contact_key FROM alerts a JOIN deliveries d ON d.alert = a.num
		GROUP BY a.num, d.contact_key HAVING sum(d.kind = 'alert') <> 1 OR sum(d.kind = 'alert' AND d.revision = 1) <> 1 OR count(DISTINCT d.thread) <> 1`)
	k.none("alerts that not both contacts were told of", `SELECT a.id FROM alerts a WHERE (SELECT count(DISTINCT contact_key) FROM deliveries d WHERE d.alert = a.num) <> 2`)
	k.none("messages not sent", `SELECT id FROM deliveries WHERE sent_at IS NULL`)
	alerts := k.d.alerts("a", "")
	if n := k.count(`SELECT count(*) FROM alerts`); n != len(alerts) {
		t.Errorf("%d alerts are listed, of %d", len(alerts), n)
	}
	for _, a := range alerts {
		k.none("contacts who were not told the last of "+a.ID, `SELECT contact_key || ' ' || told FROM deliveries d WHERE alert = (SELECT num FROM alerts WHERE id = ?1)
			AND revision = (SELECT max(revision) FROM deliveries e WHERE e.alert = d.alert AND e.contact_key = d.contact_key)
			AND (json_extract(told, '$.Persons') IS NOT ?2 OR json_extract(told, '$.Finds') IS NOT ?3)`, a.ID, a.Persons, a.Finds)
	}
	k.checkMailbox()
}

func (k *killer) checkMailbox() {
	t := k.d.t
	t.Helper()
	came := map[string][]time.Time{}
	for _, m := range k.d.mailbox.Mails() {
		id, _, _ := strings.Cut(strings.TrimPrefix(m.ID, "<"), "@")
		came[id] = append(came[id], m.At)
	}
	known := k.column(`SELECT id FROM deliveries`)
	for _, id := range known {
		if len(came[id]) == 0 {
			t.Errorf("message %s is said to be sent, and never came", id)
		}
	}
	if len(came) != len(known) {
		t.Errorf("%d message ids came, %d are known", len(came), len(known))
	}
	again := 0
	for id, times := range came {
		for i := range times[1:] {
			again++
			killed := slices.ContainsFunc(k.ends, func(end time.Time) bool { return end.After(times[i]) && end.Before(times[i+1]) })
			if !killed {
				t.Errorf("message %s came twice without a kill in between", id)
			}
		}
	}
	t.Logf("%d messages; %d came again after a kill, under the same id", len(came), again)
}
