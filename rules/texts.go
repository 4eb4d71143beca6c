package rules

// Texts are the words of a pack for the codes of findings and refusals, as whoever words
// a verdict asks for them. Without a pack they say nothing, so that codes stand for
// themselves.
type Texts struct{ Pack *Pack }

// Title is what a code is called.
func (t Texts) Title(code, lang string) string {
	return t.text(code, lang, func(m *Message) Text { return m.Title })
}

// Text is what a code says.
func (t Texts) Text(code, lang string) string {
	return t.text(code, lang, func(m *Message) Text { return m.Text })
}

// Clear is what would clear it.
func (t Texts) Clear(code, lang string) string {
	return t.text(code, lang, func(m *Message) Text { return m.Clear })
}

// Law is what it rests on.
func (t Texts) Law(code string) string {
	if t.Pack == nil {
		return ""
	}
	return t.Pack.LawOf(code)
}

// text is in Chinese for "zh" and in English for every other language.
func (t Texts) text(code, lang string, pick func(*Message) Text) string {
	if t.Pack == nil {
		return ""
	}
	m := t.Pack.Message(code)
	switch {
	case m == nil:
		return ""
	case lang == "zh":
		return pick(m).Zh
	default:
		return pick(m).En
	}
}
