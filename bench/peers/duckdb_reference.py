"""DuckDB doing the same job as plainly as a good analyst would: load the five
department files, then flag the households of a batch.

usage: duckdb_reference.py DIR DATABASE load|batch

load   creates DATABASE from DIR/{tax,vehicle,property,bank,insurance}.csv, all
       columns kept, identity numbers as text, default settings of DuckDB.
batch  reads DIR/batch.jsonl and writes, for every household, its counted income
       and financial assets and the bare flags of the income, financial, vehicle
       and home limits of the reference means test to DATABASE.flags.csv. It does
       not validate, refuse, seal, explain or cite.

Prints one JSON object with seconds and counts on stdout.
"""

import json
import os
import sys
import time

import duckdb

MONEY = "DECIMAL(18,2)"
TABLES = {
    "tax": {"income": MONEY, "own_insurance": MONEY, "tax": MONEY, "period": "VARCHAR"},
    "vehicle": {"value": MONEY},
    "property": {"value": MONEY, "area": "DECIMAL(18,4)", "share": "VARCHAR"},
    "bank": {"balance": MONEY, "average_balance": MONEY, "share": "VARCHAR", "account_no": "VARCHAR"},
    "insurance": {"base": MONEY, "benefit": MONEY, "month": "VARCHAR"},
}


def load(con, folder):
    rows = {}
    for table, types in TABLES.items():
        path = os.path.join(folder, table + ".csv")
        with open(path, encoding="utf-8-sig") as f:
            header = f.readline().strip().split(",")
        columns = {c: types.get(c, "VARCHAR") for c in header}
        con.execute(
            f"CREATE TABLE {table} AS SELECT * FROM read_csv(?, header=true, auto_detect=false, delim=',', quote='\"', columns=?)",
            [path, columns],
        )
        rows[table] = con.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    con.execute("CHECKPOINT")
    return rows


FLAGS = """
WITH hh AS (
  SELECT row_number() OVER () AS h, household_id, residence, members, declared_assets.financial_fen AS declared_financial
  FROM read_json(?, format='newline_delimited', ignore_errors=true, maximum_object_size=1048576,
    columns={household_id:'VARCHAR', residence:'VARCHAR',
      members:'STRUCT(name VARCHAR, id_number VARCHAR, excluded VARCHAR, declared_income STRUCT(type VARCHAR, monthly_fen BIGINT)[])[]',
      declared_assets:'STRUCT(financial_fen BIGINT)'})
  WHERE household_id IS NOT NULL AND members IS NOT NULL
), member AS (
  SELECT h, m.id_number AS id_number, m.name AS name, m.declared_income AS declared
  FROM (SELECT h, unnest(members) AS m FROM hh) WHERE m.excluded IS NULL
), declared AS (
  SELECT h, id_number, d.type AS type, sum(d.monthly_fen) * 12 AS fen
  FROM (SELECT h, id_number, unnest(declared) AS d FROM member) GROUP BY ALL
), found AS (
  SELECT h, m.id_number, CASE income_type WHEN 'wage' THEN 'wage' WHEN 'labour' THEN 'wage' WHEN 'business' THEN 'business' ELSE 'property' END AS type,
    sum(greatest(0, CAST((income - coalesce(own_insurance, 0) - coalesce(tax, 0)) * 100 AS BIGINT))) AS fen
  FROM member m JOIN tax t ON t.id_number = m.id_number AND t.name = m.name
  WHERE income_type NOT IN ('property_sale', 'incidental') AND period BETWEEN '2025-11' AND '2026-10'
  GROUP BY ALL
  UNION ALL
  SELECT h, m.id_number, 'transfer', sum(CAST(benefit * 100 AS BIGINT))
  FROM member m JOIN insurance i ON i.id_number = m.id_number AND i.name = m.name
  WHERE role = 'receiving' AND scheme IN ('employee_pension', 'unemployment', 'injury') AND month BETWEEN '2025-11' AND '2026-10'
  GROUP BY ALL
), income AS (
  SELECT h, sum(greatest(coalesce(d.fen, 0), coalesce(f.fen, 0))) AS fen
  FROM declared d FULL JOIN (SELECT h, id_number, type, sum(fen) AS fen FROM found GROUP BY ALL) f USING (h, id_number, type) GROUP BY h
), balance AS (
  SELECT h, sum(fen) AS fen FROM (
    SELECT h, CAST(balance * 100 AS BIGINT) AS fen
    FROM member m JOIN bank b ON b.id_number = m.id_number AND b.name = m.name
    WHERE balance_on <= '2026-11-01' AND purpose IS NULL
    QUALIFY row_number() OVER (PARTITION BY h, m.id_number, institution, account_no ORDER BY balance_on DESC) = 1
  ) GROUP BY h
), car AS (
  SELECT h, count(*) AS n FROM member m JOIN vehicle v ON v.id_number = m.id_number AND v.name = m.name
  WHERE status = 'normal' AND vehicle_class NOT IN ('motorcycle', 'tricycle', 'disability', 'farm') GROUP BY h
), home AS (
  SELECT h, count(DISTINCT coalesce(unit_code, certificate_no)) AS n FROM member m JOIN property p ON p.id_number = m.id_number AND p.name = m.name
  WHERE status = 'current' AND kind IN ('residential', 'homestead') GROUP BY h
), size AS (SELECT h, count(*) AS n FROM member GROUP BY h)
SELECT household_id, coalesce(income.fen, 0) AS income_fen, coalesce(balance.fen, 0) AS financial_fen,
  coalesce(income.fen, 0) >= 12 * size.n * CASE residence WHEN 'urban' THEN 70000 ELSE 60000 END AS income_over_limit,
  coalesce(balance.fen, 0) > 24 * size.n * CASE residence WHEN 'urban' THEN 70000 ELSE 60000 END AS financial_assets_over_limit,
  coalesce(car.n, 0) > 0 AS vehicle_owned, coalesce(home.n, 0) > 1 AS several_homes
FROM hh JOIN size USING (h) LEFT JOIN income USING (h) LEFT JOIN balance USING (h) LEFT JOIN car USING (h) LEFT JOIN home USING (h)
"""


def batch(con, folder, out):
    con.execute(f"COPY ({FLAGS}) TO '{out}' (HEADER)", [os.path.join(folder, "batch.jsonl")])
    row = con.execute(
        "SELECT count(*), count_if(income_over_limit), count_if(financial_assets_over_limit), count_if(vehicle_owned), count_if(several_homes) "
        f"FROM read_csv('{out}')"
    ).fetchone()
    names = ["households", "income_over_limit", "financial_assets_over_limit", "vehicle_owned", "several_homes"]
    return dict(zip(names, row))


def main():
    folder, database, step = sys.argv[1:4]
    started = time.perf_counter()
    if step == "load" and os.path.exists(database):
        os.remove(database)
    con = duckdb.connect(database)
    con.execute("SET threads = 2")
    counts = load(con, folder) if step == "load" else batch(con, folder, database + ".flags.csv")
    con.close()
    print(json.dumps({"duckdb": duckdb.__version__, "seconds": round(time.perf_counter() - started, 3), "counts": counts}))


if __name__ == "__main__":
    main()
