package matcher

import "leakwatch/leak"

// The Brazilian CPF, cadastro de pessoas físicas: NNN.NNN.NNN-CC.
//
// Canonical form: eleven digits, filled up with zeros. Two check digits modulo 11: 10 to 2 · the first nine, then 11 to 2
// · the first ten, each 11 minus the remainder, 0 from 10 on. One digit eleven times is none. Class weak: pure digits of
// which one in a hundred passes.
//
// Source: Receita Federal, Instrução Normativa RFB 2172/2024; python-stdnum stdnum.br.cpf.

var cpfRule = rule{
	name:  leak.BRCpf,
	words: words([]string{"cpf", "cadastro de p", "contribuinte", "pessoa f"}),
	digits: digits{check: checkCpf, runs: []int{11}, full: 11, zeros: 3, drop: "./",
		printed: []string{"999.999.999-99"}, loose: []string{"999 999 999 99", "999999999-99", "999.999.999.99", "999.999.999/99", "999-999-999-99"}},
}

func checkCpf(d []byte) reason {
	if oneDigit(d) {
		return badFormat
	}
	for n := 9; n <= 10; n++ {
		sum := 0
		for i := range n {
			sum += (n + 1 - i) * digit(d[i])
		}
		if sum*10%11%10 != digit(d[n]) {
			return badChecksum
		}
	}
	return good
}
