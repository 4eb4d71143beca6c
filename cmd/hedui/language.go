package main

import (
	"slices"
	"strings"
)

// The languages of explanations and summaries.
const (
	english = "en"
	chinese = "zh"
)

// localeLanguage reads the language of messages as POSIX orders the variables:
// the first of LC_ALL, LC_MESSAGES and LANG that is set decides.
func localeLanguage(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		if strings.HasPrefix(strings.ToLower(value), chinese) {
			return chinese
		}
		return english
	}
	return english
}

// languageFlag is a flag whose value is a language.
type languageFlag struct{ language *string }

func (f languageFlag) String() string {
	if f.language == nil {
		return ""
	}
	return *f.language
}

func (f languageFlag) Set(text string) error {
	if !slices.Contains([]string{chinese, english}, text) {
		return errNotALanguage
	}
	*f.language = text
	return nil
}

func (languageFlag) Type() string { return "zh|en" }
