package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"leakwatch/cmd/leakwatch/demo"
	"leakwatch/leak"
	"leakwatch/store"
)

// Kill -9 at twenty random moments of a crawl: in the end no item is without outcome, no find is lost, and no message
// id was told twice but by the accident that the mailbox took it and the store did not get to say so.
func TestKilledTwentyTimes(t *testing.T) {
	t.Parallel()
	people := demo.People(21, 300)
	dir := demo.NewDirectory()
	const files = 240
	for i := range files {
		dir.Put(fmt.Sprintf("f%d/%s", i%6, people[i].FileName("txt")), demo.Loose(uint64(i), people[i]))
	}
	dir.Put("big/dump.tar", tarOf(t, people))
	d := deploy(t, people, directorySource("one", site(t, dir).URL))
	d.lease, d.window = 2*time.Second, 3*time.Second
	d.configure()
	d.enrol("a", people)
	kills := 20
	if testing.Short() {
		kills = 5
	}
	rnd := rand.New(rand.NewPCG(21, 21))
	for i := range kills {
		log, err := os.Create(filepath.Join(d.dir, fmt.Sprintf("killed-%d.log", i)))
		if err != nil {
			t.Fatal(err)
		}
		cmd := d.child("serve")
		cmd.Stdout, cmd.Stderr = log, log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(100+rnd.IntN(1500)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		log.Close()
	}
	stop := d.serve()
	d.eventually("every outcome", func() bool { return look(d, stats)["finds"] >= files+1 && d.allRead() })
	d.eventually("every message", func() bool { return look(d, stats)["deliveries/due"] == 0 })
	stop()
	leaks := map[string]bool{}
	for _, a := range d.alerts("a", leak.EventNew) {
		leaks[a.Leak] = true
	}
	all := look(d, func(ctx context.Context, s *store.Store) ([]leak.Alert, error) {
		return s.Alerts(ctx, operator, store.AlertFilter{Clinic: "a"})
	})
	if len(all) == 0 || len(leaks) == 0 {
		t.Fatal("no alert was told")
	}
	told := map[string]int{}
	for _, m := range d.mailbox.Mails() {
		told[m.ID]++
	}
	for id, n := range told {
		if n > 1 {
			t.Logf("message %s was accepted %d times, under the same id: a kill fell between acceptance and our commit", id, n)
		}
	}
	if sent := look(d, stats)["deliveries/sent"]; int(sent) > len(told) || len(told) == 0 {
		t.Errorf("%d deliveries are said to be sent, %d message ids came", sent, len(told))
	}
}
