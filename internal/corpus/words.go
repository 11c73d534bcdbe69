package corpus

import (
	"math/rand/v2"
	"strings"
)

// languages are a few words of each, enough to write clean prose and to have its letters. None is a name.
var languages = map[string][]string{
	"fi": strings.Fields(`asiakas kertoi että viime viikolla uni oli parempi mutta töissä kuormitus jatkui hän mietti miten jaksaa keskusteltiin
		lääkityksestä ja sovittiin seuraavasta ajasta ahdistus väheni harjoitusten myötä perhetilanne on edelleen vaikea syksyllä`),
	"sv": strings.Fields(`klienten berättade att sömnen blivit bättre men att arbetet fortfarande är tungt vi talade om medicinen och kom överens
		om nästa tid ångesten minskade med övningarna familjen är ännu i en svår situation på hösten`),
	"en": strings.Fields(`the client reports that sleep has improved since the last session and that work remains stressful we discussed coping
		strategies and agreed on a plan for the coming weeks mood is stable medication unchanged next appointment was booked`),
	"de": strings.Fields(`die Klientin erzählte dass der Schlaf besser geworden ist aber die Arbeit weiterhin schwer fällt wir sprachen über die
		Übungen und vereinbarten einen weiteren Termin die Größe der Gruppe bleibt gleich`),
	"fr": strings.Fields(`la personne raconte que le sommeil est meilleur mais que le travail reste pénible nous avons parlé des exercices où elle a
		trouvé du repos la situation à la maison demeure difficile été dernier`),
	"es": strings.Fields(`la paciente cuenta que duerme mejor pero que el trabajo sigue siendo difícil hablamos de los ejercicios y acordamos la
		próxima sesión la mañana fue tranquila el niño está bien`),
	"pl": strings.Fields(`klientka mówi że sen jest lepszy ale praca nadal jest trudna rozmawialiśmy o ćwiczeniach i ustaliliśmy następny termin
		sytuacja w domu pozostaje ciężka źle śpi łatwo się męczy`),
	"ru": strings.Fields(`клиентка рассказала что сон стал лучше но работа по прежнему трудна мы говорили об упражнениях и договорились о следующей
		встрече настроение ровное осенью было тяжело`),
	"el": strings.Fields(`η πελάτισσα είπε ότι ο ύπνος είναι καλύτερος αλλά η δουλειά παραμένει δύσκολη μιλήσαμε για τις ασκήσεις και κλείσαμε
		ραντεβού το φθινόπωρο`),
	"ja": strings.Fields(`昨夜 眠 患者 仕事 来週 会 相談 静 家族 話 薬 良`),
	"pt": strings.Fields(`a utente conta que dorme melhor mas o trabalho continua difícil falámos dos exercícios e marcámos a próxima consulta a
		situação não mudou amanhã`),
}

// sentence is a few words of a language.
func sentence(r *rand.Rand, language string) string {
	words := languages[language]
	parts := make([]string, 4+r.IntN(8))
	for i := range parts {
		parts[i] = words[r.IntN(len(words))]
	}
	return strings.Join(parts, " ") + "."
}
