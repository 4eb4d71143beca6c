// Package trace is the written form of one judgement: everything a verdict rests on, so
// that package replay can recompute the verdict from it and nothing else.
//
// A trace is one line of JSON for each household:
//
//		{"trace":1,"verdict":{…},"members":[…],"values":[…],"facts":[…],"rules":[…],…,"seal":"…"}
//
//	  - verdict is the frame: the verdict without findings and outcome, which are
//	    recomputed, and without the values it cites, which stand under values.
//	  - values are the values of the law that anything in force rests on, as they apply to
//	    the household's residence and size, with their place in the pack.
//	  - rules are the rules of the law in order, each with its limit as a parameter and
//	    factors, the text of its condition, and what it was applied to.
//	  - seal is a digest of all before it. It finds damage; somebody who changes a trace
//	    on purpose can seal it again and is found out by the stored verdict.
//
// Like a verdict, a trace names nobody and masks the numbers of records. What a
// condition asks of a member, an age or whether an attribute holds, stands in it: it is
// to be kept as the verdict is.
//
// The same judgement gives the same bytes, and Parse reads no others.
package trace
