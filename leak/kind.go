package leak

import (
	"maps"
	"slices"
)

// Kind names a sort of identifier, as it stands inside the keyed hash of LWH-1. A rule that changes a canonical form
// needs a new name (fi-hetu.2), never a silent change. docs/kinds.md has a table of all.
type Kind string

// The kinds that are no national numbers.
const (
	Email     Kind = "email"      // e-mail address, plus tag kept
	EmailBase Kind = "email-base" // e-mail address without its plus tag
	Phone     Kind = "phone"      // telephone number, E.164
	Name      Kind = "name"       // one given and one family name; looked for in places only
	NameDOB   Kind = "name-dob"   // two names and a date of birth near each other
	MRN       Kind = "mrn"        // a clinic's own record number, with the clinic's id; never matched alone
)

// The national numbers. Where a comment calls something unverified, the kind, or the form that rests on it, is one class
// weaker than its rules would make it.
const (
	FIHetu    Kind = "fi-hetu"    // Finland: personal identity code, henkilötunnus
	SEPnr     Kind = "se-pnr"     // Sweden: personnummer and samordningsnummer
	NOFnr     Kind = "no-fnr"     // Norway: fødselsnummer, D-number, H-number, FH-number
	DKCpr     Kind = "dk-cpr"     // Denmark: CPR number; its check digit was given up in 2007
	EEIk      Kind = "ee-ik"      // Estonia: isikukood
	LTAk      Kind = "lt-ak"      // Lithuania: asmens kodas
	LVPk      Kind = "lv-pk"      // Latvia: personas kods; the check is unverified, for numbers from 2017 (32…) most of all
	ISKt      Kind = "is-kt"      // Iceland: kennitala of a person; what the register says of check digits since 2026 and of numbers that begin with 8 or 9 is unverified
	GBNhs     Kind = "gb-nhs"     // United Kingdom: NHS, CHI and H&C number
	GBNino    Kind = "gb-nino"    // United Kingdom: National Insurance number without its suffix; no check
	IEPpsn    Kind = "ie-ppsn"    // Ireland: Personal Public Service number, second letter kept
	NLBsn     Kind = "nl-bsn"     // Netherlands: burgerservicenummer; the test range 9999 is unverified
	BENrn     Kind = "be-nrn"     // Belgium: national register number and BIS number
	DEKvnr    Kind = "de-kvnr"    // Germany: health insurance number, the part that stays; its check was verified on one public example only
	FRNir     Kind = "fr-nir"     // France: social security number with its key; temporary numbers (7, 8) are unverified
	ESDni     Kind = "es-dni"     // Spain: DNI of citizens
	ESNie     Kind = "es-nie"     // Spain: NIE of foreigners; that old ones drop a zero is unverified
	ITCf      Kind = "it-cf"      // Italy: codice fiscale of a person
	PTNif     Kind = "pt-nif"     // Portugal: tax number of a person
	PTSns     Kind = "pt-sns"     // Portugal: health service user number; no check is publicly known, counts with a keyword only
	PLPesel   Kind = "pl-pesel"   // Poland: PESEL
	CSRc      Kind = "cs-rc"      // Czechia and Slovakia: birth number, rodné číslo
	CHAhv     Kind = "ch-ahv"     // Switzerland: AHV number
	ATSvnr    Kind = "at-svnr"    // Austria: social security number; fictitious dates (month 13 and on) are unverified
	USSsn     Kind = "us-ssn"     // United States: social security number; no check
	USItin    Kind = "us-itin"    // United States: individual taxpayer identification number; no check
	USMbi     Kind = "us-mbi"     // United States: Medicare beneficiary identifier; no check, but a rare pattern
	CASin     Kind = "ca-sin"     // Canada: social insurance number
	CAOnHcn   Kind = "ca-on-hcn"  // Canada, Ontario: health card number without its version code
	AUMcn     Kind = "au-mcn"     // Australia: Medicare card number, which a family may share
	AUIhi     Kind = "au-ihi"     // Australia: individual healthcare identifier
	NZNhi     Kind = "nz-nhi"     // New Zealand: NHI number; the check of the format of 2026 is unverified
	BRCpf     Kind = "br-cpf"     // Brazil: CPF
	BRCns     Kind = "br-cns"     // Brazil: health card number, CNS
	INAadhaar Kind = "in-aadhaar" // India: Aadhaar number
)

// Class says how much one identifier of a kind proves by itself.
type Class uint8

// The classes. A weak identifier counts only with a keyword near it, in its printed form, or beside another
// identifier of the same person.
const (
	Weak Class = iota + 1
	Medium
	Strong
)

