package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"leakwatch/matcher"
	"leakwatch/matcher/enroll"
	"leakwatch/matcher/unpack"
	"leakwatch/store"
)

// release is set when a release is built: -ldflags "-X main.release=1.2.3".
var release = "dev"

func version() string { return release }

func newVersionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say the versions of build, schema and specification",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			revision := "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						revision = s.Value
					}
				}
			}
			if a.json {
				return a.writeJSON(map[string]any{"version": release, "revision": revision, "go": runtime.Version(),
					"platform": runtime.GOOS + "/" + runtime.GOARCH, "schema": store.SchemaVersion(), "spec": enroll.SpecBundle,
					"matcher": matcher.Version, "unpack": unpack.Version})
			}
			fmt.Fprintf(a.out, "leakwatch %s (%s, %s, %s/%s)\nschema %d, specification %s, matcher %s, unpack %s\n", release, revision,
				runtime.Version(), runtime.GOOS, runtime.GOARCH, store.SchemaVersion(), enroll.SpecBundle, matcher.Version, unpack.Version)
			return nil
		},
	}
}

func newHealthCommand(a *app) *cobra.Command {
	var address string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the running service whether it is ready: a probe for containers without a shell",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.health(cmd.Context(), address) },
	}
	cmd.Flags().StringVar(&address, "address", "", "host:port of the service; by default that of the configuration")
	return cmd
}

func (a *app) health(ctx context.Context, address string) error {
	if address == "" {
		c, err := a.config(ctx)
		if err != nil {
			return err
		}
		address = c.Web.Listen
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return usageError("health: %v", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("the service at %s does not answer", address)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the service at %s is not ready: %s", address, response.Status)
	}
	fmt.Fprintln(a.out, "ready")
	return nil
}
