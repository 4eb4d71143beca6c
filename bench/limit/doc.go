// Command limit measures the engine inside one process, beside the least that any
// store could cost: the same entries in one sorted, mapped array, read without
// checksums, without proof of absence and without a copy. Both are then decoded,
// compared by name and judged by the same code, so what differs is the store alone.
//
//	go run ./bench/limit -data store -batch province/batch.jsonl
//
// Three things are measured, with requests that were read beforehand: a batch over the
// generation, the same batch over the array, and one household at a time, picked from
// the batch by a fixed seed. Nothing is written. Every count of households, findings
// and evidence of the batch over the array has to equal that over the generation, else
// the command fails.
package main
