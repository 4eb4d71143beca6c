"""PostgreSQL doing the reference means test on the same files, in a cluster of its own.

usage: postgres_peer.py STEP --cluster DIR [--data DIR] [--flat DIR] [--batch NAME] [--out FILE] [--limits FILE]

start    initdb in DIR when it is new, then the server: a unix socket in DIR, no TCP
stop     the server
load     COPY of the five files, all columns, into unlogged tables, two at a time
prepare  the narrow tables of the rules, sorted by their keys, indexed and analysed
flat     the flat tables of a batch (flatten.py) as a schema of their own
batch    every household of a flat batch judged, one CSV line each into --out
single   2,000 random households one by one by a prepared statement: p50, p99
sql      the text of that statement, with $1 for the household, into --out

PostgreSQL refuses to run as root: started by root, the server runs as the user
postgres. fsync is off: nothing here must survive a power cut. Prints one JSON object.
"""

import argparse
import concurrent.futures
import json
import os
import pwd
import random
import subprocess
import sys
import threading
import time

import psycopg

import normal
import rules

BIN = "/usr/lib/postgresql/15/bin"
NUMERIC = ("income", "own_insurance", "tax", "value", "area", "balance", "average_balance", "base", "benefit")
FLAT = {
    "household": "h int, household_id text, malformed int, authorized int, valid_from int, valid_to int, purpose text, scheme text, signatures int, "
    "residence text, financial bigint, invalid int, see_tax int, see_vehicle int, see_property int, see_bank int, see_insurance int",
    "member": "h int, m int, counted int, doc text, id bigint, name text, adult_from int, invalid int, wage bigint, business bigint, property bigint, transfer bigint",
    "signature": "h int, doc text",
    "plate": "h int, plate text",
    "unit": "h int, number text",
}
KNOWN_ID = "coalesce(id_type, 'resident_id') = 'resident_id' AND id_number ~ '^[0-9]{17}[0-9X]$'"
KNOWN_NAME = "name ~ '^[\u4e00-\u9fa5]+$'"


def known_asset(column):
    return f"{column} ~ '^[\u4e00-\u9fa5A-Z0-9()]+$'"


