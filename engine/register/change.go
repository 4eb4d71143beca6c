package register

// The queue of changes, and the state of what nobody has looked at yet.
const (
	Changes = "changes"
	Open    = "open"
)

// Change is the body of a task of the queue: what a verdict says otherwise than the one
// before. It holds codes and numbers and nothing personal.
type Change struct {
	Scheme     string   `json:"scheme"`
	Run        string   `json:"run"`
	Generation string   `json:"generation"`
	Before     string   `json:"before"` // outcomes
	After      string   `json:"after"`
	Reasons    []string `json:"reasons"` // why it was checked again
	Sources    []string `json:"sources"` // whose records make the difference
	Added      []string `json:"added,omitempty"`
	Removed    []string `json:"removed,omitempty"` // findings, by code
}
