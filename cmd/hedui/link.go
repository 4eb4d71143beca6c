package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hedui/hedui/engine/form"
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
	"github.com/hedui/hedui/engine/match/identity"
	"github.com/hedui/hedui/engine/match/names"
)

type linkOptions struct {
	policy         string
	reveal, asJSON bool
}

// newMatchLinkCommand explains one link by the identity policy.
func newMatchLinkCommand(a *app) *cobra.Command {
	var o linkOptions
	cmd := &cobra.Command{
		Use:   "link PERSON RECORD",
		Short: "Say how a record would be linked to a person, and why",
		Long: `link judges one record against one declared person by the identity policy, without
any data directory: tier, use, the bits of every field with their sum, and the reasons.
Nobody else is known, so what needs a population register to be sure of stays unsure.

PERSON and RECORD are JSON objects: a file, - for standard input, or the object itself
in quotes. Fields, all optional: name, id_number, id_type (resident_id when left out),
birth_date, sex, division, country; of the person also former_names and former_numbers,
lists as the register has them.

Names and numbers are masked unless --reveal is given; nothing is looked up, so
nothing is logged.
` + exitStatuses,
		Example: `  hedui match link person.json record.json
  hedui match link '{"name":"王秀英","id_number":"11010519491231002X"}' '{"name":"王秀瑛","id_number":"110105491231002"}'
  hedui match link person.json - --policy mine.yaml --json <record.json`,
		Args: exactArgs(2, "a person and a record"),
		RunE: func(_ *cobra.Command, args []string) error { return runMatchLink(a, o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.policy, "policy", "", "policy `file` (default the shipped one)")
	f.BoolVar(&o.reveal, "reveal", false, "show names and numbers in full")
	f.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return cmd
}

// linkSide is one of the two that are compared, as it is given.
type linkSide struct {
	Name          string   `json:"name"`
	IDNumber      string   `json:"id_number"`
	IDType        string   `json:"id_type"`
	BirthDate     string   `json:"birth_date"`
	Sex           string   `json:"sex"`
	Division      string   `json:"division"`
	Country       string   `json:"country"`
	FormerNames   []string `json:"former_names"`
	FormerNumbers []string `json:"former_numbers"`

	document match.Document
	number   string // normalised
	birth    household.Date
	sex      uint8
}

func runMatchLink(a *app, o linkOptions, args []string) error {
	if args[0] == "-" && args[1] == "-" {
		return wrongUsage("give one of them as a file or in quotes", "standard input holds one object, not two")
	}
	person, err := readLinkSide(a, "person", args[0])
	if err != nil {
		return err
	}
	record, err := readLinkSide(a, "record", args[1])
	if err != nil {
		return err
	}
	if len(record.FormerNames)+len(record.FormerNumbers) > 0 {
		return wrongUsage("former names and numbers are the person's, as the register has them", "the record has former names or numbers")
	}
	policy, err := linkPolicy(o.policy)
	if err != nil {
		return err
	}
	table, err := names.Embedded()
	if err != nil {
		return err
	}
	s, r := person.subject(table), record.record(table)
	link, err := policy.Judge(&s, &r, nil)
	if err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(a.stdout, newLinkReport(policy, &link))
	}
	var page bytes.Buffer
	words := [...]string{"person", "record", "policy"}
	language := identity.English
	if a.language == chinese {
		words = [...]string{"申报人", "记录", "策略"}
		language = identity.Chinese
	}
	w := newTable()
	w.AppendRow([]any{words[0], person.show(o.reveal)})
	w.AppendRow([]any{words[1], record.show(o.reveal)})
	w.AppendRow([]any{words[2], fmt.Sprintf("%s %d", policy.Name, policy.Version)})
	fmt.Fprintf(&page, "%s\n\n%s\n", w.Render(), identity.Words{}.Tier(link.Tier.String(), a.language))
	if err := link.Write(&page, language); err != nil {
		return err
	}
	_, err = a.stdout.Write(page.Bytes())
	return err
}

// linkPolicy is the policy of a file, or the shipped one.
func linkPolicy(path string) (*identity.Policy, error) {
	if path == "" {
		return identity.Default()
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return identity.Load(filepath.Base(path), content)
}

// readLinkSide reads one object. An error names fields, never what stands in them.
func readLinkSide(a *app, what, arg string) (*linkSide, error) {
	var text []byte
	var err error
	switch {
	case strings.HasPrefix(strings.TrimSpace(arg), "{"):
		text = []byte(arg)
	case arg == "-":
		text, err = io.ReadAll(a.stdin)
	default:
		text, err = os.ReadFile(arg)
	}
	if err != nil {
		return nil, err
	}
	s := &linkSide{}
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, withHint(fmt.Errorf("the %s is not an object of the known fields: %w", what, readable(err)),
			"fields are name, id_number, id_type, birth_date, sex, division, country, former_names, former_numbers")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the %s is followed by something else: give one JSON object", what)
	}
	if field := s.parse(); field != "" {
		return nil, withHint(fmt.Errorf("the %s's %s can't be read", what, field), "a date is written 1949-12-31, sex "+form.CodeNames(household.Sexes)+"; id_type is one of "+form.CodeNames(household.DocumentTypes))
	}
	return s, nil
}

// readable leaves out of an error of decoding what may quote a value.
func readable(err error) error {
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return errors.New("a value of the wrong type")
	}
	return err
}

