package profile

import (
	"github.com/hedui/hedui/engine/household"
	"github.com/hedui/hedui/engine/match"
)

// Origin says where a record came from and how its owner was written there.
type Origin struct {
	Snapshot int   // ordinal of the snapshot in the generation's manifest
	File     int   // ordinal of the file in the snapshot, from 1
	Row      int64 // data row of the file, from 1
	Owner    int   // index into Profile.Owners, −1 for a record that says nothing of its owner
	Form     match.Form
}

// Tax is one line of income.
type Tax struct {
	Origin
	Period       household.Period
	IncomeType   uint8
	Income       household.Fen
	OwnInsurance household.Fen
	Tax          household.Fen
	Record       string // record number, masked
}

// Net is what the line counts: income less own insurance and tax, not below 0.
func (t *Tax) Net() household.Fen { return max(0, t.Income-t.OwnInsurance-t.Tax) }

// Vehicle is one registered vehicle. VIN and Plate are normalised.
type Vehicle struct {
	Origin
	VIN, Plate         string
	Class, Status, Use uint8
	RegisteredOn       household.Date
	InspectionDue      household.Date
	Value              household.Fen
}

// Property is a right to one unit. UnitCode and CertificateNo are normalised.
type Property struct {
	Origin
	UnitCode, CertificateNo string
	Kind, Status            uint8
	Share                   household.Share
	Area                    int64 // cm²
	RegisteredOn            household.Date
	Value                   household.Fen
}

// Unit is the key of the unit: its code, else the certificate number.
func (p *Property) Unit() string {
	if p.UnitCode != "" {
		return p.UnitCode
	}
	return p.CertificateNo
}

// Bank is one balance. Institution and AccountNo are normalised.
type Bank struct {
	Origin
	Institution, AccountNo string
	Kind                   uint8
	Balance                household.Fen
	BalanceOn              household.Date
	AverageBalance         household.Fen
	Share                  household.Share
	Purpose                uint8
}

// Insurance is one month of one scheme.
type Insurance struct {
	Origin
	Scheme, Role uint8
	Month        household.Month
	Identity     uint8
	Base         household.Fen
	Benefit      household.Fen
	Record       string // record number, masked
}

// Mark says that a row of this person was quarantined in a snapshot, so what
// the source holds of the person is incomplete.
type Mark struct {
	Source   household.Source
	Snapshot int
}

// Profile is the decoded entry of one person. Its strings are views into the
// bytes it was decoded from and hold as long as those do. A Profile is reused by
// decoding into it again.
type Profile struct {
	Digest    uint64
	Owners    []Owner // those the records describe, in the order of their first record
	Marks     []Mark
	Tax       []Tax
	Vehicle   []Vehicle
	Property  []Property
	Bank      []Bank
	Insurance []Insurance
	Register  []Registration

	frame frame // memory of Decode
}

// Reset empties the profile and keeps its memory. An empty profile is the
// profile of a person about whom nothing is held.
func (p *Profile) Reset() {
	p.Digest = 0
	p.Owners, p.Marks = p.Owners[:0], p.Marks[:0]
	p.Tax, p.Vehicle, p.Property = p.Tax[:0], p.Vehicle[:0], p.Property[:0]
	p.Bank, p.Insurance, p.Register = p.Bank[:0], p.Insurance[:0], p.Register[:0]
}
