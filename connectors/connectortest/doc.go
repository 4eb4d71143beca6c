// Package connectortest is the contract suite of the connectors: what every
// department must show, whatever its columns. Run takes a department and one good
// row of it and makes everything else from them: the row in every physical
// format, every fault a column can have, every order of the columns.
//
// The writers are exported because other packages' tests need department files
// too. They are for tests: they hold a whole file in memory.
package connectortest
