"""DuckDB doing the reference means test on the same files.

usage: duckdb_peer.py STEP --data DIR --db FILE [--form FORM] [--batch FILE] [--flat DIR] [--out FILE] [--limits FILE]

load     FORM loaded: the five files, all columns, identity numbers as text, DuckDB's
         default settings; free: the same with preserve_insertion_order = false;
         tuned: only the columns the rules need, keys as BIGINT, sorted by them.
prepare  loaded and free: values of the loaded tables made normal in place;
         aggregated: facts of a person from the tuned database.
flat     the flat tables of a batch (flatten.py) into a database of their own.
batch    every household of a flat batch judged, one CSV line each into --out.

Prints one JSON object on stdout.
"""

import argparse
import json
import os
import sys
import time

import duckdb

import normal
import rules

MONEY = "DECIMAL(18,2)"
TYPES = {
    "tax": {"income": MONEY, "own_insurance": MONEY, "tax": MONEY},
    "vehicle": {"value": MONEY},
    "property": {"value": MONEY, "area": "DECIMAL(18,4)"},
    "bank": {"balance": MONEY, "average_balance": MONEY},
    "insurance": {"base": MONEY, "benefit": MONEY},
}
FLAT = {
    "household": "h INTEGER, household_id VARCHAR, malformed INTEGER, authorized INTEGER, valid_from INTEGER, valid_to INTEGER, "
    "purpose VARCHAR, scheme VARCHAR, signatures INTEGER, residence VARCHAR, financial BIGINT, invalid INTEGER, "
    "see_tax INTEGER, see_vehicle INTEGER, see_property INTEGER, see_bank INTEGER, see_insurance INTEGER",
    "member": "h INTEGER, m INTEGER, counted INTEGER, doc VARCHAR, id BIGINT, name VARCHAR, adult_from INTEGER, invalid INTEGER, "
    "wage BIGINT, business BIGINT, property BIGINT, transfer BIGINT",
    "signature": "h INTEGER, doc VARCHAR",
    "plate": "h INTEGER, plate VARCHAR",
    "unit": "h INTEGER, number VARCHAR",
}
ODD_ID = "NOT (coalesce(id_type, 'resident_id') = 'resident_id' AND regexp_full_match(id_number, '[0-9]{17}[0-9X]'))"
ODD_NAME = "NOT regexp_full_match(name, '[\\x{4E00}-\\x{9FA5}]+')"


def plain(column):
    return f"regexp_full_match({column}, '[\\x{{4E00}}-\\x{{9FA5}}A-Z0-9()]+')"


def functions(con):
    for name, f, args, result in (
        ("doc_text", normal.doc_text, ["VARCHAR", "VARCHAR"], "VARCHAR"),
        ("doc_key", normal.doc_key, ["VARCHAR", "VARCHAR"], "BIGINT"),
        ("norm_name", normal.name, ["VARCHAR"], "VARCHAR"),
        ("norm_asset", normal.asset, ["VARCHAR"], "VARCHAR"),
    ):
        con.create_function(name, f, args, result, null_handling="special")


def source(folder, table):
    """read_csv of one file with its columns and types said."""
    path = os.path.join(folder, table + ".csv")
    with open(path, encoding="utf-8-sig") as f:
        header = f.readline().strip().split(",")
    columns = ", ".join(f"'{c}': '{TYPES[table].get(c, 'VARCHAR')}'" for c in header)
    return f"read_csv('{path}', header = true, auto_detect = false, delim = ',', quote = '\"', columns = {{{columns}}})"


def load(con, folder):
    for table in rules.SOURCES:
        con.execute(f"CREATE TABLE {table} AS SELECT * FROM {source(folder, table)}")


