package matcher

import (
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode"
)

// Bounds of a clinic's pattern.
const (
	patternBytes  = 200
	numberMost    = 32 // characters of a record number, separators among them
	numberDigits  = 3  // that every record number has at least
	numberJoiners = " -./"
)

// NumberPattern says what a clinic's record numbers look like: a regular expression in RE2 syntax that a whole number
// matches, with a bounded length, brought into a table of bounded size. What looking for a number costs is bounded by
// that, not by the pattern. Its methods may run at the same time.
type NumberPattern struct{ table *numberTable }

// ParseNumberPattern reads a pattern: 200 bytes at most, in capital letters, digits, spaces and - . / only, at most 32
// characters for a number, and at least three digits in each. It is anchored at both ends whether it says so or not, so
// repetitions need a limit. One that leaves so much open that its table had more than 2000 states is refused. Errors say
// what is wrong with the pattern, which is no secret.
func ParseNumberPattern(text string) (*NumberPattern, error) {
	bad := func(format string, args ...any) (*NumberPattern, error) {
		return nil, fmt.Errorf("pattern of record numbers: "+format, args...)
	}
	text = strings.TrimPrefix(text, "^")
	if t, ok := strings.CutSuffix(text, "$"); ok && !strings.HasSuffix(t, `\`) {
		text = t
	}
	if text == "" || len(text) > patternBytes {
		return bad("want 1 to %d bytes", patternBytes)
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return bad("%w", err)
	}
	tree = tree.Simplify()
	e, err := extentOf(tree)
	switch {
	case err != nil:
		return bad("%w", err)
	case e.most > numberMost:
		return bad("a number may have %d characters, more than %d", e.most, numberMost)
	case e.digits < numberDigits:
		return bad("every number must have %d digits at least, or words would match", numberDigits)
	}
	table, err := tableOf(tree)
	if err != nil {
		return bad("%w", err)
	}
	return &NumberPattern{table}, nil
}

// Matches says whether a value is a record number as the pattern has it; small letters are as good as capital ones.
func (p *NumberPattern) Matches(value string) bool {
	return len(value) <= numberMost && p.table.ends([]byte(value))>>len(value)&1 != 0
}

// extent is how long what an expression matches may be, and how many digits it has at least.
type extent struct{ most, digits int }

func extentOf(x *syntax.Regexp) (e extent, err error) {
	switch x.Op {
	case syntax.OpEmptyMatch:
		return e, nil
	case syntax.OpCapture:
		return extentOf(x.Sub[0])
	case syntax.OpLiteral:
		for _, r := range x.Rune {
			one, err := extentOfClass([]rune{r, r})
			if err != nil {
				return e, err
			}
			if x.Flags&syntax.FoldCase != 0 && unicode.IsLetter(r) {
				return e, errSmall
			}
			e = e.then(one)
		}
		return e, nil
	case syntax.OpCharClass:
		return extentOfClass(x.Rune)
	case syntax.OpQuest:
		e, err = extentOf(x.Sub[0])
		e.digits = 0
		return e, err
	case syntax.OpConcat:
		for _, sub := range x.Sub {
			next, err := extentOf(sub)
			if err != nil {
				return e, err
			}
			e = e.then(next)
		}
		return e, nil
	case syntax.OpAlternate:
		return extentOfAny(x.Sub)
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		return e, fmt.Errorf("a repetition needs a limit: {1,9} and not *, + or {1,}")
	}
	return e, fmt.Errorf("only letters, digits, classes of them, groups, | and ? are understood")
}

// then is one expression behind another.
func (e extent) then(next extent) extent {
	return extent{e.most + next.most, e.digits + next.digits}
}

func extentOfAny(subs []*syntax.Regexp) (e extent, err error) {
	for i, sub := range subs {
		one, err := extentOf(sub)
		if err != nil {
			return e, err
		}
		if i == 0 {
			e = one
			continue
		}
		e = extent{max(e.most, one.most), min(e.digits, one.digits)}
	}
	return e, nil
}

var errSmall = fmt.Errorf("write letters as capitals, without (?i): small ones in a text are found as well")

// extentOfClass is that of one character out of ranges.
func extentOfClass(ranges []rune) (extent, error) {
	e := extent{most: 1, digits: 1}
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			switch {
			case r >= '0' && r <= '9':
			case r >= 'A' && r <= 'Z', r < 128 && strings.ContainsRune(numberJoiners, r):
				e.digits = 0
			case r >= 'a' && r <= 'z':
				return e, errSmall
			default:
				return e, fmt.Errorf("a number has capital letters, digits, spaces and - . / only")
			}
		}
	}
	return e, nil
}
