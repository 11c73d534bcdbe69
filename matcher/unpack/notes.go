package unpack

import (
	"fmt"
	"slices"
	"strings"
)

// notes are the reasons why a document was not read whole: fixed words, with how often each happened, in the order in
// which they first did.
type notes struct {
	count map[string]int64
	bytes map[string]int64
	order []string
}

// add counts a reason. One %d in it stands for the count; no name may be in it.
func (n *notes) add(reason string) { n.addN(reason, 1) }

func (n *notes) addN(reason string, k int64) {
	if n.count == nil {
		n.count = map[string]int64{}
	}
	if n.count[reason] == 0 {
		n.order = append(n.order, reason)
	}
	n.count[reason] += k
}

// addSized counts a reason and how many bytes it is about, for which %s stands.
func (n *notes) addSized(reason string, bytes int64) {
	n.add(reason)
	if n.bytes == nil {
		n.bytes = map[string]int64{}
	}
	n.bytes[reason] += bytes
}

func (n *notes) reasons() []string {
	var out []string
	for _, r := range n.order {
		switch {
		case strings.Contains(r, "%s"):
			r = fmt.Sprintf(r, n.count[r], sizeWord(n.bytes[r]))
		case strings.Contains(r, "%d"):
			r = fmt.Sprintf(r, n.count[r])
		}
		out = append(out, r)
	}
	return out
}

// cut says whether one of the reasons is a limit.
func (n *notes) cut() bool {
	return slices.ContainsFunc(n.order, func(r string) bool { return strings.Contains(r, " limit ") || r == timeUsedUp })
}

// sizeWord says a size roughly.
func sizeWord(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	i := 0
	for n >= 10_000 && i < len(units)-1 {
		n = (n + 500) / 1000
		i++
	}
	return fmt.Sprintf("%d %s", n, units[i])
}

// bytesWord says a size in the unit that it is a whole number of.
func bytesWord(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for i < len(units)-1 && n >= 1024 && n%1024 == 0 {
		n /= 1024
		i++
	}
	return fmt.Sprintf("%d %s", n, units[i])
}
