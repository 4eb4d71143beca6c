package household

// Record is one row of a department's file after parsing. Text fields are
// borrowed from the reader that filled the record and hold until its next call.
// Only the part of the record's own source is set.
type Record struct {
	Row  int64 // data row of its file, from 1
	Line int64 // physical line the row starts on, from 1; 0 where files have no lines

	IDType    DocumentType
	IDNumber  []byte // as written
	Name      []byte // as written
	Country   []byte
	BirthDate Date
	Sex       uint8
	Division  []byte

	Tax       TaxRecord
	Vehicle   VehicleRecord
	Property  PropertyRecord
	Bank      BankRecord
	Insurance InsuranceRecord
	Register  RegisterRecord
}

// RegisterRecord is what the population register says of a person besides number,
// name, birth date, sex and division.
type RegisterRecord struct {
	FormerNames   []byte // as written, separated by semicolons
	FormerNumbers []byte // as written, separated by semicolons; type:number for another document
	DeceasedOn    Date
	HouseholdNo   []byte
}

// TaxRecord is one line of withheld or declared income.
type TaxRecord struct {
	RecordNo     []byte
	Period       Period
	IncomeType   uint8 // IncomeTypes
	Income       Fen
	OwnInsurance Fen
	Tax          Fen
	PayerName    []byte
	PayerCode    []byte
}

// VehicleRecord is one registered vehicle.
type VehicleRecord struct {
	VIN           []byte
	Plate         []byte
	Class         uint8 // VehicleClasses
	Status        uint8 // VehicleStatuses
	Use           uint8 // VehicleUses
	RegisteredOn  Date
	InspectionDue Date
	Value         Fen
}

// PropertyRecord is one person's right to a unit of property.
type PropertyRecord struct {
	UnitCode      []byte
	CertificateNo []byte
	Kind          uint8 // PropertyKinds
	Status        uint8 // PropertyStatuses
	Share         Share
	Area          int64 // cm²
	Address       []byte
	RegisteredOn  Date
	Value         Fen
}

// BankRecord is the balance of one account on one day.
type BankRecord struct {
	Institution    []byte
	AccountNo      []byte
	Kind           uint8 // AccountKinds
	Balance        Fen
	BalanceOn      Date
	AverageBalance Fen
	Share          Share
	Purpose        uint8 // BalancePurposes
}

// InsuranceRecord is one month of contribution or benefit of one scheme.
type InsuranceRecord struct {
	RecordNo     []byte
	Scheme       uint8 // InsuranceSchemes
	Role         uint8 // InsuranceRoles
	Month        Month
	Identity     uint8 // InsuranceIdentities
	Base         Fen
	Benefit      Fen
	EmployerName []byte
	EmployerCode []byte
}
