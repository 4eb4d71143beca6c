package front

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/hedui/hedui/engine/access"
	"github.com/hedui/hedui/engine/household"
)

// fenKey and bandKey end the keys of an amount of a verdict and of the band it lies in.
const (
	fenKey  = "_fen"
	bandKey = "_band"
)

// shownVerdict is a verdict as the masks show it: the verdict itself where amounts are
// shown in full; otherwise every key that ends in _fen ends in _band, and what stands
// under it is the band each amount lies in, in Chinese. Nothing else is changed, the order
// of keys least of all.
func shownVerdict(verdict []byte, m access.Masks) (json.RawMessage, error) {
	if m[access.FieldAmount] == access.Full {
		return verdict, nil
	}
	b := bander{in: json.NewDecoder(bytes.NewReader(verdict)), masks: m}
	b.in.UseNumber()
	if err := b.value(false); err != nil {
		return nil, errors.Join(errors.New("internal: a verdict of the ledger is no JSON"), err)
	}
	return b.out.Bytes(), nil
}

type bander struct {
	in    *json.Decoder
	out   bytes.Buffer
	masks access.Masks
}

// value copies one value; amount says that the numbers in it are fen.
func (b *bander) value(amount bool) error {
	t, err := b.in.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		return b.inside(t, amount)
	case json.Number:
		if !amount {
			b.out.WriteString(t.String())
			return nil
		}
		n, err := strconv.ParseInt(t.String(), 10, 64)
		if err != nil {
			return err
		}
		shown := b.masks.Amount(household.Fen(n))
		if shown.Mask == access.Hidden {
			b.out.WriteString("null")
			return nil
		}
		return b.text(shown.Band.Text().Zh)
	case string:
		return b.text(t)
	case bool:
		b.out.WriteString(strconv.FormatBool(t))
	default:
		b.out.WriteString("null")
	}
	return nil
}

func (b *bander) inside(open json.Delim, amount bool) error {
	b.out.WriteString(open.String())
	for n := 0; b.in.More(); n++ {
		if n > 0 {
			b.out.WriteByte(',')
		}
		of := amount
		if open == '{' {
			t, err := b.in.Token()
			if err != nil {
				return err
			}
			key, _ := t.(string)
			if short, is := strings.CutSuffix(key, fenKey); is {
				key, of = short+bandKey, true
			}
			if err := b.text(key); err != nil {
				return err
			}
			b.out.WriteByte(':')
		}
		if err := b.value(of); err != nil {
			return err
		}
	}
	end, err := b.in.Token()
	if d, is := end.(json.Delim); is {
		b.out.WriteString(d.String())
	}
	return err
}

// text writes a string as encoding/json does without escaping for HTML, as verdicts are.
func (b *bander) text(s string) error {
	e := json.NewEncoder(&b.out)
	e.SetEscapeHTML(false)
	err := e.Encode(s)
	b.out.Truncate(b.out.Len() - 1) // the new line that an encoder adds
	return err
}