func (c Class) String() string {
	return [...]string{"unknown", "weak", "medium", "strong"}[min(int(c), 3)]
}

type kindFacts struct {
	class Class
	space float64 // how many valid codes there are; 0 when that has no meaning
}

// How many days a date of birth has: 1 January 1916 to 31 December 2025.
const birthDays = 40_178

// The sizes are exact counts of valid codes with a date of birth of birthDays where they have one (docs/hashing.md),
// but for those that say otherwise. Where it is not certain how many there are the smaller number stands here, for a
// base rate that is too high only makes a verdict more careful.
var kinds = map[Kind]kindFacts{
	FIHetu:    {Strong, 36_079_844},
	SEPnr:     {Medium, 40_137_822},
	NOFnr:     {Medium, 18_413_647},
	DKCpr:     {Weak, 225_695_319},
	EEIk:      {Medium, 2 * birthDays * 1000},
	LTAk:      {Medium, 2 * birthDays * 1000},
	LVPk:      {Weak, birthDays*1000 + 100_000_000}, // without a date since 2017: 32 and eight digits
	ISKt:      {Weak, 2_922_040},                    // those with a valid check digit
	GBNhs:     {Weak, 272_727_273},                  // first digit 4, 6 or 7
	GBNino:    {Weak, 373_000_000},
	IEPpsn:    {Medium, 20_000_000}, // 10^7 for each suffix; nearly all have none or A
	NLBsn:     {Weak, 90_909_090},
	BENrn:     {Medium, 40_097_644}, // without BIS numbers
	DEKvnr:    {Medium, 26 * 100_000_000},
	FRNir:     {Strong, 95_000_000_000}, // about
	ESDni:     {Medium, 100_000_000},
	ESNie:     {Medium, 30_000_000},
	ITCf:      {Strong, 308_915_776 * 2 * birthDays * 8000}, // about: six letters, sex, day, municipality
	PTNif:     {Weak, 31_000_000},                           // 1, 2, 3 and seven digits, 45 and six
	PTSns:     {Weak, 1_000_000_000},                        // any nine digits
	PLPesel:   {Medium, 401_780_000},
	CSRc:      {Medium, 68_668_000},
	CHAhv:     {Weak, 1_000_000_000},
	ATSvnr:    {Medium, 32_872_911}, // those with a date
	USSsn:     {Weak, 888_931_098},
	USItin:    {Weak, 100 * 44 * 10_000},                             // area 9xx, 44 groups
	USMbi:     {Strong, 9 * 20 * 30 * 10 * 20 * 30 * 10 * 400 * 100}, // one for each string of the pattern
	CASin:     {Weak, 80_000_000},
	CAOnHcn:   {Weak, 900_000_000},
	AUMcn:     {Weak, 50_000_000},
	AUIhi:     {Weak, 1_000_000_000},
	NZNhi:     {Medium, 12_567_273 + 24*24*24*100*24}, // old and new format
	BRCpf:     {Weak, 1_000_000_000},
	BRCns:     {Weak, 500_000_000_000_000 / 11},
	INAadhaar: {Weak, 80_000_000_000 - 80_153}, // without the palindromes that pass the check
	Email:     {Medium, 0},
	EmailBase: {Weak, 0},
	Phone:     {Weak, 0},
	Name:      {Weak, 0},
	NameDOB:   {Medium, 0},
	MRN:       {Weak, 0},
}

// Kinds are all kinds, by name.
func Kinds() []Kind { return slices.Sorted(maps.Keys(kinds)) }

// Known says whether leakwatch has heard of the kind.
func (k Kind) Known() bool { _, ok := kinds[k]; return ok }

// Class is the kind's class, or 0 for a kind that is not known.
func (k Kind) Class() Class { return kinds[k].class }

// Space is the number of valid codes of the kind, or 0 when that has no meaning (addresses, names).
func (k Kind) Space() float64 { return kinds[k].space }

// National says whether the kind is a number that a state gives to a person.
func (k Kind) National() bool { return k.Space() > 0 }

// Address says whether the kind is an e-mail address in one of its forms. Addresses alone never prove a breach: every
// combo list holds thousands.
func (k Kind) Address() bool { return k == Email || k == EmailBase }

// Tokenised says whether a find keeps a token of every valid candidate of the kind that is looked for, registered or
// not: national numbers that prove something by themselves. They link finds, and answer late registrations.
func (k Kind) Tokenised() bool { return k.National() && k.Class() >= Medium }