def server_user():
    """The user the server runs as, and the arguments that make it so."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        sys.exit("postgres_peer: initdb refuses root and there is no user postgres: create one or run as another user")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def start(cluster):
    if not os.path.exists(os.path.join(BIN, "initdb")):
        sys.exit(f"postgres_peer: PostgreSQL 15 is not installed: no {BIN}/initdb")
    who, data = server_user(), os.path.join(cluster, "data")
    os.makedirs(cluster, exist_ok=True)
    if who:
        os.chown(cluster, who["user"], who["group"])
    run = lambda *command: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **who)
    if not os.path.exists(os.path.join(data, "PG_VERSION")):
        run(f"{BIN}/initdb", "-D", data, "-U", "peer", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
        settings = {
            "listen_addresses": "''", "unix_socket_directories": f"'{cluster}'", "shared_buffers": f"{min(4096, memory // 4)}MB",
            "work_mem": "512MB", "maintenance_work_mem": "1GB", "effective_cache_size": f"{memory // 2}MB", "max_parallel_workers_per_gather": 2,
            "max_parallel_maintenance_workers": 2, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal",
            "max_wal_senders": 0, "max_wal_size": "8GB", "checkpoint_timeout": "30min", "autovacuum": "off", "jit": "off", "random_page_cost": 1.1,
        }
        with open(os.path.join(data, "postgresql.auto.conf"), "a", encoding="utf-8") as f:
            f.writelines(f"{k} = {v}\n" for k, v in settings.items())
    if os.path.exists(os.path.join(data, "postmaster.pid")):  # of a run that was killed
        subprocess.run([f"{BIN}/pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **who)
    run(f"{BIN}/pg_ctl", "-D", data, "-w", "-t", "120", "-l", os.path.join(cluster, "log"), "start")
    return {}


def stop(cluster):
    subprocess.run([f"{BIN}/pg_ctl", "-D", os.path.join(cluster, "data"), "-w", "-m", "fast", "stop"], check=True, stdout=subprocess.DEVNULL, cwd="/", **server_user())
    return {}


def connect(cluster):
    return psycopg.connect(host=cluster, user="peer", dbname="postgres", autocommit=True)


def at_once(cluster, jobs):
    """Two connections work through the jobs, the largest first."""
    def work(job):
        with connect(cluster) as con:
            job(con)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(work, jobs))


def copy_in(con, table, path, options):
    with open(path, "rb") as f, con.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv{options})") as copy:
        while block := f.read(1 << 20):
            copy.write(block)


def load(cluster, folder):
    with connect(cluster) as con:
        con.execute("DROP SCHEMA IF EXISTS raw CASCADE")
        con.execute("CREATE SCHEMA raw")

    def one(table):
        def job(con):
            path = os.path.join(folder, table + ".csv")
            with open(path, encoding="utf-8-sig") as f:
                header = f.readline().strip().split(",")
            columns = ", ".join(f"{c} {'numeric(18,4)' if c in NUMERIC else 'text'}" for c in header)
            con.execute(f"CREATE UNLOGGED TABLE raw.{table} ({columns})")
            copy_in(con, "raw." + table, path, ", HEADER")

        return job

    at_once(cluster, map(one, sorted(rules.SOURCES, key=lambda t: -os.path.getsize(os.path.join(folder, t + ".csv")))))


def odd_values(con):
    """Values the fast checks do not know, made normal by this process."""
    docs, names, assets = set(), set(), set()
    for t in rules.SOURCES:
        docs |= set(con.execute(f"SELECT DISTINCT coalesce(id_type, 'resident_id'), id_number FROM raw.{t} WHERE NOT coalesce({KNOWN_ID}, false) AND id_number IS NOT NULL"))
        names |= set(con.execute(f"SELECT DISTINCT name FROM raw.{t} WHERE NOT {KNOWN_NAME}"))
    for t, c in (("vehicle", "plate"), ("property", "unit_code"), ("property", "certificate_no"), ("bank", "account_no")):
        assets |= set(con.execute(f"SELECT DISTINCT {c} FROM raw.{t} WHERE NOT {known_asset(c)}"))
    for table, columns, rows in (
        ("odd_doc", "kind text, raw text, key bigint, PRIMARY KEY (kind, raw)", [(k, n, normal.doc_key(k, n)) for k, n in docs]),
        ("odd_name", "raw text PRIMARY KEY, name text", [(n, normal.name(n)) for n, in names]),
        ("odd_asset", "raw text PRIMARY KEY, asset text", [(n, normal.asset(n)) for n, in assets]),
    ):
        con.execute(f"DROP TABLE IF EXISTS {table}")
        con.execute(f"CREATE UNLOGGED TABLE {table} ({columns})")
        with con.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        con.execute(f"ANALYZE {table}")


def narrow(table):
    digits = lambda c: f"replace({c}, '-', '')::int"
    fen = lambda c: f"({c} * 100)::bigint"
    asset = lambda c: f"CASE WHEN {known_asset(c)} THEN {c} ELSE (SELECT asset FROM odd_asset WHERE raw = {c}) END"
    number = "CASE WHEN share LIKE '%/%' THEN split_part(share, '/', 1)::bigint ELSE (replace(share, '%', '')::numeric * 100)::bigint END"
    whole = "CASE WHEN share LIKE '%/%' THEN split_part(share, '/', 2)::bigint ELSE 10000 END"
    values = {
        "source": "raw." + table, "greatest": "greatest",
        "id": f"CASE WHEN {KNOWN_ID} THEN replace(id_number, 'X', '')::bigint "
        "ELSE (SELECT key FROM odd_doc WHERE kind = coalesce(id_type, 'resident_id') AND raw = id_number) END",
        "name": f"CASE WHEN {KNOWN_NAME} THEN name ELSE (SELECT o.name FROM odd_name o WHERE o.raw = raw.name) END",
        "period": digits("period"), "month": digits("month"), "balance_on": digits("balance_on"), "registered_on": f"coalesce({digits('registered_on')}, 0)",
        "income": fen("income"), "own_insurance": fen("coalesce(own_insurance, 0)"), "tax": fen("coalesce(tax, 0)"), "benefit": fen("coalesce(benefit, 0)"),
        "plate": asset("plate"), "unit_code": asset("unit_code"), "certificate_no": asset("certificate_no"),
        "unit": f"coalesce({asset('unit_code')}, 'certificate ' || {asset('certificate_no')})",
        "account": f"hashtextextended(institution || ' ' || {asset('account_no')}, 0)", "no_purpose": "purpose IS NULL", "no_share": "share IS NULL",
        "balance": fen("balance"), "share": f"CASE WHEN share IS NULL THEN 1000000000000 ELSE 1000000000000 * ({number}) / ({whole}) END",
        "part": f"{fen('balance')} * ({number}) / ({whole})",
    }
    values["source"] += " AS raw"
    return rules.sections("narrow.sql")[table].substitute(values)


def prepare(cluster):
    with connect(cluster) as con:
        odd_values(con)

    def one(table):
        def job(con):
            con.execute(f"DROP TABLE IF EXISTS {table}")
            con.execute(f"CREATE UNLOGGED TABLE {table} AS {narrow(table)} ORDER BY 1")
            con.execute(f"CREATE INDEX ON {table} (id)")
            if table == "bank":
                con.execute("CREATE INDEX ON bank (id) WHERE sole = 0")
            con.execute(f"VACUUM ANALYZE {table}")

        return job

    at_once(cluster, map(one, ("bank", "tax", "insurance", "property", "vehicle")))
    with connect(cluster) as con:
        con.execute("CHECKPOINT")


def flat(cluster, name, folder):
    with connect(cluster) as con:
        con.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        con.execute(f"CREATE SCHEMA {name}")
        con.execute(f"SET search_path = {name}")
        for table, columns in FLAT.items():
            con.execute(f"CREATE UNLOGGED TABLE {table} ({columns})")
            copy_in(con, table, os.path.join(folder, table + ".csv"), "")
            con.execute(f"CREATE INDEX ON {table} (h)")
        con.execute("CREATE INDEX ON household (household_id)")
        for table in FLAT:
            con.execute(f"VACUUM ANALYZE {table}")


class ServerMemory(threading.Thread):
    """The largest sum of what the server's processes hold in proportion, seen five
    times a second, at first more often."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        self.peak, self.ended = 0, threading.Event()
        with open(os.path.join(cluster, "data", "postmaster.pid"), encoding="utf-8") as f:
            self.postmaster = f.readline().strip()

    def stop(self):
        self.ended.set()
        self.join()
        return self.peak

    def run(self):
        started = time.perf_counter()
        while not self.ended.wait(0.02 if time.perf_counter() < started + 2 else 0.2):
            try:
                with open(f"/proc/{self.postmaster}/task/{self.postmaster}/children", encoding="utf-8") as f:
                    processes = [self.postmaster, *f.read().split()]
            except OSError:
                continue
            self.peak = max(self.peak, sum(map(pss, processes)))


