#!/bin/sh
# The main job from files to explained verdicts, on a province that does not exist.
#
#   sh bench/demo.sh HEDUI DIR
#
# HEDUI is the built program; DIR is removed and made again. Every command is shown
# as you would type it.
set -eu

hedui=$1
dir=$2
people=100000
as_of=2026-10-31
covers=2025-01..2026-10
on=2026-11-01

rm -rf "$dir"
mkdir -p "$dir"

# run shows a command and runs it. Status 3 (done, but rows were quarantined or
# requests refused) is what bad rows on purpose and forged requests must give.
run() {
	printf '\n$ hedui'
	printf ' %s' "$@"
	printf '\n'
	status=0
	"$hedui" "$@" || status=$?
	if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
		exit "$status"
	fi
}

# Five departments: the bank sends GB18030, the vehicle office XLSX, and five rows in
# 10,000 are bad on purpose.
# Most households of the batch are planted cases, so that every finding occurs.
run gen --people "$people" --seed 1 --out "$dir/province" --dirty 5 \
	--format bank=csv.gb18030 --format vehicle=xlsx --purposes dibao_edge,housing

store=$dir/store
run ingest --data "$store" --source tax --as-of "$as_of" --covers "$covers" "$dir/province/tax.csv"
run ingest --data "$store" --source vehicle --as-of "$as_of" "$dir/province/vehicle.xlsx"
run ingest --data "$store" --source property --as-of "$as_of" "$dir/province/property.csv"
run ingest --data "$store" --source bank --as-of "$as_of" "$dir/province/bank.csv"
run ingest --data "$store" --source insurance --as-of "$as_of" --covers "$covers" "$dir/province/insurance.csv"
run publish --data "$store"
run snapshots list --data "$store"

run verify --data "$store" --rules reference --on "$on" --out "$dir/verdicts.jsonl" "$dir/province/batch.jsonl"

# One household explained: the first in the batch with a car that nobody declared.
line=$(grep -n '"code":"vehicle_owned".*"code":"undeclared_vehicle"' "$dir/verdicts.jsonl" | sed -n '1s/:.*//p')
sed -n "${line}p" "$dir/province/batch.jsonl" >"$dir/household.json"
run check --data "$store" --rules reference --on "$on" "$dir/household.json"

# The same evidence by the law of three schemes, as far as it is known here.
run verify --data "$store" --scheme dibao,dibao_edge,housing --on "$on" --out "$dir/schemes.jsonl" "$dir/province/batch.jsonl"

run audit verify --data "$store"
printf '\nEverything is in %s: the files in province, the verdicts in verdicts.jsonl.\n' "$dir"
