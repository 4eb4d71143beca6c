package wire

// DockQuestion is what a node below asks: what is held of some people, of which sources,
// on what warrant.
type DockQuestion struct {
	Nonce         string   `json:"nonce" pattern:"^[0-9a-f]{32}$" doc:"Made up for this question; the answer repeats it" example:"9f86d081884c7d659a2feaa0c55ad015"`
	Node          string   `json:"node" minLength:"1" maxLength:"128" doc:"Who is asked, by the name that the asker knows" example:"省核对中心"`
	Generation    string   `json:"generation" pattern:"^[0-9a-f]{32}$" doc:"That the catalogue named" example:"bca1be3af2679f6d3bd3754da5026d54"`
	Household     string   `json:"household" minLength:"1" maxLength:"64" example:"340104-000123"`
	Authorization string   `json:"authorization" minLength:"1" maxLength:"64" example:"SQ340104-000123"`
	Division      string   `json:"division" pattern:"^[0-9]{2,12}$" doc:"That the authorisation is registered in" example:"340104"`
	Scheme        string   `json:"scheme" minLength:"1" maxLength:"64" example:"dibao"`
	On            string   `json:"on" format:"date" doc:"Day of the check" example:"2026-11-01"`
	Sources       []string `json:"sources" minItems:"1" maxItems:"5" example:"[\"bank\"]"`
	Persons       [][]byte `json:"persons" minItems:"1" maxItems:"64" doc:"Keys of the people, in base64" example:"[\"AAAAAAAAAAE=\"]"`
	Paper         []byte   `json:"paper,omitempty" maxLength:"65536" doc:"The authorisation itself, as a ledger stores it, when this node does not have it" example:"AQ=="`
}

// DockSigned is an answer to a node below, byte for byte, and the signature over it.
type DockSigned struct {
	Body      []byte `json:"body" doc:"What is signed, in base64: JSON" example:"e30="`
	Key       string `json:"key" doc:"Number of the key" example:"437c4d3dd3dbf92637bfe3a3188aa995"`
	Signature string `json:"signature" doc:"SM2 in ASN.1, hexadecimal" example:"3045"`
}
