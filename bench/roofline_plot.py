#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws what `calor bench explicit --json FILE` measured. usage: roofline_plot.py FILE.json PICTURE.png

Bars are the contenders' cell updates a second, one group a grid size, with the least and the most of all rounds where
the file has them; a line across each group is what the memory allows (the best of the copies).
"""
import json
import math
import sys

try:
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
except ImportError:
    sys.exit("roofline_plot.py needs matplotlib (Debian: python3-matplotlib)")

COLOURS = ["#9aa5b1", "#5b8db8", "#e08e45", "#c0504d", "#6a9f58", "#8a6bb1", "#3d3d3d", "#d4b13f"]
GIGA = 1e9


def span(row):
    """How far the slowest and the fastest round lie below and above the median rate."""
    if "seconds" not in row:
        return math.nan, math.nan  # not drawn
    least, median, most = row["seconds"]
    rate = row["updates_per_second"]
    return rate - rate * median / most, rate * median / least - rate


def groups(document):
    """Of each size: its roofline, and its contenders with a name that tells the tables of one size apart."""
    found = {}
    for table in document["tables"]:
        if table.get("bench") != "explicit":
            continue
        group = found.setdefault(table["size"], {"size": table["size"], "roofline": table["roofline"], "rows": []})
        vary = ", materials vary" if "vary" in table["title"] else ""
        group["rows"] += [r | {"name": r["name"] + vary} for r in table["rows"] if not r["name"].startswith("NT copy")]
    return [found[size] for size in sorted(found)]


def draw(document, picture):
    tables = groups(document)
    names = list(dict.fromkeys(r["name"] for t in tables for r in t["rows"]))
    if not names:
        sys.exit("there is no table with a size and a contender in the file")
    width = 0.84 / len(names)
    figure, axes = pyplot.subplots(figsize=(max(6.4, 1.6 + 0.5 * len(names) * len(tables)), 4.8), layout="constrained")

    for k, name in enumerate(names):
        found = [(g, r) for g, t in enumerate(tables) for r in t["rows"] if r["name"] == name]
        places = [g + (k - (len(names) - 1) / 2) * width for g, _ in found]
        rates = [r["updates_per_second"] / GIGA for _, r in found]
        errors = list(zip(*(tuple(e / GIGA for e in span(r)) for _, r in found)))
        axes.bar(places, rates, 0.94 * width, label=name, color=COLOURS[k % len(COLOURS)], yerr=errors,
                 error_kw={"elinewidth": 0.8, "capsize": 2, "ecolor": "0.25"})

    label = "memory roofline (best non-temporal copy)"
    for g, t in enumerate(tables):
        limit = t["roofline"] / GIGA
        axes.plot([g - 0.46, g + 0.46], [limit, limit], color="black", linewidth=1.5, linestyle="--", label=label)
        axes.annotate(f"{limit:.2f}", (g + 0.46, limit), xytext=(0, 4), textcoords="offset points", ha="right",
                      va="bottom", fontsize=8, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
        label = None

    axes.set_xticks(range(len(tables)), [f"{t['size']} x {t['size']}" for t in tables])
    axes.set_xlabel("grid [cells]")
    axes.set_ylabel("cell updates per second [10$^9$/s]")
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.grid(True, color="0.9")
    axes.set_axisbelow(True)
    about = [f"calor {document['version']}" if "version" in document else "calor"]
    if "ranks" in document and "threads" in document:
        about.append(f"{document['ranks']} rank(s) x {document['threads']} thread(s)")
    axes.set_title("Explicit steps, " + ", ".join(about), fontsize=11)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, frameon=False, fontsize=9)
    figure.savefig(picture, dpi=150)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: roofline_plot.py FILE.json PICTURE.png")
    with open(sys.argv[1], encoding="utf-8") as file:
        draw(json.load(file), sys.argv[2])
