package assets

import (
	"strings"
)

// VehicleVIN is the key of a vehicle identification number. The check digit of
// ISO 3779 is only a note: most of the world does not use it.
func VehicleVIN(vin string) Key {
	k := Key{Kind: VIN, Text: strings.ReplaceAll(normal(vin), "-", "")}
	if k.Text == "" {
		return nothing(k)
	}
	if strings.ContainsAny(k.Text, "IOQ") {
		k.Notes.add(LookAlike)
		k.Weak = true
	}
	if strings.ContainsRune(k.Text, '*') {
		k.Notes.add(Masked)
	}
	if len(k.Text) != 17 || strings.Trim(k.Text, vinAlphabet+"IOQ") != "" || strings.IndexFunc(k.Text, notAlnum) >= 0 {
		k.Notes.add(FormUnknown)
		k.Weak = true // chassis numbers of old vehicles and tractors are short and not unique
		return k
	}
	if !k.Weak && !vinHolds(k.Text) {
		k.Notes.add(CheckFailed)
	}
	return k
}

const vinAlphabet = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"

func vinHolds(s string) bool {
	const values = "12345678" + "\x0012345\x007\x009" + "23456789" // A–H, I–R, S–Z
	sum := 0
	for i, w := range [...]int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2} {
		c := s[i]
		if c >= 'A' {
			c = values[c-'A']
		}
		sum += int(c-'0') * w
	}
	return s[8] == "0123456789X"[sum%11]
}

const provinces = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

// VehiclePlate is the key of a number plate. A plate moves from car to car, so
// it is always weak: with the type of plate and the period it may be enough.
func VehiclePlate(plate string) Key {
	k := Key{Kind: Plate, Weak: true, Text: without(normal(plate), "-.—–")}
	if k.Text == "" {
		return nothing(k)
	}
	r := []rune(k.Text)
	if strings.ContainsRune(k.Text, '*') {
		k.Notes.add(Masked)
	}
	if last := r[len(r)-1]; strings.ContainsRune("挂学警港澳使领", last) || strings.ContainsRune("使领", r[0]) {
		k.Notes.add(SpecialPlate)
		body := strings.Trim(k.Text, "挂学警港澳使领")
		b := []rune(body)
		diplomatic := digits(body) && len(body) == 6
		ordinary := len(b) == 6 && strings.ContainsRune(provinces, b[0]) && b[1] >= 'A' && b[1] <= 'Z' && alnum(string(b[2:]))
		if !diplomatic && !ordinary {
			k.Notes.add(FormUnknown)
		}
		return k
	}
	if (len(r) != 7 && len(r) != 8) || !strings.ContainsRune(provinces, r[0]) || !alnum(string(r[1:])) {
		k.Notes.add(FormUnknown)
		return k
	}
	body := string(r[2:])
	// O and I are in no plate but as the letter of an agency (O in old police plates).
	if strings.ContainsAny(body, "IO") || r[1] == '0' || r[1] == '1' || r[1] == 'I' {
		k.Notes.add(LookAlike)
	}
	if r[1] < 'A' || r[1] > 'Z' {
		k.Notes.add(FormUnknown)
	}
	if len(r) == 8 {
		// Small: D–K, then a letter or digit, then four digits. Large: five digits, then the letter.
		small := body[0] >= 'A' && body[0] <= 'K' && digits(body[2:])
		large := body[5] >= 'A' && body[5] <= 'K' && digits(body[:5])
		if small || large {
			k.Notes.add(NewEnergy)
		} else {
			k.Notes.add(FormUnknown)
		}
	}
	return k
}

func notAlnum(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }

func alnum(s string) bool { return s != "" && strings.IndexFunc(s, notAlnum) < 0 }

func nothing(k Key) Key {
	k.Weak = true
	k.Notes.add(Empty)
	return k
}
