package configs

import (
	"time"

	"leakwatch/leak"
)

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
	day = 24 * time.Hour
)

// Default is what holds where the file says nothing. Its folders are relative; Load puts them beside the file.
func Default() Config {
	rules := leak.DefaultRules()
	return Config{
		Data: "data",
		Log:  Log{Level: "info", Format: "text"},
		Keys: KeysConfig{Dir: "keys"},
		Crawler: Crawler{
			UserAgent: "leakwatch/1 (watches for stolen patient records)", TorProxy: "127.0.0.1:9050",
			Timeout: time.Minute, ListingBytes: 32 * mib, Pace: time.Second, Retries: 5, MaxRedirects: 5, Parallel: 8,
		},
		Unpack: Unpack{
			MaxBytes: 1024 * gib, MaxRatio: 200, MaxDepth: 8, MaxMembers: 5_000_000, MaxTime: 24 * time.Hour,
			MaxMemory: 256 * mib, MaxWindow: 128 * mib, MaxTemp: 20 * gib, MaxPasswords: 64, Parsers: 2, ParserMemory: 512 * mib, ParserTime: 2 * time.Minute,
			ParserTotal: 10 * time.Minute,
			OCRTime:     10 * time.Minute,
		},
		Matcher: Matcher{
			Regions: []string{"FI", "SE", "NO", "DK", "GB"}, CandidateCap: 1 << 16, TokenCap: 1 << 18,
		},
		Rules: Rules{JoinShare: rules.JoinShare, Minimum: rules.Minimum.String(), Window: rules.Window},
		Finds: Finds{Engine: "fts", Elastic: Elastic{Index: "leakwatch-finds", Refresh: "wait_for"}},
		Alerts: Alerts{
			SMTP: SMTP{Port: 587, TLS: "starttls"}, DeadlineHours: 72, TLP: "AMBER+STRICT", MaxAttempts: 30,
			Backoff: 30 * time.Second,
		},
		Retention: Retention{
			Finds: 730 * day, Tokens: 730 * day, Evidence: 365 * day, Audit: 1825 * day, CleanVersions: 90 * day, Hour: 3,
		},
		Pipeline: Pipeline{
			Workers: 4, Lease: 2 * time.Minute, Grace: 30 * time.Second, RevisionEvery: time.Minute,
			RecheckEvery: day, Retries: 6,
		},
		Web: Web{Listen: "127.0.0.1:8480"},
	}
}

// sourceDefaults are the defaults of a kind.
func sourceDefaults(kind string) Source {
	s := Source{
		Network: leak.Direct, Legal: leak.LegalFull, Robots: "obey", Collection: ByItem,
		Limits: SourceLimits{
			MaxBytes: 64 * gib, HeadBytes: 64 * kib, RunBytes: 256 * gib, MaxItems: 100_000, MaxPages: 1000, Parallel: 2,
			Timeout: time.Hour, BodyTime: day,
		},
	}
	switch kind {
	case DirectoryIndex:
		s.Collection, s.Server, s.Depth = ByFolder, "auto", 5
	case JSONListing:
		s.Collection = ByPoster
		s.Limits.MaxBytes, s.Limits.MaxPages, s.Limits.BodyTime = 64*mib, 10, time.Hour
	case HTMLListing:
		s.Limits.MaxPages = 10
	}
	return s
}
