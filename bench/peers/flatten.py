"""Turns a batch of requests into flat tables, the preparation every peer gets.

usage: flatten.py BATCH.jsonl DIR

Writes DIR/{household,member,signature,plate,unit}.csv with normalised names and
numbers. It judges nothing that depends on the day of the check or on another
line: it says which values cannot be read or are unknown words; the refusals are the databases' work. Prints
one JSON object with the seconds it took.
"""

import csv
import json
import os
import sys
import time

import normal

SOURCES = ("tax", "vehicle", "property", "bank", "insurance")
LINES = ("wage", "business", "property", "transfer")
RELATIONS = {"head", "spouse", "child", "parent", "sibling", "other"}
EXCLUSIONS = {"imprisoned", "missing", "clergy", "non_resident"}


class NoRequest(Exception):
    """The line is not a request at all."""


def get(obj, field, kind, default):
    """A field of the wrong JSON type makes the line no request."""
    value = obj.get(field)
    if value is None:
        return default
    if type(value) is not kind:
        raise NoRequest
    return value


def texts(obj, field):
    values = get(obj, field, list, [])
    if any(type(v) is not str for v in values):
        raise NoRequest
    return values


def parse(line):
    try:
        q = json.loads(line)
    except (ValueError, UnicodeDecodeError):
        raise NoRequest from None
    if type(q) is not dict or not get(q, "household_id", str, "").strip():
        raise NoRequest
    return q


def member(m):
    """One member's row without its household, and the kind and number as written."""
    if type(m) is not dict:
        raise NoRequest
    kind = get(m, "id_type", str, "") or "resident_id"
    doc, valid = normal.document(kind, get(m, "id_number", str, ""))
    name = normal.name(get(m, "name", str, ""))
    birth = get(m, "birth_date", str, "")
    excluded = get(m, "excluded", str, "")
    bad = kind not in normal.KINDS or get(m, "relation", str, "") not in RELATIONS
    bad = bad or bool(birth) and normal.day(birth) is None
    bad = bad or (excluded not in EXCLUSIONS if excluded else not valid or name is None)
    declared = dict.fromkeys(LINES, 0)
    for d in get(m, "declared_income", list, []):
        if type(d) is not dict:
            raise NoRequest
        line, fen = get(d, "type", str, ""), get(d, "monthly_fen", int, 0)
        if line not in declared or fen < 0:
            bad = True
        else:
            declared[line] += fen
    adult = normal.adult_from(doc if kind == "resident_id" else None, birth)
    row = [int(not excluded), doc, normal.key(doc) if valid else None, name, adult, int(bad), *declared.values()]
    return kind, row


def flatten(line, h, out):
    q = parse(line)
    a = q.get("authorization")
    if a is not None and type(a) is not dict:
        raise NoRequest
    auth = a or {}
    since, until = (normal.day(get(auth, f, str, "")) for f in ("valid_from", "valid_to"))
    classes = texts(auth, "data_classes") if auth.get("data_classes") is not None else list(SOURCES)
    signed = [s for s in texts(auth, "signed_by") if normal.number(s)]
    assets = get(q, "declared_assets", dict, {})
    financial = get(assets, "financial_fen", int, 0)
    plates, units = texts(assets, "vehicles"), texts(assets, "properties")
    scheme, residence = get(q, "scheme", str, ""), get(q, "residence", str, "")
    members = [member(m) for m in get(q, "members", list, [])]
    bad = since is None or until is None or not scheme or residence not in ("urban", "rural") or financial < 0
    bad = bad or any(c not in SOURCES for c in classes)
    out["household"].writerow(
        [h, q["household_id"], 0, int(a is not None), since, until, get(auth, "purpose", str, ""), scheme, len(signed),
         residence, financial, int(bad), *(int(s in classes) for s in SOURCES)]
    )
    for number, (_, row) in enumerate(members, 1):
        out["member"].writerow([h, number, *row])
    docs = {normal.doc_text(kind, s) for s in signed for kind in {k for k, _ in members}}
    out["signature"].writerows([h, d] for d in sorted(d for d in docs if d))
    for table, numbers in (("plate", plates), ("unit", units)):
        out[table].writerows([h, n] for n in sorted({normal.asset(n) or "" for n in numbers} - {""}))


def main():
    batch, folder = sys.argv[1:3]
    started = time.perf_counter()
    os.makedirs(folder, exist_ok=True)
    files = {t: open(os.path.join(folder, t + ".csv"), "w", encoding="utf-8", newline="") for t in ("household", "member", "signature", "plate", "unit")}
    out = {t: csv.writer(f, lineterminator="\n") for t, f in files.items()}
    h = 0
    with open(batch, "rb") as lines:
        for h, line in enumerate(lines, 1):
            try:
                flatten(line, h, out)
            except NoRequest:
                out["household"].writerow([h, None, 1, 0, None, None, None, None, 0, None, 0, 1, 0, 0, 0, 0, 0])
    for f in files.values():
        f.close()
    print(json.dumps({"seconds": round(time.perf_counter() - started, 3), "households": h}))


if __name__ == "__main__":
    main()
