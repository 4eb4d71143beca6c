package province

// plantedCases are all situations, in the order they are planted.
func plantedCases() []plantedCase {
	var all []plantedCase
	for _, group := range [][]plantedCase{incomeCases(), assetCases(), identityCases(), refusalCases(), secondCases()} {
		all = append(all, group...)
	}
	return all
}
