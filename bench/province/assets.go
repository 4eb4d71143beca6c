package province

// Keys of assets are bijections of running numbers, so they are unique.

func appendVIN(b []byte, number uint64) []byte {
	b = append(b, "LSV"...)
	b = append(b, "ABCDEFGH"[number%8])
	return appendDigits(b, scramble40(number), 13)
}

const (
	plateSigns = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789" // no I, no O
	plates     = 34 * 34 * 34 * 34 * 34
)

func appendPlate(b []byte, h *household, number uint64) []byte {
	b = append(b, "皖"...)
	b = append(b, homeCounties[h.home].letter...)
	// 15485863 is prime, so the walk meets every plate once.
	n := (number*15485863 + 9_000_001) % plates
	for range 5 {
		b = append(b, plateSigns[n%34])
		n /= 34
	}
	return b
}

func appendUnit(b []byte, h *household, number uint64) []byte {
	n := scramble40(number)
	b = appendDigits(b, uint64(homeCounties[h.home].code), 6)
	b = append(b, "001001GB"...)
	b = appendDigits(b, n/100_000_000, 5)
	b = append(b, 'F')
	return appendDigits(b, n%100_000_000, 8)
}

func appendCertificate(b []byte, h *household, number uint64) []byte {
	n := scramble40(number)
	b = append(b, "皖("...)
	b = appendDigits(b, 2004+n%20, 4)
	b = append(b, ')')
	b = append(b, homeCounties[h.home].city...)
	b = append(b, "不动产权第"...)
	b = appendDigits(b, n, 13)
	return append(b, "号"...)
}

func appendAccount(b []byte, number uint64) []byte {
	b = append(b, "6217"...)
	return appendDigits(b, scramble40(number), 15)
}

// employer pays wages and insures people.
type employer struct{ name, code string }

func newEmployers(n int) []employer {
	all := make([]employer, n)
	for i := range all {
		r := newStream(0x656d706c6f796572, 0, uint64(i))
		name := employerPlaces[r.n(len(employerPlaces))] + employerWords[r.n(len(employerWords))]
		if i >= 512 {
			name += employerWords[r.n(len(employerWords))]
		}
		all[i] = employer{name + employerTrades[r.n(len(employerTrades))] + "有限公司", creditCode(&r)}
	}
	return all
}

// creditCode draws a unified social credit code with its check character
// (GB 32100-2015).
func creditCode(r *stream) string {
	const signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	b := append(make([]byte, 0, 18), "91"...)
	b = appendDigits(b, uint64(homeCounties[r.n(len(homeCounties))].code), 6)
	for range 9 {
		b = append(b, signs[r.n(len(signs))])
	}
	sum, weight := 0, 1
	for _, c := range b {
		for v := range len(signs) {
			if signs[v] == c {
				sum += v * weight
			}
		}
		weight = weight * 3 % 31
	}
	return string(append(b, signs[(31-sum%31)%31]))
}
