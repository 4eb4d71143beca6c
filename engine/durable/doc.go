// Package durable does the file operations whose order decides what a power cut
// leaves behind: write, sync, rename, sync the directory.
//
// Main types: Disk does the steps, Lock keeps other processes out, and FreeBytes tells
// what may still be written, and Usable whether a data directory is whole. Everything in a store that must survive goes through one, so
// that a test can count the steps, fail any of them, kill the process before any of
// them, or switch syncing off and see that its power-cut check notices.
//
// Invariants:
//   - A file appears under its final name only after its content is synced.
//   - A lock ends with the process that holds it, however that ends.
//   - A step whose sync fails is an error; nothing is retried and assumed.
//
// What it does not do: write large files (write them, then SyncFile or SyncTree
// and Rename), or repair.
package durable
