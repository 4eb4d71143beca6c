#!/bin/sh
# Splink (DuckDB) beside hedui match eval, on the same generated files, with the same
# comparisons and blocking rules, in interleaved rounds.
#
#   sh bench/splink.sh WORKDIR PAGE.md [ROUNDS]
#
# WORKDIR keeps a Python environment with pinned packages, the files and the models.
set -eu

work=$1
page=$2
rounds=${3:-3}
root=$(cd "$(dirname "$0")/.." && pwd)

mkdir -p "$work"
if [ ! -x "$work/venv/bin/python" ]; then
	python3 -m venv "$work/venv"
fi
"$work/venv/bin/pip" install --quiet splink==5.0.0 duckdb==2.0.1
(cd "$root" && go build -o "$work/hedui" ./cmd/hedui && go build -o "$work/linkset" ./bench/linkset)
for people in 50000 200000; do
	mkdir -p "$work/$people"
	"$work/linkset" -people "$people" -seed 1 -out "$work/$people"
done
"$work/venv/bin/python" "$root/bench/peers/splink_rounds.py" "$work" "$page" "$rounds" 50000 200000
