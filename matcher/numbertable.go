package matcher

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"regexp/syntax"
)

// Bounds of the table of a clinic's pattern. A pattern is written once, and read at every word near somebody who is
// found, in texts that a stranger wrote: so it is brought into a table when it is set, and one that would need a large
// table is refused.
const (
	patternStates = 2000 // what may have been read of a number; usual patterns have twenty
	patternSteps  = 1000 // instructions of the expression that the table is made of
)

// numberChars are the characters of a record number: a bit of a uint64 for each.
const numberChars = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" + numberJoiners

// numberTable is a pattern as an automaton that is in one state at a time: a byte takes one look into it, whatever the
// pattern, and after as many bytes as a number may have it is dead.
type numberTable struct {
	class   [256]uint8 // bytes that a pattern holds for the same have one; those of class 0 are in no number
	classes int
	next    []uint16 // by state and class
	accepts []bool   // by state: what was read is a number
}

const (
	deadState  = 0
	firstState = 1
)

// ends says how long the numbers are that begin where b does: bit n is set for one of n bytes.
func (t *numberTable) ends(b []byte) (ends uint64) {
	state := firstState
	for i, c := range b[:min(len(b), numberMost)] {
		if state = int(t.next[state*t.classes+int(t.class[c])]); state == deadState {
			break
		}
		if t.accepts[state] {
			ends |= 1 << (i + 1)
		}
	}
	return ends
}

// begins says whether a number may begin with a byte.
func (t *numberTable) begins(c byte) bool {
	return t.next[firstState*t.classes+int(t.class[c])] != deadState
}

// tableMaker makes a table by the construction of subsets: a state is the set of the instructions at which one may be.
type tableMaker struct {
	numberTable
	prog   *syntax.Prog
	chars  []uint64 // by instruction: the characters that it reads
	one    []uint64 // by class: one of its characters
	reads  []uint64 // set of the instructions that read a character, or end a number
	sets   [][]uint64
	states map[string]uint16
}

// tableOf makes the table of an expression in which there is nothing but what extentOf understands.
func tableOf(tree *syntax.Regexp) (*numberTable, error) {
	prog, err := syntax.Compile(tree)
	if err != nil {
		return nil, err
	}
	if len(prog.Inst) > patternSteps {
		return nil, fmt.Errorf("it has too many parts, more than %d", patternSteps)
	}
	words := (len(prog.Inst) + 63) / 64
	m := &tableMaker{prog: prog, chars: make([]uint64, len(prog.Inst)), reads: make([]uint64, words), states: map[string]uint16{}}
	m.readInstructions()
	m.classify()
	m.state(make([]uint64, words)) // dead
	begin := make([]uint64, words)
	m.reach(begin, uint32(prog.Start))
	m.state(begin)
	for from := firstState; from < len(m.sets); from++ {
		for class := range m.classes {
			m.next[from*m.classes+class] = m.state(m.after(from, m.one[class]))
			if len(m.sets) > patternStates {
				return nil, errLarge
			}
		}
	}
	return &m.numberTable, nil
}

var errLarge = fmt.Errorf("it leaves too much open (a table of more than %d states): say how long its parts are, and which are letters and which digits", patternStates)

func (m *tableMaker) readInstructions() {
	for pc := range m.prog.Inst {
		switch in := &m.prog.Inst[pc]; in.Op {
		case syntax.InstRune, syntax.InstRune1:
			for i, c := range numberChars {
				if in.MatchRune(c) {
					m.chars[pc] |= 1 << i
				}
			}
			fallthrough
		case syntax.InstMatch:
			m.reads[pc/64] |= 1 << (pc % 64)
		}
	}
}

// classify gives characters that no instruction tells apart one class. Class 0 has no character.
func (m *tableMaker) classify() {
	m.one, m.classes = []uint64{0}, 1
	column := make([]byte, len(m.chars))
	known := map[string]uint8{string(column): 0} // what nothing reads
	for i, c := range []byte(numberChars) {
		for pc, chars := range m.chars {
			column[pc] = byte(chars >> i & 1)
		}
		class, ok := known[string(column)]
		if !ok {
			class = uint8(m.classes)
			known[string(column)] = class
			m.one = append(m.one, 1<<i)
			m.classes++
		}
		m.class[c] = class
		if c >= 'A' && c <= 'Z' {
			m.class[c+'a'-'A'] = class
		}
	}
}

// state gives the number of the state for a set, a new one if there is none.
func (m *tableMaker) state(set []uint64) uint16 {
	key := make([]byte, 0, 8*len(set))
	accepts := false
	for i := range set {
		set[i] &= m.reads[i]
		key = binary.LittleEndian.AppendUint64(key, set[i])
		for w := set[i]; w != 0; w &= w - 1 {
			accepts = accepts || m.prog.Inst[i*64+bits.TrailingZeros64(w)].Op == syntax.InstMatch
		}
	}
	state, ok := m.states[string(key)]
	if !ok {
		state = uint16(len(m.sets))
		m.states[string(key)] = state
		m.sets = append(m.sets, set)
		m.next = append(m.next, make([]uint16, m.classes)...)
		m.accepts = append(m.accepts, accepts)
	}
	return state
}

// after is the set in which one is after a character.
func (m *tableMaker) after(from int, char uint64) []uint64 {
	set := make([]uint64, len(m.reads))
	for i, w := range m.sets[from] {
		for ; w != 0; w &= w - 1 {
			if pc := i*64 + bits.TrailingZeros64(w); m.chars[pc]&char != 0 {
				m.reach(set, m.prog.Inst[pc].Out)
			}
		}
	}
	return set
}

// reach puts an instruction into a set, and those to which it leads without reading anything.
func (m *tableMaker) reach(set []uint64, pc uint32) {
	if set[pc/64]>>(pc%64)&1 != 0 {
		return
	}
	set[pc/64] |= 1 << (pc % 64)
	switch in := &m.prog.Inst[pc]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		m.reach(set, in.Out)
		m.reach(set, in.Arg)
	case syntax.InstCapture, syntax.InstNop:
		m.reach(set, in.Out)
	}
}
