package identity

// LoadUnchecked loads a policy without asking whether its tiers keep their
// contract, to plant what Load would refuse.
func LoadUnchecked(content []byte) *Policy {
	f, tree, err := parse("planted.yaml", content)
	if err != nil {
		panic(err)
	}
	c := checker{file: "planted.yaml", tree: tree}
	p := c.compile(f)
	if len(c.errs) > 0 {
		panic(c.errs[0])
	}
	return p
}

// DefaultPolicy is the text of the policy that comes with the program.
func DefaultPolicy() string { return string(defaultPolicy) }

// The sizes of the closed lists.
const (
	Fields  = int(fieldCount)
	Levels  = int(levelCount)
	Whys    = int(reasonCount)
	Tiers   = int(tierCount)
	AllUses = int(useCount)
)
