package keyring_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"github.com/hedui/hedui/engine/keyring"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestStandardVectors holds the suites against examples of the standards.
func TestStandardVectors(t *testing.T) {
	for _, c := range []struct {
		name, suite, key, nonce, plain, head, want string
	}{
		{
			"AES-256-GCM, test case 14 of the GCM specification", keyring.AES,
			"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
			"00000000000000000000000000000000", "",
			"cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
		},
		{
			"SM4-GCM, RFC 8998 A.1", keyring.SM,
			"0123456789abcdeffedcba9876543210", "00001234567800000000abcd",
			"aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
			"feedfacedeadbeeffeedfacedeadbeefabaddad2",
			"17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := keyring.ProviderOf(c.suite)
			if err != nil {
				t.Fatal(err)
			}
			aead, err := p.AEAD(unhex(t, c.key))
			if err != nil {
				t.Fatal(err)
			}
			got := aead.Seal(nil, unhex(t, c.nonce), unhex(t, c.plain), unhex(t, c.head))
			if want := unhex(t, c.want); !bytes.Equal(got, want) {
				t.Fatalf("got %x, want %x", got, want)
			}
		})
	}
	t.Run("SM3, GB/T 32905 A.1", func(t *testing.T) {
		if got := sm3.Sum([]byte("abc")); hex.EncodeToString(got[:]) != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" {
			t.Fatalf("got %x", got)
		}
	})
	for _, suite := range keyring.Suites() {
		p, err := keyring.ProviderOf(suite)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(suite+" HMAC-SM3, GM/T 0042 D.3", func(t *testing.T) {
			key := unhex(t, "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")
			text := []byte("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopqabcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
			if got := p.HMAC(key, text); hex.EncodeToString(got) != "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a" {
				t.Fatalf("got %x", got)
			}
		})
		t.Run(suite+" SM2, GB/T 32918.5 A.2", func(t *testing.T) {
			public := unhex(t, "04"+"09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"+
				"ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13")
			private := unhex(t, "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
			r, _ := new(big.Int).SetString("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3", 16)
			s, _ := new(big.Int).SetString("b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa", 16)
			sig, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Verify(public, []byte("message digest"), sig); err != nil {
				t.Fatal(err)
			}
			if p.Verify(public, []byte("message digesT"), sig) == nil {
				t.Fatal("another text passes")
			}
			own, err := p.Sign(private, []byte("message digest"))
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Verify(public, []byte("message digest"), own); err != nil {
				t.Fatal(err)
			}
		})
	}
}
