package matcher

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCounter: a count is exact up to the limit and right within two per cent past it, however often ids come again and
// however often somebody asks; when it is asked for makes no difference.
func TestCounter(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 10, 1000, 50_000} {
		for _, distinct := range []int{0, 1, limit - 1, limit, limit + 1, limit + limit/10, 2 * limit, 5 * limit} {
			for _, times := range []int{1, 3} {
				r := rand.New(rand.NewPCG(uint64(limit), uint64(distinct)))
				ids := make([]uint64, distinct)
				for i := range ids {
					ids[i] = r.Uint64()
				}
				quiet, asked := newCounter(limit), newCounter(limit)
				for range times {
					r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
					quiet.addAll(ids)
					for some := range slices.Chunk(ids, 1+distinct/7) {
						asked.addAll(some)
						asked.count()
					}
				}
				n, estimated := quiet.count()
				if m, also := asked.count(); m != n || also != estimated {
					t.Errorf("limit %d, %d ids %d times: %d, %v, but %d, %v when asked in between", limit, distinct, times, n, estimated, m, also)
				}
				if off := n - int64(distinct); estimated != (distinct > limit) || !estimated && off != 0 || off*off > int64(distinct)*int64(distinct)/2500+4 {
					t.Errorf("limit %d, %d ids %d times: %d, estimated %v", limit, distinct, times, n, estimated)
				}
			}
		}
	}
}
