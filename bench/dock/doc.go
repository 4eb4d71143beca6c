// Package dock tries two nodes that dock, from outside: two processes of hedui serve, a city
// and the province above it, with certificates on both sides. It has tests only.
package dock
