package province

// Levels of corruption, the values of [Options.Corrupt].
const (
	CorruptBase = "base" // every source as careful as most are
	CorruptBad  = "bad"  // every source as bad as the worst are
	CorruptX3   = "x3"   // every rate of CorruptBase three times
)

// Indexes into rateTable. All rates are per million rows, unless the table says
// otherwise.
const (
	rateID15 = iota
	rateFormerNumber
	rateSubstituted
	rateTransposed
	rateDouble
	rateMissing
	rateMasked
	rateWritten
	rateOtherDocument
	rateRare
	rateVariant
	rateDot
	ratePinyin
	rateChangedName
	rateSharedPairs
	rateDecoys
	rateUTF8AsGBK
	rateGBKAsLatin1
	rateCount
)

// rate is per million.
type rate struct{ base, bad int }

// rateTable is the corruption model. A rate marked "assumption" was measured nowhere:
// whoever tunes a matcher on it must replace it by audited rates of the deployment.
var rateTable = [rateCount]rate{
	// Legacy rows from before 1999–2004; of people born before 2000 only.
	rateID15: {10_000, 150_000},
	// Over 20 M duplicate or wrong numbers were corrected since 1999, which is 1.5 %
	// of people (press, 2011/2015). One row in three of such a person carries the old
	// number.
	rateFormerNumber: {5_000, 20_000},
	// Manual entry; assumption.
	rateSubstituted: {3_000, 15_000},
	rateTransposed:  {1_000, 5_000},
	rateDouble:      {500, 3_000},
	// Assumption. One institution of a bad province masks all its rows besides.
	rateMissing: {10_000, 100_000},
	rateMasked:  {0, 100_000},
	// Entry by hand and by spreadsheet; assumption.
	rateWritten: {30_000, 200_000},
	// Assumption. One row in six of a person with another document names that one.
	rateOtherDocument: {5_000, 30_000},
	// Of rows of bearers of a rare character: 60 M people, 4.3 %, bear one (press);
	// systems on GBK cannot hold it. That half of the systems can't is an assumption.
	rateRare: {500_000, 1_000_000},
	// Of rows whose name has another form; assumption.
	rateVariant: {5_000, 30_000},
	// Of rows of dotted names; assumption.
	rateDot: {300_000, 300_000},
	// Of bank rows only; assumption.
	ratePinyin: {0, 50_000},
	// Assumption. One row in three of a person who changed the name carries the former.
	rateChangedName: {10_000, 20_000},
	// Pairs per million people. 1.68 M people shared a number in 2009, which is 1.2e-3
	// of people or 600 pairs a million (press): bad. Today 2e-7 do (264 people, press),
	// too few to measure anything: base has 200 pairs a million on purpose.
	rateSharedPairs: {200, 600},
	// Of people, at every level alike; on purpose, so that precision is stressed.
	rateDecoys: {10_000, 10_000},
	// Mojibake of both kinds together .1 % and 1 %; assumption.
	rateUTF8AsGBK:   {700, 7_000},
	rateGBKAsLatin1: {300, 3_000},
}

// Shares that are the same at every level, per thousand unless the name says
// otherwise. All are assumptions but bearersPer1000.
const (
	// bearersPer1000 is of composed names, which eight names in ten are: so 4.3 % of
	// people bear a rare character (press).
	bearersPer1000 = 54

	rowsWithFormerNumber  = 3 // one row in so many, of people with a former number
	rowsWithOtherDocument = 6 // of people with another document
	rowsWithFormerName    = 3 // of people who changed their name
	rowsWithSharedNumber  = 2 // of the one of the pair whose number was corrected

	knownFormerNumber  = 900 // in the register
	knownOtherDocument = 600
	knownFormerName    = 900
	knownSharedNumber  = 500

	columnFilled       = 950   // of birth_date, sex and division, each
	columnWrongMillion = 2_000 // of each, when filled
)

// decoyRates replace the rates of decoys' rows where those are lower; on purpose.
var decoyRates = [rateCount]int{
	rateMissing: 200_000, rateMasked: 100_000, rateSubstituted: 50_000, rateTransposed: 30_000, rateDouble: 20_000,
}

// maskedInstitution masks all its rows in a bad province.
const maskedInstitution = 6

// rates are the rates of one province.
type rates [rateCount]int

// ratesOf returns the rates of a level.
func ratesOf(level string) rates {
	var all rates
	for i, r := range rateTable {
		switch {
		case level == CorruptBad:
			all[i] = r.bad
		case level == CorruptX3 && i != rateDecoys:
			all[i] = min(3*r.base, 1_000_000)
		default:
			all[i] = r.base
		}
	}
	return all
}

// ofDecoys returns the rates of the rows of decoys.
func (r rates) ofDecoys() rates {
	for i := range r {
		r[i] = max(r[i], decoyRates[i])
	}
	return r
}
