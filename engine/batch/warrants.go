package batch

import "github.com/hedui/hedui/engine"

// warranted is what the register said of one line to one judge, and why it could not.
type warranted struct {
	warrant engine.Warrant
	err     error
}

// register is the register of authorisations of one judge as one goroutine asks it. A line
// may be prepared twice, and whom it may look at is what the members were read for: the
// register is asked the first time, and its answer given again the second. Between the two
// an authorisation may have been withdrawn, or registered.
type register struct {
	ask    engine.Warrants // nil: the answers are there
	answer *warranted      // of the line and the judge
}

// Warrant implements engine.Warrants.
func (r *register) Warrant(q engine.Asked) (engine.Warrant, error) {
	if r.ask != nil {
		r.answer.warrant, r.answer.err = r.ask.Warrant(q)
	}
	return r.answer.warrant, r.answer.err
}

// registered gives the workers of a reader the register of their verifiers, if they have
// one. asks says that this reader is the first to prepare a line.
func (d *reader) registered(judges []Judge, asks bool) {
	for j := range judges {
		by := judges[j].Verifier.Warrants()
		if by == nil {
			continue
		}
		if d.registers == nil {
			d.registers = make([]*register, len(judges))
		}
		d.registers[j] = &register{}
		if asks {
			d.registers[j].ask = by
		}
		d.judges[j].Warrant(d.registers[j])
	}
}

// at points the registers to the answers of a line.
func (d *reader) at(c *chunk, i int) {
	for j, r := range d.registers {
		if r != nil {
			r.answer = &c.warrants[i*len(d.judges)+j]
		}
	}
}
