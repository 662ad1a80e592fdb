#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What bench/peers/compare_implicit computes with: samples from results, the check of the answers, the tables.

A sample is a line of JSON. Its check_values are by number of steps: PETSc has one after each step, calor the last.

usage: report_implicit.py sample PROGRAM RANKS THREADS N STEPS RESULT   RESULT: summary.json, or what petsc_implicit printed
       report_implicit.py check SAMPLES TOLERANCE    exit status 1 unless all answers after equally many steps agree
       report_implicit.py tables SAMPLES OUT WORD... medians to stdout and OUT/implicit.md, all to OUT/implicit.json;
                                                     WORD: key=value for the JSON
"""
import json
import pathlib
import statistics
import sys


def from_calor(text):
    s = json.loads(text)
    if s["status"] != "finished":
        sys.exit(f"calor did not finish: {s['status']}")
    setup = s["solver"]["setup_seconds"]
    return {"n": round(s["cells"] ** 0.5), "steps": s["steps"], "setup_seconds": setup,
            "solve_seconds": s["seconds"]["stepping"] - setup, "iterations": s["solver"]["iterations"],
            "residual": s["solver"]["residual"], "total": s["integrals"]["conserved"],
            "check_values": {str(s["steps"]): s["integrals"]["mass_weighted"]}}


def from_petsc(text):
    lines = [line for line in text.splitlines() if line.startswith("{")]
    if len(lines) != 1:
        sys.exit(f"petsc_implicit printed {len(lines)} results")
    s = json.loads(lines[0])
    checks = {str(step): value for step, value in enumerate(s["check_values"], 1)}
    return {**{k: s[k] for k in ["n", "steps", "setup_seconds", "solve_seconds", "iterations", "residual", "total", "version"]},
            "check_values": checks}


def print_sample(program, ranks, threads, n, steps, result):
    text = pathlib.Path(result).read_text()
    s = from_calor(text) if program.startswith("calor") else from_petsc(text)
    if (s["n"], s["steps"]) != (int(n), int(steps)):
        sys.exit(f"{program} made {s['steps']} steps of {s['n']} x {s['n']} cells, not {steps} of {n} x {n}")
    print(json.dumps({"program": program, "ranks": int(ranks), "threads": int(threads), **s}))


def read_samples(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


def check(path, tolerance):
    """Each check value against PETSc's after as many steps, without PETSc against the first one of calor."""
    samples, tolerance, agree = read_samples(path), float(tolerance), True
    has_petsc = any(not s["program"].startswith("calor") for s in samples)
    expected = {}
    for s in sorted(samples, key=lambda s: s["program"].startswith("calor")):  # PETSc first
        for step, value in s["check_values"].items():
            expected.setdefault((s["n"], step), value)
    worst = {}  # of the rounds of a row
    for s in samples:
        step = str(s["steps"])
        value, reference = s["check_values"][step], expected[s["n"], step]
        off = abs(value - reference) / abs(reference)
        agree = agree and off <= tolerance  # NaN is not
        row = s["n"], s["program"], f"{s['ranks']} x {s['threads']}", step
        if row not in worst or not off <= worst[row][1]:
            worst[row] = value, off
    print(f"  {'size':>5} {'program':<16} {'ranks x threads':>15} {'steps':>5} {'check value':>22} "
          f"{'off PETSc' if has_petsc else 'off the first':>14}")
    for (n, program, layout, step), (value, off) in worst.items():
        print(f"  {n:>5} {program:<16} {layout:>15} {step:>5} {value:>22.17g} {off:>14.2g}")
    if not agree:
        sys.exit("the answers differ")


def summarise(samples):
    """One row a size, program and layout, in the order in which they first ran."""
    groups = {}
    for s in sorted(samples, key=lambda s: s["n"]):
        groups.setdefault((s["n"], s["program"], s["ranks"], s["threads"]), []).append(s)
    rows = []
    for (n, program, ranks, threads), group in groups.items():
        steps = group[0]["steps"]
        seconds = [s["solve_seconds"] / steps for s in group]
        median = statistics.median(seconds)
        rows.append({"size": n, "program": program, "ranks": ranks, "threads": threads, "steps": steps, "rounds": len(group),
                     "setup_seconds": statistics.median(s["setup_seconds"] for s in group), "seconds_per_step": median,
                     "least": min(seconds), "most": max(seconds), "spread": (max(seconds) - min(seconds)) / median,
                     "iterations_per_step": statistics.median(s["iterations"] for s in group) / steps,
                     "ns_per_cell_and_step": 1e9 * median / n ** 2})
    multigrid = {(r["size"], r["ranks"], r["threads"]): r["seconds_per_step"] for r in rows if r["program"] == "calor-multigrid"}
    for r in rows:
        r["ratio_to_multigrid"] = r["seconds_per_step"] / multigrid[r["size"], r["ranks"], r["threads"]]
    return rows


def tables(path, out, *words):
    samples = read_samples(path)
    rows = summarise(samples)
    lines = ["| size | program | ranks x threads | set-up s | s a step | iterations a step | ns a cell and step | times calor-multigrid |",
             "|---|---|---|---|---|---|---|---|"]
    for r in rows:
        lines.append(f"| {r['size']} x {r['size']} | {r['program']} | {r['ranks']} x {r['threads']} | {r['setup_seconds']:.3g} "
                     f"| {r['seconds_per_step']:.3g} | {r['iterations_per_step']:.1f} | {r['ns_per_cell_and_step']:.0f} "
                     f"| {r['ratio_to_multigrid']:.2f} |")
    print(f"\nmedians of {rows[0]['rounds']} rounds in turn\n")
    print("\n".join(lines))
    if any(r["spread"] > 0.3 for r in rows):
        print("\nSpreads beyond 30%: the machine was busy with other work; ranks and threads that wait for each other suffer most.")

    out = pathlib.Path(out)
    (out / "implicit.md").write_text("\n".join(lines) + "\n")
    about = dict(word.split("=", 1) for word in words)
    (out / "implicit.json").write_text(json.dumps({**about, "rows": rows, "samples": samples}, indent=2) + "\n")


if __name__ == "__main__":
    commands = {"sample": print_sample, "check": check, "tables": tables}
    if len(sys.argv) < 4 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](*sys.argv[2:])
