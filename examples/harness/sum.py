#!/usr/bin/env python3
"""Which way of summing is faster in Python? Measure: lab run --program examples/harness/sum.py"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "harness"))
from lab_harness import Harness

NUMBERS = list(range(10_000))


def loop():
    total = 0
    for number in NUMBERS:
        total += number
    return total


harness = Harness()
ways = harness.question("sum", "Which way of summing numbers?", "way", "numbers", "number")
for name, run in [("loop", loop), ("builtin", lambda: sum(NUMBERS))]:
    ways.workload(name, len(NUMBERS), run, expected=49_995_000, items=len(NUMBERS))
harness.main()
