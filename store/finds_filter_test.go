package store_test

import "leakwatch/store"

func storeFilter(leakID string) store.AlertFilter { return store.AlertFilter{Leak: leakID} }
