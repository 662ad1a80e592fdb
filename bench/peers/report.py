#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What bench/peers/compare computes with: lines from summaries, the check of the answers, the tables. No numpy needed.

A sample is a line of tab-separated fields: label, ranks, threads, and the words that a peer prints,
NAME n steps seconds updates_per_second sum min max.

usage: report.py case N STEPS               a case for `calor run`
       report.py line SUMMARY N             a run of calor as a peer would print it
       report.py check SAMPLES TOLERANCE    exit status 1 unless all answers agree
       report.py tables SAMPLES OUT WORD... medians to stdout, OUT/peers.csv and OUT/peers.json; WORD: key=value for the JSON
"""
import csv
import json
import pathlib
import statistics
import sys

CASE = """\
[grid]
nx = {n}
ny = {n}
[material]
conductivity = 1.0
density = 1.0
specific_heat = 1.0
[initial]
temperature = "exp(-50*((x-0.4)^2+(y-0.6)^2))"
[time]
method = "euler"
dt = {dt!r}
steps = {steps}
[output]
precision = "single" # of the last snapshot; every run writes it
history_steps = 1000000000000
"""


def print_case(n, steps):
    n = int(n)
    h = 1.0 / n
    print(CASE.format(n=n, steps=int(steps), dt=0.9 * h * h / 4), end="")


def print_line(summary, n):
    n = int(n)
    s = json.loads(pathlib.Path(summary).read_text())
    if s["status"] != "finished":
        sys.exit(f"calor did not finish: {s['status']}")
    t = s["temperature"]
    print(f"calor {n} {s['steps']} {s['seconds']['stepping']:.6g} {s['cell_updates_per_second']:.6g} "
          f"{t['mean'] * n * n:.17g} {t['min']:.17g} {t['max']:.17g}")


def read_samples(path):
    samples = []
    for line in pathlib.Path(path).read_text().splitlines():
        label, ranks, threads, words = line.split("\t")
        _, n, steps, seconds, rate, total, least, most = words.split()
        samples.append({"program": label, "ranks": int(ranks), "threads": int(threads), "size": int(n), "steps": int(steps),
                        "seconds": float(seconds), "rate": float(rate), "sum": float(total), "min": float(least),
                        "max": float(most)})
    return samples


def check(path, tolerance):
    samples, tolerance = read_samples(path), float(tolerance)
    first, agree = samples[0], True
    print(f"  {'':<14} {'ranks x threads':>15} {'sum of T':>24} {'min':>24} {'max':>24}")
    for s in samples:
        layout = f"{s['ranks']} x {s['threads']}"
        print(f"  {s['program']:<14} {layout:>15} {s['sum']:>24.17g} {s['min']:>24.17g} {s['max']:>24.17g}")
        close = (abs(s["sum"] - first["sum"]) <= tolerance * abs(first["sum"])
                 and abs(s["min"] - first["min"]) <= tolerance and abs(s["max"] - first["max"]) <= tolerance)
        agree = agree and close and (s["size"], s["steps"]) == (first["size"], first["steps"])  # NaN is never close
    if not agree:
        sys.exit("the answers differ")


def summarise(samples):
    """One row a size, program and layout, in the order in which they first ran."""
    groups = {}
    for s in samples:
        groups.setdefault((s["size"], s["program"], s["ranks"], s["threads"]), []).append(s)
    rows = []
    for (size, program, ranks, threads), group in groups.items():
        rates = [s["rate"] for s in group]
        median = statistics.median(rates)
        rows.append({"size": size, "program": program, "ranks": ranks, "threads": threads, "steps": group[0]["steps"],
                     "rounds": len(rates), "updates_per_second": median, "least": min(rates), "most": max(rates),
                     "spread": (max(rates) - min(rates)) / median})
    for row in rows:
        row["calor_ratio"] = {f"{c['ranks']}x{c['threads']}": c["updates_per_second"] / row["updates_per_second"]
                              for c in rows if c["program"] == "calor" and c["size"] == row["size"]}
    return rows


def tables(path, out, *words):
    rows = summarise(read_samples(path))
    layouts = list(rows[0]["calor_ratio"])
    size = None
    for r in rows:
        if r["size"] != size:
            size = r["size"]
            print(f"\n{size} x {size} cells, double; medians of {r['rounds']} rounds in turn")
            heads = "".join(f" {'calor ' + name + ' : it':>16}" for name in layouts)
            print(f"  {'':<14} {'ranks x threads':>15} {'cell updates/s':>15} {'spread':>7}{heads}")
        layout = f"{r['ranks']} x {r['threads']}"
        ratios = "".join(f" {ratio:>16.2f}" for ratio in r["calor_ratio"].values())
        print(f"  {r['program']:<14} {layout:>15} {r['updates_per_second'] / 1e9:>13.3f} G {100 * r['spread']:>6.0f}%{ratios}")
    if any(r["spread"] > 0.3 for r in rows):
        print("\nSpreads beyond 30%: the machine was busy with other work; threads that wait for each other suffer most.")

    out = pathlib.Path(out)
    columns = ["size", "program", "ranks", "threads", "steps", "rounds", "updates_per_second", "least", "most", "spread"]
    with open(out / "peers.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns + [f"calor_{name}_ratio" for name in layouts])
        writer.writerows([r[c] for c in columns] + list(r["calor_ratio"].values()) for r in rows)
    about = dict(word.split("=", 1) for word in words)
    (out / "peers.json").write_text(json.dumps({**about, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    commands = {"case": print_case, "line": print_line, "check": check, "tables": tables}
    if len(sys.argv) < 4 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
