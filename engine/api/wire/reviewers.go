package wire

// Planting is a case of a household that there is not, known to be false, by which it is
// seen whether whoever reviews it looks.
type Planting struct {
	Household     string          `json:"household" maxLength:"64" pattern:"^[^\\s/]+$" doc:"A number that nobody has, of the series of the place" example:"340104-990001"`
	Authorization string          `json:"authorization" maxLength:"64" pattern:"^[^\\s/]+$" doc:"A number that nobody has" example:"SQ340104-990001"`
	Division      string          `json:"division" pattern:"^[0-9]{2,12}$" example:"340104"`
	Scheme        string          `json:"scheme" maxLength:"64" pattern:"^[a-z0-9_]+$" example:"dibao"`
	On            string          `json:"on" format:"date" doc:"Day of the check that there would have been" example:"2026-11-01"`
	Outcome       string          `json:"outcome" enum:"suspected_ineligible,needs_review" example:"suspected_ineligible"`
	Records       []PlantedRecord `json:"records" minItems:"1" maxItems:"64"`
	Reason        string          `json:"reason" maxLength:"500" example:"质量抽查"`
}

// PlantedRecord is a record of nobody that such a case rests on.
type PlantedRecord struct {
	Source string         `json:"source" enum:"tax,vehicle,property,bank,insurance" example:"bank"`
	Row    int64          `json:"row" minimum:"1" doc:"Where it would lie in the newest delivery" example:"1234"`
	Amount int64          `json:"amount_fen" minimum:"0" example:"8800000"`
	Limit  int64          `json:"limit_fen,omitempty" minimum:"0" example:"3000000"`
	Rule   string         `json:"rule" maxLength:"64" pattern:"^[a-z0-9_]+$" doc:"Code of the finding" example:"financial_assets_over_limit"`
	Law    string         `json:"law" maxLength:"500" example:"第五条"`
	Fields []PlantedField `json:"fields" minItems:"1" maxItems:"32" doc:"What whoever opens it sees, masked as any other's"`
}

// PlantedField is a field of such a record: a text or an amount.
type PlantedField struct {
	Name   string `json:"name" maxLength:"64" pattern:"^[a-z_]+$" example:"balance"`
	Value  Secret `json:"value,omitempty" maxLength:"200" example:""`
	Amount *int64 `json:"amount_fen,omitempty" minimum:"0" example:"8800000"`
}

// Planted names a planted case.
type Planted struct {
	Case string `json:"case" example:"c-000001"`
}

// ReviewerReports says of reviewers how well they look.
type ReviewerReports struct {
	Division  string           `json:"division" example:"340104"`
	Reviewers []ReviewerReport `json:"reviewers"`
}

// ReviewerReport says of one how well they look.
type ReviewerReport struct {
	Person        string    `json:"person" doc:"Personnel number" example:"P0123"`
	Found         Frequency `json:"found" doc:"Of the planted cases, those that were not confirmed"`
	Quick         Frequency `json:"quick" doc:"Of all answers, those quicker than the evidence can be read"`
	Agreed        Frequency `json:"agreed" doc:"Of the answers to real cases, those that say what the engine said"`
	MedianSeconds int64     `json:"median_seconds" doc:"Half of the answers took at least so long" example:"210"`
	Flags         []string  `json:"flags" doc:"misses_known_false, too_quick, always_agrees" example:"[\"too_quick\"]"`
}

// Frequency is how often something was seen, and in thousandths between what the true share
// lies, at 95 %, by the Wilson score interval.
type Frequency struct {
	Count int `json:"count" example:"9"`
	Of    int `json:"of" example:"10"`
	Low   int `json:"low_thousandths" minimum:"0" maximum:"1000" example:"596"`
	High  int `json:"high_thousandths" minimum:"0" maximum:"1000" example:"982"`
}
