package web

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"io"
	"net/http"
	"strconv"
)

//go:embed templates/*.html assets/style.css
var files embed.FS

// pages parses each page within the layout. The files are part of the program, so a mistake in them is one of ours, and
// it shows at the start.
func pages() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range []string{"home.html", "error.html"} {
		all[name] = template.Must(template.ParseFS(files, "templates/layout.html", "templates/"+name))
	}
	return all
}

// view is what every page is given; a page embeds it in its own.
type view struct{ Version string }

// render writes a page whole, or an error page: never half of one.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, v any) {
	var b bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&b, "layout.html", v); err != nil {
		s.o.Log.ErrorContext(r.Context(), "page not rendered", "page", name, "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // who went away needs no page
}

func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "home.html", struct {
		view
		Ready bool
	}{view{s.o.Version}, s.ready(r.Context()) == nil})
}

func (s *Server) style(w http.ResponseWriter, r *http.Request) {
	b, err := files.ReadFile("assets/style.css")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(b)
}

// healthz says that the process lives and answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") }

// readyz says whether the service can do its work. Why not is for the log: it may hold names of hosts and files.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if err := s.ready(r.Context()); err != nil {
		s.o.Log.WarnContext(r.Context(), "not ready", "err", err)
		plain(w, http.StatusServiceUnavailable, "not ready\n")
		return
	}
	plain(w, http.StatusOK, "ready\n")
}

func (s *Server) ready(ctx context.Context) error {
	if s.o.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	return s.o.Ready(ctx)
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
