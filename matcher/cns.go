package matcher

import "leakwatch/leak"

// The Brazilian national health card number, cartão nacional de saúde: NNN NNNN NNNN NNNN.
//
// Canonical form: fifteen digits. 15 to 1 · d is a multiple of 11; the first digit is 1 or 2 (definitive), or 7, 8 or 9
// (provisional). Class weak: pure digits.
//
// Source: Ministério da Saúde, Datasus, "Rotina de validação do número do Cartão SUS".

var cnsRule = rule{
	name:  leak.BRCns,
	words: words([]string{"cns", "cart\u00e3o sus", "cartao sus", "cart\u00e3o nac", "cartao nac", "sus", "sa\u00fade", "saude"}),
	digits: digits{check: checkCns, runs: []int{15}, drop: ".",
		printed: []string{"999 9999 9999 9999"}, loose: []string{"999.9999.9999.9999", "999-9999-9999-9999"}},
}

func checkCns(d []byte) reason {
	switch d[0] {
	case '1', '2', '7', '8', '9':
	default:
		return badFormat
	}
	sum := 0
	for i, c := range d {
		sum += (15 - i) * digit(c)
	}
	if sum%11 != 0 {
		return badChecksum
	}
	return good
}
