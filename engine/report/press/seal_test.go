package press_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hedui/hedui/engine/audit"
	"github.com/hedui/hedui/engine/report"
	"github.com/hedui/hedui/engine/report/press"
)

func keys(t testing.TB) (*audit.PrivateKey, []press.Verifier) {
	t.Helper()
	private, public, err := audit.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := audit.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := audit.ParsePublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return key, []press.Verifier{verifier}
}

func document() *report.Document {
	return &report.Document{
		Lang: "zh", Head: report.Head{Title: "核对报告", Number: "HD340104-20261101-AAAAA-BBBBB", Household: "340104-000123", Scheme: "最低生活保障", On: "2026-11-01", Recipient: "申请人本人"},
		Outcome: report.Outcome{Code: "needs_review", Title: "需核实"},
		Members: []report.Member{{Number: 1, Name: "𠮷䶮", Document: "3***2X", Counted: true}, {Number: 2, Name: "阿依古丽·买买提", Document: "3***1X", Counted: true}},
		Basis:   report.Basis{Generation: strings.Repeat("ab", 16), Digest: strings.Repeat("cd", 16)},
	}
}

// files are a sealed file of every form that needs no browser, and of PDF a page that looks
// like one.
func files(t testing.TB, s press.Signer) map[press.Form][]byte {
	t.Helper()
	p := &press.Press{Signer: s}
	out := map[press.Form][]byte{}
	for _, form := range []press.Form{press.HTML, press.XLSX} {
		file, err := p.Print(context.Background(), document(), form)
		if err != nil {
			t.Fatal(err)
		}
		out[form] = file
	}
	pdf, err := press.Seal([]byte("%PDF-1.7\nwords\n%%EOF"), press.PDF, "HD1", "ABCDE", s)
	if err != nil {
		t.Fatal(err)
	}
	out[press.PDF] = pdf
	return out
}

func TestSeal(t *testing.T) {
	key, public := keys(t)
	_, others := keys(t)
	for form, file := range files(t, key) {
		f, err := press.Verify(file, public)
		if err != nil || f.Form != form || f.Key != public[0].ID() || form != press.PDF && f.Code != document().Code() {
			t.Errorf("%s: %+v, %v", form, f, err)
		}
		if _, err := press.Verify(file, others); !errors.Is(err, press.ErrKey) {
			t.Errorf("%s by a key that was not given: %v", form, err)
		}
	}
	for form, file := range files(t, nil) {
		if f, err := press.Verify(file, public); !errors.Is(err, press.ErrUnsigned) || f.Number == "" {
			t.Errorf("%s without a key: %+v, %v", form, f, err)
		}
	}
	for _, file := range [][]byte{nil, []byte("x"), []byte("<p>no seal</p>"), []byte("hedui-seal 1 "), []byte("\n<!-- hedui-seal 1 a b c d e -->\n")} {
		if _, err := press.Verify(file, public); !errors.Is(err, press.ErrNoSeal) {
			t.Errorf("%q: %v", file, err)
		}
	}
	for _, number := range []string{"", "a b", "a--b", strings.Repeat("x", 65)} {
		if _, err := press.Seal([]byte("<p>"), press.HTML, number, "C", key); err == nil {
			t.Errorf("the number %q was sealed", number)
		}
	}
}

// The workbook is still an archive that others read, its seal the comment.
func TestSealedWorkbook(t *testing.T) {
	key, _ := keys(t)
	file := files(t, key)[press.XLSX]
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil || !strings.HasPrefix(z.Comment, "hedui-seal 1 HD340104") {
		t.Fatalf("%v", err)
	}
}

// No byte of a sealed file can be changed, added or left out.
func TestTamper(t *testing.T) {
	key, public := keys(t)
	random := rand.New(rand.NewPCG(1, 2))
	n := 0
	for form, file := range files(t, key) {
		places := map[int]bool{}
		for i := max(0, len(file)-600); i < len(file); i++ {
			places[i] = true
		}
		for range 600 {
			places[random.IntN(len(file))] = true
		}
		for i := range places {
			for _, changed := range [][]byte{
				append(append(bytes.Clone(file[:i]), file[i]^1), file[i+1:]...),
				append(bytes.Clone(file[:i]), file[i+1:]...),
				append(append(bytes.Clone(file[:i]), 'x'), file[i:]...),
				file[:i],
			} {
				n++
				if f, err := press.Verify(changed, public); err == nil {
					t.Fatalf("%s changed at %d of %d is good: %+v", form, i, len(file), f)
				}
			}
		}
		// The seal of another file of the same report.
		other, err := press.Seal([]byte("<p>other</p>"), form, "HD1", "ABCDE", key)
		if form != press.XLSX && err == nil {
			at := bytes.LastIndex(file, []byte("hedui-seal"))
			mixed := append(bytes.Clone(file[:at]), other[bytes.LastIndex(other, []byte("hedui-seal")):]...)
			if _, err := press.Verify(mixed, public); err == nil {
				t.Errorf("%s with the seal of another file is good", form)
			}
		}
	}
	if n < 5000 {
		t.Errorf("only %d changes were tried", n)
	}
	t.Logf("%d changes, none accepted", n)
}

