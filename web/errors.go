package web

import (
	"errors"
	"net/http"
)

// The errors that a reader is told of as what they are. All others are "internal" to the reader, and whole in the log.
var (
	errNotFound  = errors.New("not found")
	errForbidden = errors.New("forbidden")
)

// fail turns an error into an answer. It is the only place that does.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, title, text := http.StatusInternalServerError, "Something went wrong", "It is written in the log."
	switch {
	case errors.Is(err, errNotFound):
		status, title, text = http.StatusNotFound, "Not found", "There is nothing here."
	case errors.Is(err, errForbidden):
		status, title, text = http.StatusForbidden, "Forbidden", "This is served to its own machine only."
	default:
		s.o.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "err", err)
	}
	s.render(w, r, status, "error.html", struct {
		view
		Title, Text string
	}{view{s.o.Version}, title, text})
}
