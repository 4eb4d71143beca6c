// Package crash holds the tests that take the machine away in the middle: the
// process is killed at random moments of ingest, publish and verify, and the
// power is cut under a file system of its own.
//
// It exports nothing. The kill test runs the real program and is part of every
// test run with a small count; -kills raises it. The power-cut test needs root
// and loop devices, so it only runs when -powercuts says how often; it then fails
// loudly where it cannot run. Its self-check must lose data with syncing off.
package crash