// parse reads the values and returns the field that can't be read, or "".
func (s *linkSide) parse() string {
	t, ok := household.ResidentID, true
	if s.IDType != "" {
		var v uint8
		v, ok = household.DocumentTypes.Find(s.IDType)
		t = household.DocumentType(v)
	}
	if !ok {
		return "id_type"
	}
	s.document, s.number = readDocument(t, s.IDNumber)
	if s.BirthDate != "" {
		if s.birth, ok = household.ParseDate([]byte(s.BirthDate)); !ok {
			return "birth_date"
		}
	}
	if s.Sex != "" {
		if s.sex, ok = household.Sexes.Find(s.Sex); !ok {
			return "sex"
		}
	}
	s.Division, s.Country = match.NormalNumber([]byte(s.Division)), match.NormalNumber([]byte(s.Country))
	return ""
}

// readDocument is a document with its number as the comparison wants it.
func readDocument(t household.DocumentType, number string) (match.Document, string) {
	d := match.ParseDocument(t, []byte(number))
	if d.Valid && t == household.ResidentID {
		return d, match.ResidentText(d.Key.Num)
	}
	return d, d.Key.Text
}

func (s *linkSide) subject(table *names.Table) identity.Subject {
	x := identity.Subject{
		Document: s.document, Number: s.number, Country: s.Country, Name: name(table, s.Name), Birth: s.birth, Sex: s.sex,
	}
	if s.document.Birth != 0 {
		x.Birth, x.Sex = s.document.Birth, s.document.Sex
	}
	codes := []string{s.Division}
	if s.document.Valid && s.document.Type == household.ResidentID {
		codes = append(codes, s.number)
	}
	for _, code := range codes {
		if len(code) >= 6 && !slices.Contains(x.Counties, code[:6]) {
			x.Counties = append(x.Counties, code[:6])
		}
	}
	for _, n := range s.FormerNames {
		x.FormerNames = append(x.FormerNames, name(table, n))
	}
	for _, n := range s.FormerNumbers {
		t := household.ResidentID
		if code, number, typed := strings.Cut(n, ":"); typed {
			if v, ok := household.DocumentTypes.Find(code); ok {
				t, n = household.DocumentType(v), number
			}
		}
		if d, _ := readDocument(t, n); d.Given {
			x.FormerKeys = append(x.FormerKeys, d.Key)
		}
	}
	return x
}

func (s *linkSide) record(table *names.Table) identity.Record {
	return identity.Record{
		Document: s.document, Number: s.number, Country: s.Country, Name: name(table, s.Name), Birth: s.birth, Sex: s.sex, Division: s.Division,
	}
}

func name(table *names.Table, written string) names.Name {
	return table.Name(string(match.NormalName([]byte(written))))
}

// show is who is compared, masked unless it was asked for.
func (s *linkSide) show(reveal bool) string {
	shown, number := household.Name(s.Name).String(), household.IDNumber(s.IDNumber).String()
	if reveal {
		shown, number = s.Name, s.IDNumber
	}
	return strings.TrimSpace(shown + "  " + number)
}

// linkReport is what hedui match link --json prints.
type linkReport struct {
	Policy    string     `json:"policy"`
	Version   int        `json:"version"`
	Tier      string     `json:"tier"`
	Use       string     `json:"use"`
	Millibits int64      `json:"millibits"`
	Parts     []linkPart `json:"parts"`
	Reasons   []string   `json:"reasons"`
}

type linkPart struct {
	Field     string `json:"field"`
	Level     string `json:"level"`
	Millibits int64  `json:"millibits"`
}

func newLinkReport(p *identity.Policy, l *identity.Link) linkReport {
	r := linkReport{Policy: p.Name, Version: p.Version, Tier: l.Tier.String(), Use: l.Use.String(), Millibits: int64(l.Total), Reasons: []string{}}
	for _, part := range l.Parts() {
		r.Parts = append(r.Parts, linkPart{part.Field.String(), part.Level.Code(), int64(part.Bits)})
	}
	for reason := range l.Reasons.All() {
		r.Reasons = append(r.Reasons, reason.Code())
	}
	return r
}