def normalise(con):
    """Odd values of the loaded tables, in place."""
    functions(con)
    for table in rules.SOURCES:
        con.execute(f"UPDATE {table} SET id_number = doc_text(id_type, id_number) WHERE {ODD_ID}")
        con.execute(f"UPDATE {table} SET name = norm_name(name) WHERE {ODD_NAME}")
    for table, column in (("vehicle", "plate"), ("property", "unit_code"), ("property", "certificate_no"), ("bank", "account_no")):
        con.execute(f"UPDATE {table} SET {column} = norm_asset({column}) WHERE NOT {plain(column)}")


def fen(column):
    return f"CAST({column} * 100 AS BIGINT)"


def share(of):
    """Shares as thousand billionths, and the part of a balance rounded down to the fen."""
    number = f"CASE WHEN {of}share LIKE '%/%' THEN CAST(split_part({of}share, '/', 1) AS BIGINT) ELSE CAST(CAST(replace({of}share, '%', '') AS DECIMAL(9,2)) * 100 AS BIGINT) END"
    whole = f"CASE WHEN {of}share LIKE '%/%' THEN CAST(split_part({of}share, '/', 2) AS BIGINT) ELSE 10000 END"
    return f"CASE WHEN {of}share IS NULL THEN 1000000000000 ELSE 1000000000000 * ({number}) // ({whole}) END", f"{fen(of + 'balance')} * ({number}) // ({whole})"


def narrow(table, read):
    digits = lambda c: f"CAST(replace({c}, '-', '') AS INTEGER)"
    asset = lambda c: f"CASE WHEN {plain(c)} THEN {c} ELSE norm_asset({c}) END"
    parts, part = share("")
    values = {
        "source": read, "greatest": "greatest",
        "id": f"CASE WHEN {ODD_ID} THEN doc_key(id_type, id_number) "
        "ELSE CAST(replace(id_number, 'X', '') AS BIGINT) END",
        "name": f"CASE WHEN name IS NULL OR {ODD_NAME} THEN norm_name(name) ELSE name END",
        "period": digits("period"), "month": digits("month"), "balance_on": digits("balance_on"), "registered_on": f"coalesce({digits('registered_on')}, 0)",
        "income": fen("income"), "own_insurance": fen("coalesce(own_insurance, 0)"), "tax": fen("coalesce(tax, 0)"), "benefit": fen("coalesce(benefit, 0)"),
        "plate": asset("plate"), "unit_code": asset("unit_code"), "certificate_no": asset("certificate_no"),
        "unit": f"coalesce({asset('unit_code')}, 'certificate ' || {asset('certificate_no')})",
        "account": f"hash(institution, {asset('account_no')})", "no_purpose": "purpose IS NULL", "no_share": "share IS NULL",
        "balance": fen("balance"), "share": parts, "part": part,
    }
    return rules.sections("narrow.sql")[table].substitute(values)


def tune(con, folder):
    functions(con)
    for table in rules.SOURCES:
        con.execute(f"CREATE TABLE {table} AS {narrow(table, source(folder, table))} ORDER BY 1")


def loaded_layout(values):
    """The columns of the files as they are, in the words of records.sql."""
    parts, part = share("r.")
    on = "-".join((str(values["on"])[:4], str(values["on"])[4:6], str(values["on"])[6:]))
    out = {
        "r_id": "id_number", "day": f"'{on}'",
        "t_line": "CASE r.income_type WHEN 'wage' THEN 1 WHEN 'labour' THEN 1 WHEN 'business' THEN 2 WHEN 'property_sale' THEN 0 WHEN 'incidental' THEN 0 ELSE 3 END",
        "t_wage": "CASE r.income_type WHEN 'wage' THEN 1 ELSE 0 END",
        "t_net": f"greatest(0, {fen('(r.income - coalesce(r.own_insurance, 0) - coalesce(r.tax, 0))')})",
        "i_kind": "CASE WHEN r.role = 'receiving' AND r.scheme IN ('employee_pension', 'unemployment', 'injury') THEN 1 "
        "WHEN r.role = 'contributing' AND r.scheme = 'employee_pension' AND r.identity = 'employee' THEN 2 ELSE 0 END",
        "i_fen": fen("coalesce(r.benefit, 0)"),
        "v_live": f"r.status = 'normal' AND coalesce(r.registered_on, '') <= '{on}'",
        "v_exempt": "(r.vehicle_class IN ('motorcycle', 'tricycle', 'disability', 'farm'))",
        "p_live": f"r.status = 'current' AND coalesce(r.registered_on, '') <= '{on}'",
        "p_class": "CASE WHEN r.kind IN ('residential', 'homestead') THEN 1 WHEN r.kind IN ('commercial', 'office', 'industrial') THEN 2 ELSE 0 END",
        "p_unit": "coalesce(r.unit_code, 'certificate ' || r.certificate_no)",
        "b_account": "r.institution || ' ' || r.account_no", "b_counts": "CASE WHEN r.purpose IS NULL THEN 1 ELSE 0 END",
        "b_balance": fen("r.balance"), "b_share": parts, "b_part": f"CASE WHEN r.share IS NULL THEN {fen('r.balance')} ELSE {part} END",
    }
    out |= {"t_" + k: v for k, v in rules.periods("r.period", values, True).items()}
    out |= {"i_" + k: v for k, v in rules.periods("r.month", values, True).items()}
    return out


