"""Splink with DuckDB doing the same job as hedui match eval on two CSV files of
bench/linkset, with the comparisons and blocking rules of splink_model.yaml.

usage: splink_link.py A.csv B.csv MODEL.json train|predict

train    estimates the model as its documentation shows (u from random pairs, EM
         once for each of several blocking rules), saves it, and predicts
predict  uses the saved model

Prints one JSON object: seconds of each part, candidates, F1 at probability one half
and at the best threshold. What F1 costs is not counted in the seconds.
"""

import json
import logging
import resource
import sys
import time

import duckdb

import splink.comparison_level_library as level
import splink.comparison_library as comparison
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

NAMES = ["given_name", "surname", "street_number", "address_1", "suburb", "postcode", "state", "date_of_birth"]
RULES = [
    ("date_of_birth",),
    ("surname", "postcode"),
    ("given_name", "surname"),
    ("given_name", "suburb"),
    ("surname", "suburb"),
    ("address_1", "street_number"),
]


def compare(name, edits, similar=None, tf=False):
    levels = [level.NullLevel(name), level.ExactMatchLevel(name, term_frequency_adjustments=tf)]
    levels += [level.DamerauLevenshteinLevel(name, n) for n in range(1, edits + 1)]
    if similar:
        levels.append(level.JaroWinklerLevel(name, similar))
    return comparison.CustomComparison(levels + [level.ElseLevel()], output_column_name=name)


def settings():
    return SettingsCreator(
        link_type="link_only",
        comparisons=[
            compare("given_name", 2, 0.85, True),
            compare("surname", 2, 0.85, True),
            compare("street_number", 1),
            compare("address_1", 2, 0.85, True),
            compare("suburb", 2, 0.85, True),
            compare("postcode", 2),
            compare("state", 1),
            compare("date_of_birth", 2),
        ],
        blocking_rules_to_generate_predictions=[block_on(*r) for r in RULES],
        additional_columns_to_retain=["person"],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def main():
    left, right, model, what = sys.argv[1:5]
    logging.getLogger("splink").setLevel(logging.ERROR)
    seconds, lap = {}, time.time()

    def took(part):
        nonlocal lap
        seconds[part] = round(time.time() - lap, 3)
        lap = time.time()

    con = duckdb.connect()
    api = DuckDBAPI(connection=con)
    tables = []
    for name, path in (("a", left), ("b", right)):
        # No cell of the files is quoted; an empty one is NULL.
        con.execute(f"CREATE TABLE input_{name} AS SELECT * FROM read_csv('{path}', header=true, all_varchar=true, nullstr='')")
        tables.append(api.register(f"input_{name}", dataset_display_name=name))
    took("reading")
    linker = Linker(tables, settings() if what == "train" else model, log_level=logging.ERROR)
    if what == "train":
        linker.training.estimate_probability_two_random_records_match(
            [block_on("given_name", "surname", "date_of_birth"), block_on("surname", "address_1", "date_of_birth")], recall=0.6
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in (("date_of_birth",), ("surname", "postcode"), ("given_name", "suburb")):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
        linker.misc.save_model_to_json(model, overwrite=True)
        took("training")
    found = linker.inference.predict()
    pairs = con.execute(f"SELECT count(*) FROM {found.physical_name}").fetchone()[0]
    took("predicting")
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    true_pairs = con.execute("SELECT count(*) FROM input_a JOIN input_b USING (person)").fetchone()[0]
    rows = con.execute(
        f"""SELECT round(match_weight, 3) w, count(*) n, sum((person_l = person_r)::INT) t
            FROM {found.physical_name} GROUP BY 1 ORDER BY 1 DESC"""
    ).fetchall()
    n = t = half = best = 0
    for weight, count, true in rows:
        n, t = n + count, t + true
        f1 = 2 * t / (n + true_pairs)
        best = max(best, f1)
        if weight >= 0:
            half = f1
    print(json.dumps({"seconds": seconds, "candidates": pairs, "f1_half": half, "f1_best": best, "block_recall": t / true_pairs, "rss_kib": rss}))


if __name__ == "__main__":
    main()