// The last character of a signature has bits that say nothing. They can't be changed either,
// in a file or on a paper.
func TestUnusedBits(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	n := 0
	for range 4 { // signatures are of 70 to 72 bytes
		key, public := keys(t)
		file, err := press.Seal([]byte("<p>x</p>"), press.HTML, "HD1", "ABCDE", key)
		if err != nil {
			t.Fatal(err)
		}
		slip, err := (&press.Press{Signer: key}).SlipText(document())
		if err != nil {
			t.Fatal(err)
		}
		inFile := len(bytes.TrimRight(file, "= ->\n")) - 1
		onPaper := len(strings.TrimRight(slip, "=")) - 1
		for _, c := range []byte(alphabet) {
			changed := bytes.Clone(file)
			if changed[inFile] = c; !bytes.Equal(changed, file) {
				n++
				if _, err := press.Verify(changed, public); err == nil {
					t.Errorf("a file is good with %q for %q", c, file[inFile])
				}
			}
			text := slip[:onPaper] + string(c) + slip[onPaper+1:]
			if text != slip {
				if _, err := press.ReadSlip(text, public); err == nil {
					t.Errorf("a paper is good with %q for %q", c, slip[onPaper])
				}
			}
		}
	}
	if n < 4*63 {
		t.Errorf("only %d changes were tried", n)
	}
}

func TestSlip(t *testing.T) {
	key, public := keys(t)
	p := &press.Press{Signer: key}
	want := press.Slip{
		Number: "HD340104-20261101-AAAAA-BBBBB", Household: "340104-000123", Scheme: "最低生活保障", Outcome: "需核实", On: "2026-11-01",
		Code: document().Code(), Generation: strings.Repeat("ab", 8), Pack: strings.Repeat("cd", 8), Key: public[0].ID(),
	}
	text, err := p.SlipText(document())
	if err != nil {
		t.Fatal(err)
	}
	got, err := press.ReadSlip(text, public)
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for i := range text {
		for _, changed := range []string{text[:i] + string(text[i]^1) + text[i+1:], text[:i] + text[i+1:]} {
			if s, err := press.ReadSlip(changed, public); err == nil {
				t.Fatalf("changed at %d it says %+v", i, s)
			}
		}
	}
	if _, err := press.ReadSlip("HEDUI1|a", public); !errors.Is(err, press.ErrNoSlip) {
		t.Error(err)
	}
	// The signature of a file is none of a slip, nor the other way round.
	f, _ := press.Verify(files(t, key)[press.HTML], public)
	if f.Key == "" {
		t.Error("no key")
	}
}

func TestNoBrowser(t *testing.T) {
	if _, err := (&press.Press{}).Print(t.Context(), document(), press.PDF); !errors.Is(err, press.ErrNoBrowser) {
		t.Error(err)
	}
	if _, err := press.NewPool(press.PoolOptions{Browser: "/no/such/browser"}); !errors.Is(err, press.ErrNoBrowser) {
		t.Error(err)
	}
	if _, err := (&press.Press{}).Print(t.Context(), document(), "doc"); err == nil {
		t.Error("a form that there is not")
	}
}

func FuzzVerify(f *testing.F) {
	key, public := keys(f)
	for _, file := range files(f, key) {
		f.Add(file)
	}
	f.Add([]byte("\n<!-- hedui-seal 1 a b c d e -->\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		facts, err := press.Verify(file, public)
		if err == nil && (facts.Number == "" || facts.Key == "") {
			t.Errorf("%+v", facts)
		}
	})
}

func FuzzReadSlip(f *testing.F) {
	key, public := keys(f)
	text, err := (&press.Press{Signer: key}).SlipText(document())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("HEDUI1|a|b|c|d|e|f|g|h|-|-")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := press.ReadSlip(text, public); err == nil && s.Key == "" {
			t.Errorf("%+v", s)
		}
	})
}
