"""The parameters of the reference means test and the SQL made from them.

Every engine runs the same .sql files; what differs between dialects and between
the layouts of the tables is named here, once."""

import datetime
import json
import os
from string import Template

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = ("tax", "vehicle", "property", "bank", "insurance")
LIMITS = {
    "urban": 70000, "rural": 60000, "financial_months": 24,
    "undeclared_income": 120000, "undeclared_financial": 200000,
}


def sections(file):
    """The named parts of an .sql file, in order."""
    with open(os.path.join(HERE, "sql", file), encoding="utf-8") as f:
        parts = f.read().split("--- ")[1:]
    return {name.strip(): Template(text.strip()) for name, _, text in (p.partition("\n") for p in parts)}


def add_arguments(parser):
    """What every peer is told: folders of the files and of the flat batch, the file to
    write, and what the rules depend on."""
    for name in ("--data", "--flat", "--out", "--limits"):
        parser.add_argument(name)
    parser.add_argument("--on", default="2026-11-01")
    parser.add_argument("--as-of", default="2026-10-31")


def limits(path):
    """The limits of a JSON file, the pack's own where it names none."""
    if not path:
        return LIMITS
    with open(path, encoding="utf-8") as f:
        return LIMITS | json.load(f)


def parameters(on, as_of, limit):
    """What the day of the check and the day of the files settle: window, staleness.
    as_of is the day of all files, and of single ones: 2026-10-31,bank=2026-03-31."""
    day = datetime.date.fromisoformat(on)
    months = [day.year * 12 + day.month - 1 - back for back in range(12, 0, -1)]
    window = [(n // 12, n % 12 + 1) for n in months]
    years = sorted({y for y, _ in window})
    values = dict(limit, on=int(on.replace("-", "")), base=months[0], first=window[0], last=window[-1], years=years)
    of_all, *others = as_of.split(",")
    dates = dict.fromkeys(SOURCES, of_all) | dict(o.split("=") for o in others)
    for source in SOURCES:
        fresh = (day - datetime.date.fromisoformat(dates[source])).days <= 180
        values[source + "_fresh"] = int(fresh)
        values[source + "_effect"] = "suspected_ineligible" if fresh else "needs_review"
    values["all_fresh"] = min(values[s + "_fresh"] for s in SOURCES)
    return values


def periods(column, values, text):
    """Conditions on a month column, written as a number or as text."""
    (fy, fm), (ly, lm), years = values["first"], values["last"], values["years"]
    if text:
        within = f"({column} BETWEEN '{fy}-{fm:02}' AND '{ly}-{lm:02}' AND length({column}) = 7)"
        touches = f"{column} IN ({', '.join(repr(str(y)) for y in years)})"
        month = f"(CAST(substr({column}, 1, 4) AS INTEGER) * 12 + CAST(substr({column}, 6, 2) AS INTEGER) - 1 - {values['base']})"
    else:
        within = f"{column} BETWEEN {fy * 100 + fm} AND {ly * 100 + lm}"
        touches = f"{column} IN ({', '.join(map(str, years))})"
        month = f"({column} {values['div']} 100 * 12 + {column} % 100 - 1 - {values['base']})"
    exact = touches if len(years) == 1 else "(1 = 0)"
    return {"in": within, "touches": touches, "exact": exact, "month": month, "counts": f"({within} OR {exact})" if len(years) == 1 else within}


def narrow_layout(values):
    """Columns of the narrow tables, in the words of records.sql."""
    out = {"r_id": "id", "t_line": "r.line", "t_wage": "r.wage", "t_net": "r.net", "i_kind": "r.kind", "i_fen": "r.fen"}
    out |= {"t_" + k: v for k, v in periods("r.period", values, False).items()}
    out |= {"i_" + k: v for k, v in periods("r.month", values, False).items()}
    out |= {"v_live": f"r.since <= {values['on']}", "v_exempt": "(r.exempt = 1)", "p_live": f"r.since <= {values['on']}", "p_class": "r.class", "p_unit": "r.unit"}
    return out | {"day": str(values["on"])}


DUCKDB = {"div": "//", "greatest": "greatest", "least": "least", "mask_of": "bit_or", "distinct": "", "whole": 1000000001000,
          "popcount_unwaged": "bit_count(coalesce(i.employed, 0) & ~coalesce(t.waged, 0))"}
POSTGRES = DUCKDB | {"div": "/", "popcount_unwaged": "length(replace((coalesce(i.employed, 0) & ~coalesce(t.waged, 0))::bit(12)::text, '0', ''))"}
SQLITE = DUCKDB | {"div": "/", "greatest": "max", "least": "min", "mask_of": "sum", "distinct": "DISTINCT ",
                   "popcount_unwaged": "(SELECT n FROM bits WHERE bits.mask = coalesce(i.employed, 0) & ~coalesce(t.waged, 0))"}


NARROW = ("records.sql", "accounts_narrow.sql")


def judge(values, layout, facts=NARROW, tables=(), **other):
    """The query of a batch: statements that make the named parts tables, for engines
    that plan better with them, and the query over the rest."""
    values = {"id": "id", "where_member": "", "where_household": ""} | values | layout | other
    parts = {}
    for file in ("requests.sql", *facts, "verdict.sql"):
        parts |= {name: t.substitute(values) for name, t in sections(file).items()}
    last, first, rest = parts.pop("select"), [], []
    for name, text in parts.items():
        if name in tables:
            first.append((name, f"WITH {','.join(rest)} {text}" if rest else text))
            rest = []
        else:
            rest.append(f"{name} AS (\n{text}\n)")
    return first, "WITH " + ",\n".join(rest) + "\n" + last
