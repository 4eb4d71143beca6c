// Package durable does the file operations whose order decides what a power cut
// leaves behind: write, sync, rename, sync the directory.
//
// Main type: Disk. Everything in a store that must survive goes through one, so
// that a test can count the steps, fail any of them, kill the process before any of
// them, or switch syncing off and see that its power-cut check notices.
//
// Invariants:
//   - A file appears under its final name only after its content is synced.
//   - A step whose sync fails is an error; nothing is retried and assumed.
//
// What it does not do: write large files (write them, then SyncFile or SyncTree
// and Rename), lock, or repair.
package durable
