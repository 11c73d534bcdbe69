package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// nginx is a real server that shows a folder on loopback.
type nginx struct {
	URL  string // ends in a slash
	root string
}

// startNginx starts the nginx that LEAKWATCH_TEST_NGINX names, until the end of the test. It skips the test when the
// variable is not set.
func startNginx(t testing.TB) *nginx {
	t.Helper()
	program := os.Getenv("LEAKWATCH_TEST_NGINX")
	if program == "" {
		t.Skip("LEAKWATCH_TEST_NGINX is not set: install nginx and give the path of the program")
	}
	dir, err := os.MkdirTemp("", "leakwatch-nginx") // its workers may run as somebody whom t.TempDir shuts out
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	n := &nginx{root: filepath.Join(dir, "www")}
	if err := os.Mkdir(n.root, 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n.URL = "http://" + l.Addr().String() + "/"
	conf := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 256; }
http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
server { listen %[2]s; root %[1]s/www; autoindex on; autoindex_exact_size on; charset utf-8; } }
`, dir, l.Addr())
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.Command(program, "-c", filepath.Join(dir, "conf"), "-p", dir, "-e", filepath.Join(dir, "error.log"))
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = l.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("nginx said: %s", out.String())
		}
	})
	awaitListener(t, l.Addr().String())
	return n
}

// awaitListener waits until somebody listens, for at most ten seconds.
func awaitListener(t testing.TB, addr string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			return
		}
		<-tick.C
	}
	t.Fatal("waited in vain for the server to listen")
}

// put writes a file; its path may name folders.
func (n *nginx) put(t testing.TB, path string, body []byte) {
	t.Helper()
	full := filepath.Join(n.root, filepath.FromSlash(strings.TrimPrefix(path, "/")))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, body, 0o644); err != nil {
		t.Fatal(err)
	}
}
