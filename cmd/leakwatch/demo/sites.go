package demo

import (
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// Directory is an open directory as nginx shows one. Files may come and go while it serves.
type Directory struct {
	mu    sync.Mutex
	files map[string]entry
}

type entry struct {
	body []byte
	at   time.Time
}

// NewDirectory makes an empty one.
func NewDirectory() *Directory { return &Directory{files: map[string]entry{}} }

// Put adds or replaces a file; its path has no leading slash and may name folders.
func (d *Directory) Put(path string, body []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[path] = entry{body, time.Now().UTC().Truncate(time.Second)}
}

// Remove takes a file away.
func (d *Directory) Remove(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, path)
}

func (d *Directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	d.mu.Lock()
	file, ok := d.files[path]
	d.mu.Unlock()
	switch {
	case ok:
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, file.at.Unix(), len(file.body)))
		http.ServeContent(w, r, "", file.at, strings.NewReader(string(file.body)))
	case path == "" || strings.HasSuffix(path, "/"):
		d.list(w, path)
	default:
		http.NotFound(w, r)
	}
}

func (d *Directory) list(w http.ResponseWriter, folder string) {
	d.mu.Lock()
	lines := map[string]string{}
	for path, file := range d.files {
		rest, ok := strings.CutPrefix(path, folder)
		if !ok || rest == "" {
			continue
		}
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			lines[rest[:i+1]] = line(rest[:i+1], file.at, "-")
		} else {
			lines[rest] = line(rest, file.at, fmt.Sprint(len(file.body)))
		}
	}
	d.mu.Unlock()
	names := make([]string, 0, len(lines))
	for name := range lines {
		names = append(names, name)
	}
	sort.Strings(names)
	w.Header().Set("Content-Type", "text/html")
	title := html.EscapeString("Index of /" + folder)
	fmt.Fprintf(w, "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<h1>%s</h1><hr><pre><a href=\"../\">../</a>\r\n", title, title)
	for _, name := range names {
		fmt.Fprint(w, lines[name])
	}
	fmt.Fprint(w, "</pre><hr></body>\r\n</html>\r\n")
}

func line(name string, at time.Time, size string) string {
	href := strings.ReplaceAll(url.PathEscape(strings.TrimSuffix(name, "/")), "+", "%2B")
	if strings.HasSuffix(name, "/") {
		href += "/"
	}
	return fmt.Sprintf("<a href=\"%s\">%s</a> %s %19s\r\n", href, html.EscapeString(name), at.Format("02-Jan-2006 15:04"), size)
}

// Pastes is a paste site: a JSON listing at /api/recent, bodies at /raw/KEY.
type Pastes struct {
	mu     sync.Mutex
	pastes []paste
}

type paste struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Size  int    `json:"size"`
	Date  int64  `json:"date"`
	User  string `json:"user"`
	body  string
}

// Post adds a paste and gives its key.
func (p *Pastes) Post(title, user, body string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := fmt.Sprintf("p%07d", len(p.pastes)+1)
	p.pastes = append(p.pastes, paste{Key: key, Title: title, Size: len(body), Date: time.Now().Unix(), User: user, body: body})
	return key
}

// Delete takes a paste away.
func (p *Pastes) Delete(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pastes = slices.DeleteFunc(p.pastes, func(q paste) bool { return q.Key == key })
}

func (p *Pastes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.URL.Path == "/api/recent" {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(p.pastes)
		return
	}
	for _, q := range p.pastes {
		if r.URL.Path == "/raw/"+q.Key {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			fmt.Fprint(w, q.body)
			return
		}
	}
	http.NotFound(w, r)
}

// Site is a handler served on a loopback port.
type Site struct {
	URL    string // ends in a slash
	server *http.Server
	done   chan struct{}
}

// Serve starts a site on a free port of 127.0.0.1. Close ends it.
func Serve(h http.Handler) (*Site, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve site: %w", err)
	}
	s := &Site{URL: "http://" + listener.Addr().String() + "/", server: &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second},
		done: make(chan struct{})}
	go func() { defer close(s.done); _ = s.server.Serve(listener) }()
	return s, nil
}

// Close ends the site and waits.
func (s *Site) Close() error {
	err := s.server.Close()
	<-s.done
	return err
}
