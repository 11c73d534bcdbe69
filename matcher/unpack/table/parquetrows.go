package table

import "cmp"

// pass reads columns side by side from a row on, to their ends or until they stop.
func (p *parquet) pass(root *parquetNode, columns []*parquetColumn, from int) error {
	for _, c := range columns {
		if c != nil {
			p.rows.cellString(c.leaf.path)
		}
	}
	_ = p.rows.end()
	for p.row = from; ; p.row++ {
		more := false
		for _, c := range columns {
			level := c.peek()
			if more = more || level >= 0; level > 0 {
				c.rep = 0 // a row begins with it, whatever it says
			}
		}
		if !more {
			break
		}
		row := p.row
		p.row = -1
		p.record(root, columns, 0)
		p.row = row
		if err := p.rows.end(); err != nil {
			return err
		}
	}
	for _, c := range columns {
		if c != nil {
			c.release()
		}
	}
	return cmp.Or(p.rows.close(), p.err)
}

// record writes what lies under a node in one record. Of columns only what begins at a level of repetition is taken, so that one that has more
// than those beside it shifts nothing.
func (p *parquet) record(n *parquetNode, columns []*parquetColumn, level int) {
	for {
		if n.leaf != nil {
			if c := columns[n.from]; c.peek() == level {
				c.take()
			}
		}
		for _, c := range n.children {
			p.record(c, columns, level)
		}
		if !n.repeated || p.rows.err != nil || !again(columns[n.from:n.to], n.rep) {
			return
		}
		level = n.rep
	}
}

// again says whether a column goes on at a level of repetition.
func again(columns []*parquetColumn, level int) bool {
	for _, c := range columns {
		if c.peek() == level {
			return true
		}
	}
	return false
}

// later gives the columns of the next pass, and the row with which they go on: those that waited for memory at the same row, or one that goes on
// behind damage. There are none when all was read.
func later(columns []*parquetColumn) (next []*parquetColumn, row int) {
	for i, c := range columns {
		if c == nil || !c.stop || next != nil && (c.row < 0 || c.row != row) {
			continue
		}
		if next == nil {
			next, row = make([]*parquetColumn, len(columns)), c.row
		}
		next[i], c.stop = c, false
	}
	return next, max(row, 0)
}
