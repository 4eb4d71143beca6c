package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// write makes the input folders of a run: a few lines of every file.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{
		"kSemanticVariant.txt", "kSpecializedSemanticVariant.txt", "kZVariant.txt", "kSimplifiedVariant.txt",
		"kTraditionalVariant.txt", "STCharacters.txt", "TSCharacters.txt", "pinyin_dict.go",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(files[name]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// body is a table without its head.
func body(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if line[0] != '#' {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

func TestRun(t *testing.T) {
	dir := write(t, map[string]string{
		"kSemanticVariant.txt":            "U+9AD8 高\tkSemanticVariant\tU+9AD9<kFenn\nU+5289 劉\tkSemanticVariant\tU+5218<kLau\n",
		"kSpecializedSemanticVariant.txt": "U+4E94 五\tkSpecializedSemanticVariant\tU+4F0D<kMeyerWempe\n",
		"kZVariant.txt":                   "U+5024 値\tkZVariant\tU+503C\n",
		"kSimplifiedVariant.txt":          "U+5442 呂\tkSimplifiedVariant\tU+5415\nU+8303 范\tkSimplifiedVariant\tU+8303\n",
		"kTraditionalVariant.txt":         "U+5218 刘\tkTraditionalVariant\tU+5218 U+5289\nU+8303 范\tkTraditionalVariant\tU+7BC4 U+8303\n",
		"STCharacters.txt":                "# head\n刘\t劉\n范\t範 范\n钟\t鍾 鐘\n",
		"TSCharacters.txt":                "劉\t刘\n範\t范\n鍾\t钟\n鐘\t钟\n# @tofu-risk: x\n㑮\t㑮 𫝈\n喆\t喆 哲\n",
		"pinyin_dict.go":                  "var PinyinDict = map[int]string{\n\t0x5415: \"lǚ\",\n\t0x5355: \"dān,chán,shàn,dǎn\",\n\t0xE863: \"x\",\n}\n",
	})
	out := t.TempDir()
	if err := run(dir, dir, dir, "2026-01-02", out); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"many\t哲\t喆", "many\t範\t范", "many\t鍾\t鐘", "many\t鍾\t钟", "many\t鐘\t钟", "semantic\t高\t髙",
		"simplified\t㑮\t𫝈", "simplified\t劉\t刘", "simplified\t呂\t吕", "special\t五\t伍", "z\t値\t值",
	}
	if diff := cmp.Diff(want, body(t, filepath.Join(out, "variants.tsv"))); diff != "" {
		t.Error("variants (-want +got):", diff)
	}
	want = []string{"chan\t单", "dan\t单", "lv\t吕", "shan\t单"}
	if diff := cmp.Diff(want, body(t, filepath.Join(out, "readings.tsv"))); diff != "" {
		t.Error("readings (-want +got):", diff)
	}
}

func TestRunRefuses(t *testing.T) {
	for _, c := range []struct{ name, file, text string }{
		{"another property", "kZVariant.txt", "U+5024 値\tkSemanticVariant\tU+503C\n"},
		{"a broken code point", "kZVariant.txt", "U+5024 値\tkZVariant\t503C\n"},
		{"a word", "STCharacters.txt", "刘王\t劉\n"},
		{"a broken dictionary", "pinyin_dict.go", "\t0x5415: lv,\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := write(t, map[string]string{c.file: c.text})
			err := run(dir, dir, dir, "2026-01-02", t.TempDir())
			if err == nil || !strings.Contains(err.Error(), c.file+" line 1") {
				t.Errorf("error %v", err)
			}
		})
	}
}
