package matcher

import "strings"

// monthWords are the names of the months, and what they are shortened to, in Finnish, Swedish, Norwegian, Danish,
// English, German, Dutch, French, Spanish, Portuguese, Italian, Estonian and Polish, folded as names are.
var monthWords = func() map[string]uint8 {
	m := map[string]uint8{}
	for i, names := range []string{
		"tammikuu tammik januari januar january jan jänner janvier janv enero ene janeiro gennaio gen jaanuar stycznia styczeń",
		"helmikuu helmik februari februar february feb februar février fevrier févr febrero fevereiro fev febbraio veebruar lutego luty",
		"maaliskuu maalisk mars marts march mar märz mrz maart mrt marzo março märts marca marzec",
		"huhtikuu huhtik april apr avril avr abril abr aprile aprill kwietnia kwiecień",
		"toukokuu toukok maj mai may mei mayo maio maggio mag maja",
		"kesäkuu kesäk juni june jun juin junio junho giugno giu juuni czerwca czerwiec",
		"heinäkuu heinäk juli july jul juillet juil julio julho luglio lug juuli lipca lipiec",
		"elokuu elok augusti august aug augustus août aout agosto ago sierpnia sierpień",
		"syyskuu syysk september sept sep septembre septiembre setiembre setembro set settembre wrzesnia września wrzesień",
		"lokakuu lokak oktober october okt oct octobre octubre outubro out ottobre ott oktoober października październik",
		"marraskuu marrask november nov novembre noviembre novembro listopada listopad",
		"joulukuu jouluk december desember dezember dec des dez déc décembre diciembre dic dezembro dicembre detsember grudnia grudzień",
	} {
		for _, w := range strings.Fields(names) {
			m[foldName(w)] = uint8(i + 1)
		}
	}
	return m
}()