def pss(process):
    try:
        with open(f"/proc/{process}/smaps_rollup", encoding="utf-8") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def batch(cluster, name, out, values):
    first, query = rules.judge(values, rules.narrow_layout(values), tables=("asked", "m"))
    with connect(cluster) as con, open(out, "wb") as f:
        con.execute(f"SET search_path = {name}, public")
        con.execute("DROP TABLE IF EXISTS asked, m")
        for table, select in first:
            con.execute(f"CREATE UNLOGGED TABLE {table} AS {select}")
            con.execute(f"ANALYZE {table}")
        with con.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
            for block in copy:
                f.write(block)


def single(cluster, name, values, count=2000):
    """One household after another by one prepared statement, with a generic plan."""
    where = {"where_member": "WHERE member.h = (SELECT h FROM household WHERE household_id = %(who)s)", "where_household": "WHERE household_id = %(who)s"}
    layout = {k: v.replace("%", "%%") for k, v in rules.narrow_layout(values).items()}
    _, query = rules.judge(values, layout, **where)
    with connect(cluster) as con:
        con.execute(f"SET search_path = {name}, public")
        con.execute("SET plan_cache_mode = force_generic_plan")
        everybody = [h for h, in con.execute("SELECT household_id FROM household WHERE household_id IS NOT NULL ORDER BY h")]
        asked = random.Random(1).choices(everybody, k=count)
        for who in asked[:20]:
            con.execute(query, {"who": who}, prepare=True).fetchall()
        times = []
        for who in asked:
            started = time.perf_counter()
            con.execute(query, {"who": who}, prepare=True).fetchall()
            times.append((time.perf_counter() - started) * 1e6)
    times.sort()
    return {"p50_us": round(times[count // 2]), "p99_us": round(times[count * 99 // 100])}


def text(values):
    """The query of one household for a client that names its parameter $1."""
    where = {"where_member": "WHERE member.h = (SELECT h FROM household WHERE household_id = $1)", "where_household": "WHERE household_id = $1"}
    return rules.judge(values, rules.narrow_layout(values), **where)[1]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("step", choices=["start", "stop", "load", "prepare", "flat", "batch", "single", "sql"])
    p.add_argument("--cluster", required=True)
    p.add_argument("--batch", help="name of the flat batch")
    rules.add_arguments(p)
    a = p.parse_args()
    cluster, name = os.path.abspath(a.cluster), f"batch_{a.batch}"
    started = time.perf_counter()
    values = rules.POSTGRES | rules.parameters(a.on, a.as_of, rules.limits(a.limits))
    steps = {
        "start": lambda: start(cluster), "stop": lambda: stop(cluster), "load": lambda: load(cluster, a.data), "prepare": lambda: prepare(cluster),
        "flat": lambda: flat(cluster, name, a.flat), "batch": lambda: batch(cluster, name, a.out, values), "single": lambda: single(cluster, name, values),
    }
    if a.step == "sql":
        with open(a.out, "w", encoding="utf-8") as f:
            f.write(text(values))
        told = {}
    elif a.step in ("start", "stop"):
        told = steps[a.step]()
    else:
        memory = ServerMemory(cluster)
        memory.start()
        told = (steps[a.step]() or {}) | {"server_rss": memory.stop() << 10}
        with connect(cluster) as con:
            told["version"] = con.execute("SHOW server_version").fetchone()[0].split()[0]
    print(json.dumps(told | {"seconds": round(time.perf_counter() - started, 3)}))


if __name__ == "__main__":
    main()
