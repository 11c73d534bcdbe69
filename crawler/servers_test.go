package crawler_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program gives the server that a variable names, or skips the test.
func program(t *testing.T, variable, what string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("%s is not set: the path of the program %s", variable, what)
	}
	return path
}

// readable is a folder that a server under another account can read.
func readable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "leakwatch-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// serve starts a real server on a free port of loopback. config makes its configuration from the port.
func serve(t *testing.T, dir, config string, args ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "HOME="+dir, "TZ=Europe/Helsinki")
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the server said: %s", out.String())
		}
	})
}

// freePort is a port of loopback that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// awaitLoopback waits until a server listens, and fails when it listens on anything but loopback.
func awaitLoopback(t *testing.T, port int) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = c.Close()
			listensOnLoopback(t, port)
			return
		}
		<-tick.C
	}
	t.Fatal("the server did not start")
}

// listensOnLoopback reads the system's table of sockets.
func listensOnLoopback(t *testing.T, port int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return
	}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		for s := bufio.NewScanner(f); s.Scan(); {
			fields := strings.Fields(s.Text())
			if len(fields) < 4 || fields[3] != "0A" || !strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
				continue
			}
			if at := strings.Split(fields[1], ":")[0]; at != "0100007F" && at != "00000000000000000000000001000000" {
				t.Fatalf("the server listens on %s", at)
			}
		}
		_ = f.Close()
	}
}

// visible leaves out names that a server hides.
func visible(hidden bool) []string {
	return slices.DeleteFunc(slices.Clone(awkward), func(n string) bool { return hidden && strings.HasPrefix(n, ".") })
}

// fillTree writes the awkward files below a folder.
func fillTree(t *testing.T, root string) {
	t.Helper()
	for _, name := range awkward {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNginx(t *testing.T) {
	nginx := program(t, "LEAKWATCH_TEST_NGINX", "nginx")
	for _, format := range []string{"html", "json", "xml"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			dir, port := readable(t), freePort(t)
			fillTree(t, filepath.Join(dir, "www"))
			serve(t, dir, fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
				events { worker_connections 64; }
				http { access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
				server { listen 127.0.0.1:%[2]d; root %[1]s/www; autoindex on; autoindex_format %[3]s; charset utf-8; } }`, dir, port, format),
				nginx, "-c", filepath.Join(dir, "conf"), "-p", dir, "-e", filepath.Join(dir, "error.log"))
			awaitLoopback(t, port)
			checkServer(t, port, "nginx", visible(true))
		})
	}
}

func TestApache(t *testing.T) {
	apache := program(t, "LEAKWATCH_TEST_APACHE", "apache2 (httpd)")
	modules := ""
	for _, at := range []string{filepath.Join(filepath.Dir(apache), "../lib/apache2/modules"), "/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/libexec/apache2"} {
		if _, err := os.Stat(filepath.Join(at, "mod_autoindex.so")); err == nil && modules == "" {
			modules = at
		}
	}
	if modules == "" {
		t.Fatal("apache's modules were not found")
	}
	for format, options := range map[string]string{"fancy": "FancyIndexing", "table": "FancyIndexing HTMLTable Charset=UTF-8", "plain": "None"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			dir, port := readable(t), freePort(t)
			fillTree(t, filepath.Join(dir, "www"))
			serve(t, dir, fmt.Sprintf(`ServerRoot %[1]s
				LoadModule mpm_event_module %[2]s/mod_mpm_event.so
				LoadModule authz_core_module %[2]s/mod_authz_core.so
				LoadModule autoindex_module %[2]s/mod_autoindex.so
				<IfModule !unixd_module>
				LoadModule unixd_module %[2]s/mod_unixd.so
				</IfModule>
				User #65534
				Group #65534
				Listen 127.0.0.1:%[3]d
				ServerName localhost
				PidFile %[1]s/pid
				ErrorLog %[1]s/error.log
				DocumentRoot %[1]s/www
				<Directory %[1]s/www>
				Require all granted
				Options Indexes
				IndexOptions %[4]s
				</Directory>`, dir, modules, port, options), apache, "-X", "-f", filepath.Join(dir, "conf"))
			awaitLoopback(t, port)
			checkServer(t, port, "apache", visible(false))
		})
	}
}

func TestCaddy(t *testing.T) {
	caddy := program(t, "LEAKWATCH_TEST_CADDY", "caddy")
	for format, server := range map[string]string{"json": "caddy", "html": "apache"} { // which asks for HTML
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			dir, port := readable(t), freePort(t)
			fillTree(t, filepath.Join(dir, "www"))
			serve(t, dir, fmt.Sprintf(`{"admin":{"disabled":true,"config":{"persist":false}},"apps":{"http":{"servers":{"s":{"listen":["127.0.0.1:%d"],
				"automatic_https":{"disable":true},"routes":[{"handle":[{"handler":"file_server","root":"%s/www","browse":{}}]}]}}}}}`, port, dir),
				caddy, "run", "--config", filepath.Join(dir, "conf"))
			awaitLoopback(t, port)
			checkServer(t, port, server, visible(false))
		})
	}
}

// checkServer lists a real server's folder and fetches every file in it, twice: nothing may seem changed.
func checkServer(t *testing.T, port int, server string, names []string) {
	t.Helper()
	src := directory(fmt.Sprintf("http://127.0.0.1:%d/", port))
	src.Server = server
	b := newBench(t, quick(), crawlerLab(), src)
	checkAwkward(t, b, names)
	first, lists, _ := b.mustList("dir")
	again, lists2, _ := b.mustList("dir")
	for name, i := range first {
		if j := again[name]; i.Mark != j.Mark || i.Key != j.Key {
			t.Errorf("%q seems to have changed", name)
		}
	}
	if len(lists) != len(lists2) || lists[0].Mark != lists2[0].Mark {
		t.Error("the listing seems to have changed")
	}
}
