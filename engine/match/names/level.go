package names

import "strconv"

// Level is how alike two names are: N1 is the best, N7 the worst.
type Level uint8

// The levels, of which the first that holds is given.
const (
	_ Level = iota
	// N1 is the same name after lossless normalisation.
	N1
	// N2 is the same name in another script, with other dots or capitals, read in
	// the wrong encoding, or a registered former name.
	N2
	// N3 is the same name but for variant characters, lost characters, a surname
	// with two usual forms, or a missing dot.
	N3
	// N4 is the pinyin of the name, or one character that old systems lack written
	// as another of the same sound.
	N4
	// N5 is a name with one other character, with characters that sound or look
	// alike, or cut off.
	N5
	// N6 is the same surname only.
	N6
	// N7 is another name.
	N7
	// Absent means that a name is empty or has no legible character: no evidence
	// either way. It sorts after N7, so that no threshold takes it for agreement.
	Absent
)

// String is "N1" to "N7", or "absent".
func (l Level) String() string {
	if l == Absent {
		return "absent"
	}
	return "N" + strconv.Itoa(int(l))
}

// Kind is why a level was given.
type Kind uint8

// The kinds, roughly from the strongest to the weakest.
const (
	Same       Kind = iota // equal after lossless normalisation
	Written                // dots, capitals or separators
	Redecoded              // read in the wrong encoding, and back
	Former                 // a registered former name
	Simplified             // traditional and simplified, one to one
	ManyToOne              // traditional and simplified, not one to one
	ZVariant               // one shape with two codes
	Semantic               // semantic variant
	Swap                   // surname with two usual forms
	Lost                   // a character is illegible
	Dot                    // separators missing
	Pinyin                 // written in pinyin
	Order                  // given name first
	Accents                // tone marks, or ü written in another way
	Substitute             // a character that old systems lack, by one of the same sound
	Special                // variant in some uses only
	Homophone              // a common reading
	Shape                  // similar shape
	One                    // one character differs
	Cut                    // cut off
	Surname                // only the surname agrees
	Other                  // nothing agrees
	None                   // no legible character
)

var kindTexts = [...][2]string{
	Same: {"姓名一致", "same name"}, Written: {"书写形式不同", "written with other dots or capitals"},
	Redecoded: {"编码还原后一致", "same after undoing a wrong encoding"}, Former: {"曾用名", "former name"},
	Simplified: {"繁简对应", "traditional and simplified form"}, ManyToOne: {"一简对多繁", "traditional and simplified form, not one to one"},
	ZVariant: {"同形异码", "one shape, two codes"}, Semantic: {"异体字", "variant character"},
	Swap: {"姓氏俗写", "surname with two usual forms"}, Lost: {"生僻字缺失", "illegible character"},
	Dot: {"间隔号缺失", "dot missing"}, Pinyin: {"拼音一致", "pinyin of the name"}, Order: {"名在姓前", "given name first"},
	Substitute: {"生僻字以同音字代替", "a character that old systems lack, written as one of the same sound"},
	Accents:    {"拼音写法不同", "tone marks or ü written differently"}, Special: {"部分义项通用字", "variant in some uses"},
	Homophone: {"同音字", "same sound"}, Shape: {"形近字", "similar shape"}, One: {"一字不同", "one character differs"},
	Cut: {"姓名被截断", "cut off"}, Surname: {"仅姓氏相同", "same surname only"}, Other: {"姓名不同", "different name"},
	None: {"无可辨认字", "no legible character"},
}

// Chinese is the kind in words for a caseworker.
func (k Kind) Chinese() string { return kindTexts[k][0] }

// String is the kind in English words.
func (k Kind) String() string { return kindTexts[k][1] }

// Reason is one ground of a level. It holds no character of either name.
type Reason struct {
	Kind Kind
	At   int // the character it is about, from 1 without separators; 0 for the whole name
}

// Explanation is a level with its reasons, in the order of the name.
type Explanation struct {
	Level   Level
	Reasons []Reason
}
