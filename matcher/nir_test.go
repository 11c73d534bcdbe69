package matcher_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"leakwatch/leak"
	"leakwatch/matcher"
)

// 253072B07300470 and 295109912611193 are python-stdnum's.
func TestNir(t *testing.T) {
	t.Parallel()
	checkKind(t, leak.FRNir, nil, []hit{
		{"253072B07300470", "2 53 07 2B 073 004 70", "253072B07300470"},
		{"2 53 07 2B 073 004 70", "253072B07300470", "2 53 07 2B 073 004 70"},
		{"2 95 10 99 126 111 93", "295109912611193", "2 95 10 99 126 111 93"},
		{"295109912611193", "2951099126111", "295109912611193"},
		{"2951099126111 93", "295109912611193", "2951099126111 93"},
		{"2951099126111/93", "295109912611193", "2951099126111/93"},
		{"n° 253072b073004 70.", "253072B07300470", "253072b073004 70"},
		{"2\u00a095\u00a010\u00a099\u00a0126\u00a0111\u00a093", "295109912611193", "2\u00a095\u00a010\u00a099\u00a0126\u00a0111\u00a093"},
		{"2 95 10 99\n126 111 93", "295109912611193", "2 95 10 99\n126 111 93"},
		{"２９５１０９９１２６１１１９３", "295109912611193", "２９５１０９９１２６１１１９３"},
		{nir("1202012A001001"[:5] + "2A001001"), nir("120202A001001"), nir("120202A001001")},
		{nir("1553099100001"), nir("1553099100001"), nir("1553099100001")}, // a month that nobody knows
	}, []string{"253072B07300471", "253072A07300470", "295109912611139", "2951099126111", "29510991261119", "2951099126111933", "x295109912611193",
		"295109912611193x", nir("3951099126111"), nir("2951399126111"), nir("2950099126111"), nir("2952999126111"), nir("2954399126111"), nir("2954999126111"), nir("2951000126111"), nir("2951099000111"), nir("2951099126000"),
		"2 95 10 991 26 111 93", "29 51 09 91 26 11 19 3", "253072C07300470"})
	k := setup(t, realRing, matcher.Options{})
	k.register("clinic-a", ref(1), leak.FRNir, "295109912611193")
	k.register("clinic-a", ref(2), leak.FRNir, nir("7951099126111"))
	for s, want := range map[string]leak.Class{"295109912611193": leak.Strong, "NIR 2951099126111": leak.Weak, nir("7951099126111"): leak.Weak} {
		if r := k.read(text(s)); len(r.matches) != 1 || r.matches[0].Class != want {
			t.Errorf("%q: %+v, want %s", s, r.matches, want)
		}
	}
	for value, want := range map[string]string{"295109912611193": "accepted", "2 95 10 99 126 111": "accepted", "253072b073004": "accepted",
		"295109912611194": "checksum", nir("2951399126111"): "date", "29510991261": "format", nir("3951099126111"): "format"} {
		if got := refused(leak.FRNir, "FR", value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// nir adds the key to thirteen characters.
func nir(c string) string {
	n, err := strconv.ParseInt(strings.NewReplacer("2A", "19", "2B", "18").Replace(c), 10, 64)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%s%02d", c, 97-n%97)
}
