package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"filippo.io/age"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"leakwatch/configs"
	"leakwatch/matcher"
	"leakwatch/matcher/enroll"
	"leakwatch/store"
)

func newRegisterCommand(a *app) *cobra.Command {
	var o registerOptions
	cmd := &cobra.Command{
		Use:   "register BUNDLE",
		Short: "Put a clinic's bundle of hashes into the registry",
		Long: `Opens a bundle that a clinic's ` + "`leakwatch hash`" + ` made, checks it, and puts it into the registry in one transaction. A
full bundle replaces what the clinic registered; one that drops more than a tenth needs --confirm. The first bundle pins
the clinic's signing key: compare its fingerprint by telephone, by a number that you had before. Another key later is
refused, until somebody has compared it in the same way and says so with --signer-ok.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := a.registerBundle(cmd.Context(), args[0], o)
			return err
		},
	}
	cmd.Flags().BoolVar(&o.confirm, "confirm", false, "drop more than a tenth of the clinic's rows if the bundle does")
	cmd.Flags().BoolVar(&o.signerOK, "signer-ok", false, "the signing key's fingerprint was compared by telephone: take it, even in the place of another")
	return cmd
}

type registerOptions struct {
	confirm, signerOK bool
	quiet             bool // say nothing of the result
}

// registration is one bundle on its way into the store.
type registration struct {
	a      *app
	o      registerOptions
	store  *store.Store
	keys   configs.Keys
	clinic store.Clinic // as it was before
	bundle *enroll.Bundle
}

// registerBundle checks a bundle, applies it, and says what changed unless it is to be quiet.
func (a *app) registerBundle(ctx context.Context, path string, o registerOptions) (store.Applied, error) {
	s, err := a.store(ctx)
	if err != nil {
		return store.Applied{}, err
	}
	keys, err := a.keys(ctx)
	if err != nil {
		return store.Applied{}, err
	}
	identity, err := age.ParseX25519Identity(string(keys.Deployment))
	if err != nil {
		return store.Applied{}, badUsage{errors.New("the deployment's identity is damaged")}
	}
	f, err := os.Open(path)
	if err != nil {
		return store.Applied{}, badUsage{fmt.Errorf("open bundle: %w", err)}
	}
	defer f.Close()
	r := &registration{a: a, o: o, store: s, keys: keys}
	if r.bundle, err = enroll.OpenBundle(f, identity, func(h enroll.Header) (enroll.Known, error) { return r.known(ctx, h) }); err != nil {
		return store.Applied{}, err
	}
	applied, err := r.apply(ctx)
	if err != nil || o.quiet {
		return applied, err
	}
	return applied, r.write(applied)
}

// known is what the store and the keys know of the clinic that a header names.
func (r *registration) known(ctx context.Context, h enroll.Header) (enroll.Known, error) {
	c, err := r.store.Clinic(ctx, h.Clinic)
	if err != nil {
		return enroll.Known{}, notFound(err, "clinic", h.Clinic)
	}
	r.clinic = c
	k := enroll.Known{Sequence: c.Sequence, Signer: c.Signer, NewSignerOK: r.o.signerOK}
	for _, ring := range r.keys.Rings {
		if ring.ID == h.RK && !ring.SearchOnly {
			k.KCV = matcher.NewHasher(matcher.Key{ID: ring.ID, Secret: ring.Secret}, "").KCV()
		}
	}
	return k, nil
}

func (r *registration) apply(ctx context.Context) (store.Applied, error) {
	h := r.bundle.Header
	if err := r.a.audit(ctx, r.a.principal(""), "register", fmt.Sprintf("%s, bundle %d", h.Clinic, h.Sequence)); err != nil {
		return store.Applied{}, err
	}
	if r.clinic.Signer != "" && r.clinic.Signer != h.Signer {
		if err := r.store.SetSigner(ctx, r.a.principal("compared by telephone"), h.Clinic, h.Signer); err != nil {
			return store.Applied{}, err
		}
	}
	applied, err := r.store.ApplyBundle(ctx, store.BundleApply{
		Clinic: h.Clinic, Mode: h.Mode, Sequence: h.Sequence, RK: h.RK, Signer: h.Signer, Recipient: h.Recipient,
		Rows: r.rows(), Confirm: r.o.confirm, Now: r.a.now(), By: r.a.principal("erasure by the clinic"),
	})
	if errors.Is(err, store.ErrDropTooMany) {
		return applied, fmt.Errorf("%w; ask the clinic whether that is right, then --confirm", err)
	}
	if err != nil {
		return applied, err
	}
	return applied, r.dropEvidence(ctx, applied.Erased.Versions)
}

// dropEvidence deletes the bodies of finds that went whole with an erasure. The search index follows by itself.
func (r *registration) dropEvidence(ctx context.Context, versions []string) error {
	if len(versions) == 0 {
		return nil
	}
	vault, err := r.a.vault(ctx)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if err := vault.Drop(v); err != nil {
			return fmt.Errorf("%w: evidence of an erased person is still kept: %w", errUnfinished, err)
		}
	}
	return nil
}

// rows wraps each row under the clinic's own key: T1 goes no further.
func (r *registration) rows() iter.Seq2[store.BundleRow, error] {
	return func(yield func(store.BundleRow, error) bool) {
		out := r.a.err
		if !r.a.terminal() {
			out = io.Discard
		}
		bar := progressbar.NewOptions64(max(r.bundle.Header.Rows, 1), progressbar.OptionSetWriter(out),
			progressbar.OptionSetDescription("registering"), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		defer func() { _ = bar.Finish() }()
		for row, err := range r.bundle.Rows() {
			var b store.BundleRow
			if err == nil {
				b.Op = row.Op
				b.Tag, b.Tokens, err = r.a.match.Wrap(r.bundle.Header.Clinic, r.bundle.Header.RK, row.Kind, row.T1, row.Ref)
			}
			if !yield(b, err) || err != nil {
				return
			}
			_ = bar.Add(1)
		}
	}
}

func (r *registration) write(applied store.Applied) error {
	h := r.bundle.Header
	fingerprint := enroll.Fingerprint(h.Signer)
	if r.a.json {
		return r.a.writeJSON(map[string]any{"clinic": h.Clinic, "mode": h.Mode, "sequence": h.Sequence, "rk": h.RK, "added": applied.Added,
			"kept": applied.Kept, "removed": applied.Removed, "generation": applied.Generation, "fingerprint": fingerprint, "first": r.bundle.First,
			"erased": map[string]int64{"patients": applied.Erased.Refs, "persons": applied.Erased.Persons, "tokens": applied.Erased.Tokens, "finds": int64(len(applied.Erased.Finds))}})
	}
	fmt.Fprintf(r.a.out, "clinic %s, bundle %d (%s, ring %s)\nadded    %s\nkept     %s\nremoved  %s\n", h.Clinic, h.Sequence, h.Mode, h.RK,
		orNone(counts(applied.Added)), orNone(counts(applied.Kept)), orNone(counts(applied.Removed)))
	if e := applied.Erased; e.Refs > 0 {
		fmt.Fprintf(r.a.out, "erased   %d patients, %d of them in finds, %d tokens; %d finds went whole\n", e.Refs, e.Persons, e.Tokens, len(e.Finds))
	}
	if r.bundle.First {
		fmt.Fprintf(r.a.out, "\nThis clinic's signing key is new here and is now the only one that is taken. Call the clinic, by a number that you had\n"+
			"before, and compare its fingerprint:\n\n  %s\n\nIf it differs: leakwatch clinic remove %s --yes %s --purpose TEXT\n", fingerprint, h.Clinic, h.Clinic)
	}
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
