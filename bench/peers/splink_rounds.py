"""The rounds of bench/splink.sh: every side once in every round, each run a process
of its own with its wall time and peak memory; writes the page.

usage: splink_rounds.py WORKDIR PAGE.md ROUNDS PEOPLE...
"""

import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SIDES = [
    ("hedui, estimating", "same model"),
    ("hedui, weights known", "same model"),
    ("Splink, estimating", "same model"),
    ("Splink, weights known", "same model"),
    ("hedui, estimating", "told what a household shares"),
]


def run(command):
    """The JSON a command prints, its wall seconds and its peak memory in MB."""
    begin = time.time()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=work) as p:
        text = p.stdout.read()
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode != 0:
        sys.exit(f"{command} ended with {p.returncode}")
    return json.loads(text.splitlines()[-1]), time.time() - begin, usage.ru_maxrss / 1024


def hedui(people, model, save=None):
    command = [f"{work}/hedui", "match", "eval", f"{work}/{people}/a.csv", f"{work}/{people}/b.csv", "--model", model]
    command += ["--truth", "column:person", "--json"] + (["--save", save] if save else [])
    r, wall, rss = run(command)
    return {
        "wall": wall, "rss": rss, "train": r["training_seconds"], "score": r["blocking_seconds"] + r["scoring_seconds"],
        "pairs": r["candidates"], "half": r["at_threshold"]["f1"], "best": r["best"]["f1"], "recall": r["block_recall"],
    }


def splink(people, what):
    command = [f"{work}/venv/bin/python", f"{HERE}/splink_link.py", f"{work}/{people}/a.csv", f"{work}/{people}/b.csv"]
    r, wall, rss = run(command + [f"{work}/{people}/splink.json", what])
    return {
        "wall": wall, "rss": rss, "train": r["seconds"].get("training", 0), "score": r["seconds"]["predicting"],
        "pairs": r["candidates"], "half": r["f1_half"], "best": r["f1_best"], "recall": r["block_recall"],
    }


def one_round(people, number):
    saved = f"{work}/{people}/hedui-{number}-{os.getpid()}.yaml"
    return [
        hedui(people, f"{HERE}/splink_model.yaml", saved),
        hedui(people, saved),
        splink(people, "train"),
        splink(people, "predict"),
        hedui(people, f"{HERE}/households_model.yaml"),
    ]


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}–{max(values):.{digits}f}]"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=HERE, check=True).stdout.strip()


def commit():
    """The commit at the start, when the binary was built."""
    return output("git", "rev-parse", "--short", "HEAD") + (" with uncommitted changes" if output("git", "status", "--porcelain", "-uno") else "")


def write(page, results, rounds, load, built):
    cpu = next((x.split(":")[1].strip() for x in open("/proc/cpuinfo", encoding="utf-8") if x.startswith("model name")), platform.machine())
    versions = output(f"{work}/venv/bin/python", "-c", "from importlib.metadata import version as v; print('Splink', v('splink') + ', DuckDB', v('duckdb'))")
    with open(page, "w", encoding="utf-8") as f:
        f.write(f"# Linking two files beside Splink, {datetime.date.today()}\n\n")
        f.write(f"Commit {built}, {output('go', 'env', 'GOVERSION')}, {versions}; {os.cpu_count()} × {cpu}. ")
        f.write(f"Load of the machine over the last minute: {load[0]:.1f} before, {load[1]:.1f} after; above 2 it was shared. ")
        f.write(f"{rounds} interleaved rounds, each run a whole process; median [min–max]. `sh bench/splink.sh` does it again.\n\n")
        f.write("Files of `bench/linkset` (seed 1): eight fields, four of five people in both files, one in ten a relative ")
        f.write("with the same surname and address. Both sides have the comparisons and blocking rules of `bench/peers/splink_model.yaml`; ")
        f.write("Splink's dates, words and numbers are compared as text, as hedui's are here. Splink trains as its documentation shows. Wall is the whole process with reading and, ")
        f.write("for both, counting what is right; pairs/s is candidates by the seconds of blocking, comparing and weighing, with both cores.\n")
        for people, sides in results.items():
            f.write(f"\n## {people} people in each file\n\n")
            f.write("| side | model | wall s | training s | block and score s | pairs/s | peak RSS MB | candidates | F1 at one half | best F1 |\n|---|---|---|---|---|---|---|---|---|---|\n")
            for (side, model), runs in zip(SIDES, sides):
                column = lambda key: [r[key] for r in runs]
                f.write(
                    f"| {side} | {model} | {spread(column('wall'), 2)} | {statistics.median(column('train')):.2f} | {spread(column('score'), 2)} "
                    f"| {statistics.median(r['pairs'] / r['score'] for r in runs):,.0f} | {statistics.median(column('rss')):.0f} | {runs[0]['pairs']} "
                    f"| {statistics.median(column('half')):.4f} | {statistics.median(column('best')):.4f} |\n"
                )


def main():
    global work
    work, page, rounds = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), int(sys.argv[3])
    before, built = os.getloadavg()[0], commit()
    results = {}
    for people in sys.argv[4:]:
        results[people] = [[] for _ in SIDES]
        for number in range(rounds):
            for runs, r in zip(results[people], one_round(people, number)):
                runs.append(r)
    write(page, results, rounds, (before, os.getloadavg()[0]), built)


if __name__ == "__main__":
    main()
