"""SQLite doing the reference means test on the same files.

usage: sqlite_peer.py STEP --db FILE [--data DIR] [--flat DIR] [--batch FILE] [--out FILE] [--limits FILE]

load     the five files, all columns as text, by the shell's own importer
prepare  the narrow tables of the rules, sorted by their keys, indexed and analysed
flat     the flat tables of a batch (flatten.py) into a database of their own
batch    every household of a flat batch judged, one CSV line each into --out

Nothing is synced to disk. Prints one JSON object.
"""

import argparse
import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time

import normal
import rules

FLAT = {
    "household": "h INTEGER PRIMARY KEY, household_id TEXT, malformed INTEGER, authorized INTEGER, valid_from INTEGER, valid_to INTEGER, purpose TEXT, scheme TEXT, "
    "signatures INTEGER, residence TEXT, financial INTEGER, invalid INTEGER, see_tax INTEGER, see_vehicle INTEGER, see_property INTEGER, see_bank INTEGER, see_insurance INTEGER",
    "member": "h INTEGER, m INTEGER, counted INTEGER, doc TEXT, id INTEGER, name TEXT, adult_from INTEGER, invalid INTEGER, "
    "wage INTEGER, business INTEGER, property INTEGER, transfer INTEGER, PRIMARY KEY (h, m)",
    "signature": "h INTEGER, doc TEXT, PRIMARY KEY (h, doc)",
    "plate": "h INTEGER, plate TEXT, PRIMARY KEY (h, plate)",
    "unit": "h INTEGER, number TEXT, PRIMARY KEY (h, number)",
}
KNOWN_ID = f"(id_type IN ('', 'resident_id') AND id_number GLOB '{'[0-9]' * 17}[0-9X]')"
KNOWN_NAME = "(name <> '' AND name NOT GLOB '*[^\u4e00-\u9fa5]*')"


def connect(path):
    con = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000", "temp_store = MEMORY", "mmap_size = 8589934592", "threads = 2", "locking_mode = EXCLUSIVE"):
        con.execute("PRAGMA " + setting)
    for name, f, args in (("doc_key", normal.doc_key, 2), ("norm_name", normal.name, 1), ("norm_asset", normal.asset, 1)):
        con.create_function(name, args, f, deterministic=True)
    return con


def load(db, folder):
    shell = shutil.which("sqlite3")
    if not shell:
        sys.exit("sqlite_peer: the sqlite3 shell is not installed")
    script = ["PRAGMA journal_mode = OFF;", "PRAGMA synchronous = OFF;", "PRAGMA cache_size = -1000000;", ".mode csv"]
    for table in rules.SOURCES:
        path = os.path.join(folder, table + ".csv")
        with open(path, encoding="utf-8-sig") as f:
            header = f.readline().strip().split(",")
        script += [f"CREATE TABLE raw_{table} ({', '.join(c + ' TEXT' for c in header)});", f'.import --skip 1 "{path}" raw_{table}']
    subprocess.run([shell, db], input="\n".join(script), text=True, check=True, stdout=subprocess.DEVNULL)


def narrow(table):
    digits = lambda c: f"CAST(replace({c}, '-', '') AS INTEGER)"
    fen = lambda c: f"CAST(round({c} * 100) AS INTEGER)"
    asset = lambda c: f"CASE WHEN {c} NOT GLOB '*[^\u4e00-\u9fa5A-Z0-9()]*' THEN nullif({c}, '') ELSE norm_asset({c}) END"
    number = "CASE WHEN share LIKE '%/%' THEN CAST(share AS INTEGER) ELSE CAST(round(CAST(share AS REAL) * 100) AS INTEGER) END"
    whole = "CASE WHEN share LIKE '%/%' THEN CAST(substr(share, instr(share, '/') + 1) AS INTEGER) ELSE 10000 END"
    values = {
        "source": "raw_" + table, "greatest": "max",
        "id": f"CASE WHEN {KNOWN_ID} THEN CAST(replace(id_number, 'X', '') AS INTEGER) ELSE doc_key(id_type, id_number) END",
        "name": f"CASE WHEN {KNOWN_NAME} THEN name ELSE norm_name(name) END",
        "period": digits("period"), "month": digits("month"), "balance_on": digits("balance_on"), "registered_on": digits("registered_on"),
        "plate": asset("plate"), "unit_code": asset("unit_code"), "certificate_no": asset("certificate_no"),
        "unit": f"coalesce({asset('unit_code')}, 'certificate ' || {asset('certificate_no')})", "account": f"institution || ' ' || {asset('account_no')}",
        "no_purpose": "purpose = ''", "no_share": "share = ''",
        "share": f"CASE WHEN share = '' THEN 1000000000000 ELSE 1000000000000 * ({number}) / ({whole}) END", "part": f"{fen('balance')} * ({number}) / ({whole})",
    }
    values |= {c: fen(c) for c in ("income", "own_insurance", "tax", "benefit", "balance")}
    return rules.sections("narrow.sql")[table].substitute(values)


def prepare(db):
    con = connect(db)
    for table in rules.SOURCES:
        con.execute(f"CREATE TABLE {table} AS {narrow(table)} ORDER BY 1")
        con.execute(f"CREATE INDEX {table}_id ON {table} (id)")
    con.execute("CREATE INDEX bank_shared ON bank (id) WHERE sole = 0")
    con.execute("ANALYZE")


def flat(db, folder):
    con = connect(db)
    con.execute("BEGIN")
    for table, columns in FLAT.items():
        kinds = [str if c.endswith(" TEXT") else int for c in columns.split(", PRIMARY")[0].split(", ")]
        con.execute(f"CREATE TABLE {table} ({columns}){'' if table == 'household' else ' WITHOUT ROWID'}")
        with open(os.path.join(folder, table + ".csv"), encoding="utf-8", newline="") as f:
            rows = ([k(v) if v else None for k, v in zip(kinds, row)] for row in csv.reader(f))
            con.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(kinds))})", rows)
    con.execute("CREATE TABLE bits (mask INTEGER PRIMARY KEY, n)")
    con.executemany("INSERT INTO bits VALUES (?, ?)", ((mask, mask.bit_count()) for mask in range(4096)))
    con.execute("COMMIT")
    con.execute("ANALYZE")


def batch(db, asked_for, out, values):
    con = connect(db)
    con.execute(f"ATTACH '{asked_for}' AS asked_for")
    first, query = rules.judge(values, rules.narrow_layout(values), tables=("asked", "m", "t", "i", "income", "fin", "v", "p"))
    for table, select in first:
        con.execute(f"CREATE TEMP TABLE {table} AS {select}")
        con.execute(f"CREATE INDEX temp.{table}_h ON {table} (h)")
    con.execute("ANALYZE temp")
    with open(out, "w", encoding="utf-8", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows(con.execute(query))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("step", choices=["load", "prepare", "flat", "batch"])
    p.add_argument("--db", required=True)
    p.add_argument("--batch", help="database of the flat batch")
    rules.add_arguments(p)
    a = p.parse_args()
    started = time.perf_counter()
    if a.step in ("load", "flat") and os.path.exists(a.db):
        os.remove(a.db)
    values = rules.SQLITE | rules.parameters(a.on, a.as_of, rules.limits(a.limits))
    if a.step == "load":
        load(a.db, a.data)
    elif a.step == "prepare":
        prepare(a.db)
    elif a.step == "flat":
        flat(a.db, a.flat)
    else:
        batch(a.db, a.batch, a.out, values)
    print(json.dumps({"version": sqlite3.sqlite_version, "seconds": round(time.perf_counter() - started, 3)}))


if __name__ == "__main__":
    main()
