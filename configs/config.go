package configs

import (
	"time"

	"leakwatch/leak"
)

// Config is one deployment's settings. Load gives one that is complete and valid; Default gives what holds where the
// file says nothing. In the file, durations are written as 90s, 15m, 72h or 30d, sizes as 64MiB or 10GiB.
type Config struct {
	Path      string `yaml:"-"`    // the file that it came from; "" when from none
	Data      string `yaml:"data"` // folder of the store, the index and the evidence
	Log       Log
	Keys      KeysConfig
	Crawler   Crawler
	Sources   []Source
	Unpack    Unpack
	Matcher   Matcher
	Rules     Rules
	Finds     Finds
	Alerts    Alerts
	Retention Retention
	Pipeline  Pipeline
	Web       Web

	lines map[string]int // line of every key that the file says, by its path: sources[0].url
}

// Log is how the program logs, to standard error.
type Log struct {
	Level  string // debug, info, warn, error
	Format string // text or json
}

// KeysConfig says which key files are used, and how. An id names the file <use>-<id>.key in Dir. What is left empty
// is whatever the folder has one of; with several of a sort there, the file must say which is current.
type KeysConfig struct {
	Dir                   string
	Rings                 []string // registration keys, the current one first
	SearchOnlyRings       []string // old registration keys, kept until the finds made under them expire
	IndexPepper           string
	NextIndexPepper       string // while the registry is being rewrapped
	FindPepper            string
	SearchOnlyFindPeppers []string
	Investigators         []string // age recipients that evidence is sealed to; "" means the file investigators.recipients
}

// Crawler is how all sources are fetched.
type Crawler struct {
	UserAgent    string
	TorProxy     string        // host:port of a SOCKS5 proxy that resolves names
	Timeout      time.Duration // of connecting and of waiting for the head of an answer; a stalled body ends after it too
	ListingBytes int64         `yaml:",size"` // of one listing page, decompressed
	Pace         time.Duration // least time between two requests to one host
	Retries      int           // of one request
	MaxRedirects int
	Parallel     int // bodies at once, over all sources
}

// Unpack is how far containers are opened. Every cut is recorded with the document.
type Unpack struct {
	MaxBytes   int64         `yaml:",size"` // unpacked, of one document
	MaxRatio   int64         // unpacked bytes for one packed byte
	MaxDepth   int           // containers in containers
	MaxMembers int64         // of one document
	MaxTime    time.Duration // for one document
	MaxMemory  int64         `yaml:",size"` // of one document
	MaxWindow  int64         `yaml:",size"` // of one decoder: how far back what is packed may refer
	MaxTemp    int64         `yaml:",size"` // of sealed temporary files

	MaxPasswords int // tried on one archive, of those published beside it; 0 tries none

	// Formats that are not simple are read by child processes.
	Parsers      int           // documents that are read so at once
	ParserMemory int64         `yaml:",size"` // of one child
	ParserTime   time.Duration // for one document, and a second more for each MiB of it
	ParserTotal  time.Duration // for a document with all that lie in it, and a second more for each MiB of them
	// Without a system that bounds a child's memory and filters its calls, no child reads anything.
	RequireConfinement bool
	OCR                []string      `yaml:"ocr"`      // command that reads an image from its standard input and writes text; none reads no images
	OCRTime            time.Duration `yaml:"ocr_time"` // for the images of one document together
}

// Matcher is what is looked for.
type Matcher struct {
	Regions      []string    // ISO 3166 codes whose telephone numbers are read without a country prefix
	Kinds        []leak.Kind // looked for even when no clinic registered one, so that finds keep tokens for those who register later
	CandidateCap int         // distinct candidates of a kind that are counted exactly for one document; more are estimated
	TokenCap     int         // distinct unregistered identifiers of which a find keeps tokens
}

// Rules decide when finds join into leaks and when a clinic is told.
type Rules struct {
	JoinShare float64       // share of people, or of tokens, from which on a find joins a leak
	Minimum   string        // possible, probable or confirmed: the confidence from which on a clinic is told
	Window    time.Duration // in which what follows an alert is one update of it
}

// Finds is where finds are made searchable.
type Finds struct {
	Engine  string // fts, embedded, or elastic
	Elastic Elastic
}

// Elastic is an Elasticsearch cluster. Either the API key or the user name is given.
type Elastic struct {
	URLs         []string `yaml:"urls"`
	APIKeyFile   string   `yaml:"api_key_file"`
	Username     string
	PasswordFile string
	CAFile       string `yaml:"ca_file"` // PEM; "" means the system's
	Index        string // the alias; it begins with leakwatch-
	Refresh      string // wait_for, true or false
}

// Alerts is who is told by which way.
type Alerts struct {
	SMTP          SMTP `yaml:"smtp"`
	Webhook       Webhook
	Operator      string        // mailbox of whoever runs leakwatch; "" means that nobody is told of failing sources
	DeadlineHours int           // from being aware of a breach to telling the authority
	PublicURL     string        `yaml:"public_url"` // where investigators reach this installation; "" means that mails name no link
	TLP           string        `yaml:"tlp"`        // Traffic Light Protocol 2.0 label of every message
	MaxAttempts   int           // of one delivery, then it waits for a person
	Backoff       time.Duration // after the first failure; doubled for each further one
}

// SMTP is the mail server that takes our mails.
type SMTP struct {
	Host         string // "" means that no mail is sent
	Port         int
	TLS          string `yaml:"tls"` // starttls, tls, or none (to a loopback host only)
	Username     string
	PasswordFile string
	From         string
	CAFile       string `yaml:"ca_file"` // PEM; "" means the system's
}

// Webhook is how webhook contacts are called.
type Webhook struct {
	SecretFile   string // signs each call as Standard Webhooks says
	AllowPrivate bool   // lets addresses of private networks be called
}

// Retention is how long each sort of record is kept; a legal hold keeps longer.
type Retention struct {
	Finds         time.Duration
	Tokens        time.Duration
	Evidence      time.Duration
	Audit         time.Duration
	CleanVersions time.Duration // versions with nothing in them
	Hour          int           // of the day, UTC, at which the purge runs
}

// Pipeline is how documents are worked on.
type Pipeline struct {
	Workers       int
	Lease         time.Duration // how long a crashed worker's work waits for another
	Grace         time.Duration // for what is under way when the program is told to stop
	RevisionEvery time.Duration // how often a find is revised while its document is being read
	RecheckEvery  time.Duration // how often a place with a find is looked at again, where its source says nothing
	Retries       int           // of one version, then it has failed
}

// Web is the program's own pages: health, readiness, metrics.
type Web struct {
	Listen string // host:port on loopback
}

// Leak gives the rules to the domain. A word that Validate would refuse gives the default confidence.
func (r Rules) Leak() leak.Rules {
	rules := leak.Rules{JoinShare: r.JoinShare, Minimum: leak.DefaultRules().Minimum, Window: r.Window}
	var c leak.Confidence
	if c.UnmarshalText([]byte(r.Minimum)) == nil {
		rules.Minimum = c
	}
	return rules
}