def flat(con, folder):
    for table, columns in FLAT.items():
        con.execute(f"CREATE TABLE {table} ({columns})")
        con.execute(f"COPY {table} FROM '{os.path.join(folder, table + '.csv')}' (FORMAT csv, HEADER false, AUTO_DETECT false)")


def query(form, values):
    if form in ("loaded", "free"):
        return rules.judge(values, loaded_layout(values), ("records.sql", "accounts_loaded.sql"), id="doc")[1]
    if form == "aggregated":
        return rules.judge(values, rules.narrow_layout(values), ("persons.sql",))[1]
    return rules.judge(values, rules.narrow_layout(values))[1]


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("step", choices=["load", "prepare", "flat", "batch"])
    p.add_argument("--db", required=True)
    p.add_argument("--form", default="loaded", choices=["loaded", "free", "tuned", "aggregated"])
    p.add_argument("--batch", help="database of the flat batch")
    p.add_argument("--tuned", help="the tuned database, for the aggregated one")
    rules.add_arguments(p)
    p.add_argument("--threads", type=int, default=2)
    return p.parse_args()


def main():
    a = arguments()
    started = time.perf_counter()
    if (a.step in ("load", "flat") or a.form == "aggregated" and a.step == "prepare") and os.path.exists(a.db):
        os.remove(a.db)
    con = duckdb.connect(a.db, read_only=a.step == "batch")
    con.execute(f"SET threads = {a.threads}")
    values = rules.DUCKDB | rules.parameters(a.on, a.as_of, rules.limits(a.limits))
    if a.step == "load":
        if a.form != "loaded":
            con.execute("SET preserve_insertion_order = false")
        (tune if a.form == "tuned" else load)(con, a.data)
    elif a.step == "prepare":
        if a.form == "aggregated":
            con.execute(f"ATTACH '{a.tuned}' AS tuned (READ_ONLY)")
            for table, select in rules.sections("aggregate.sql").items():
                con.execute(f"CREATE TABLE {table} AS {select.substitute(values | rules.narrow_layout(values))} ORDER BY id")
        else:
            normalise(con)
    elif a.step == "flat":
        flat(con, a.flat)
    else:
        con.execute(f"ATTACH '{a.batch}' AS asked_for (READ_ONLY)")
        name = os.path.splitext(os.path.basename(a.db))[0]
        con.execute(f"SET search_path = '{name},asked_for'")
        con.execute("SET preserve_insertion_order = false")
        con.execute(f"COPY ({query(a.form, values)}) TO '{a.out}' (FORMAT csv, HEADER false)")
    if a.step != "batch":
        con.execute("CHECKPOINT")
    con.close()
    print(json.dumps({"version": duckdb.__version__, "seconds": round(time.perf_counter() - started, 3)}))


if __name__ == "__main__":
    sys.exit(main())
