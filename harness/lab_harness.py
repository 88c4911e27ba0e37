"""Makes functions of a Python program workloads that `lab` can time; standard library alone.

    harness = Harness()
    ways = harness.question("sum", "Which way of summing?", "way", "numbers", "number")
    ways.workload("builtin", 1000, lambda: sum(NUMBERS), expected=499500)
    harness.main()

`lab run --program ./program.py` times the alternatives in blocks, until they are told apart. The file
must be executable. The language that this module speaks with `lab` is described in README.md beside it.
"""

import json
import os
import resource
import sys
import time

MOST_SAMPLES = 4096


class Question:
    """Alternatives that do the same. The first one is the default."""

    def __init__(self, question_id, title, series_axis, x_axis, item):
        self.id, self.title, self.item = question_id, title, item
        self.series_axis, self.x_axis = series_axis, x_axis
        self.workloads = []

    def workload(self, alternative, x, run, expected, items=1, peer=False, reason="an alternative"):
        """Adds a workload. `run()` does its work once and returns `expected`."""
        self.workloads.append(Workload(self, alternative, x, run, expected, items, peer, reason))

    def listed(self):
        default = self.workloads[0].alternative if self.workloads else ""
        comparison = {
            "id": self.id, "title": self.title, "explanation": "", "x_axis": self.x_axis,
            "x_scale": "log", "series_axis": self.series_axis, "item": self.item,
            "defaults": [[self.series_axis, {"text": default}]], "display": "time_per_item",
        }
        return {"comparison": comparison, "workloads": [one.listed() for one in self.workloads]}


class Workload:
    """A function that is timed."""

    def __init__(self, question, alternative, x, run, expected, items, peer, reason):
        self.question, self.alternative, self.x = question, alternative, x
        self.run, self.expected, self.items = run, expected, items
        self.peer, self.reason = peer, reason

    @property
    def name(self):
        return f"{self.question.id}/{self.alternative}/{self.x}"

    def listed(self):
        axes = [[self.question.series_axis, {"text": self.alternative}],
                [self.question.x_axis, {"count": self.x}]]
        return {"workload": self.name, "comparison": self.question.id, "reason": self.reason,
                "axes": axes, "peer": self.peer, "effort": "quick", "instruments": ["wall"],
                "gating": "always"}

    def iterate(self, iterations):
        """Returns the time of these iterations in ns."""
        run, expected = self.run, self.expected
        began = time.perf_counter_ns()
        for _ in range(iterations):
            result = run()
            if result != expected:
                raise ValueError(f"the result is {shown(result)}, but {shown(expected)} is right")
        return time.perf_counter_ns() - began

    def warm_up(self, at_least_ns):
        """Runs for at least this long. Returns the time of an iteration in ns."""
        batch, iterations, spent_ns = 1, 0, 0
        while spent_ns < at_least_ns or iterations == 0:
            ns = self.iterate(batch)
            iterations, spent_ns = iterations + batch, spent_ns + ns
            if ns < at_least_ns / 8:
                batch *= 2
        return max(spent_ns / iterations, 1.0)


class Harness:
    """All questions of a program."""

    def __init__(self):
        self.questions = []
        self.prepared = None

    def question(self, question_id, title, series_axis, x_axis, item):
        """Begins a question; see Question."""
        self.questions.append(Question(question_id, title, series_axis, x_axis, item))
        return self.questions[-1]

    def main(self):
        """Serves requests, if `lab` started the program; says how to use it otherwise."""
        if sys.argv[1:] != ["serve"]:
            sys.exit(f"{sys.argv[0]} is measured by: lab run --program {sys.argv[0]}")
        names = [one.name for question in self.questions for one in question.workloads]
        if len(set(names)) < len(names):
            sys.exit(f"lab_harness: two workloads have the same name: {names}")
        # Prints of workloads go to the standard error.
        replies = os.fdopen(os.dup(1), "w", buffering=1)
        os.dup2(2, 1)
        # A workload that reads its standard input must not take requests.
        requests = os.fdopen(os.dup(0))
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        all_served = True
        print('{"reply":"ready"}', file=replies)
        for line in requests:
            try:
                reply = self.serve(json.loads(line))
            except Exception as error:
                all_served, reply = False, {"reply": "failed", "why": str(error)}
            print(json.dumps(reply, separators=(",", ":")), file=replies)
        sys.exit(0 if all_served else 1)

    def serve(self, request):
        kind = request["request"]
        if kind == "catalogue":
            return {"reply": "catalogue", "families": [one.listed() for one in self.questions]}
        if kind == "prepare":
            return self.prepare(request["workload"])
        if self.prepared is None:
            raise ValueError("no workload is prepared")
        handlers = {"measure": self.measure, "check": self.check, "warm_up": self.warm_up,
                    "time": self.time, "repeat": self.repeat}
        if kind not in handlers:
            raise ValueError(f"this harness does not know the request {kind}")
        return handlers[kind](request)

    def prepare(self, name):
        self.prepared = None
        workloads = [one for question in self.questions for one in question.workloads]
        found = [one for one in workloads if one.name == name]
        if not found:
            raise ValueError(f"no workload is called '{name}'")
        found[0].iterate(1)
        self.prepared = found[0]
        return {"reply": "prepared", **self.work()}

    def work(self):
        return {"items": self.prepared.items, "threads": 1}

    def check(self, _request):
        self.prepared.iterate(2)
        return {"reply": "right"}

    def warm_up(self, request):
        return {"reply": "warmed_up", "iteration_ns": self.prepared.warm_up(request["at_least_ns"])}

    def measure(self, request):
        if request["instrument"] != "wall":
            raise ValueError("this harness has the instrument wall alone")
        settings = request["settings"]
        samples = min(max(settings["samples"], 1), MOST_SAMPLES)
        switches = usage().ru_nivcsw
        iteration_ns = self.prepared.warm_up(settings["warm_up_ms"] * 1_000_000)
        sample_ns = settings["measurement_ms"] * 1e6 / samples
        if iteration_ns > 4 * sample_ns:
            samples = min(samples, 4)
        iterations = max(int(sample_ns / iteration_ns), 1)
        totals = [float(self.prepared.iterate(iterations)) for _ in range(samples)]
        timed = [{"iterations": iterations, "total_ns": total} for total in totals]
        outcome = {"samples": timed, "discarded": 0, "residency": None, "layout": None}
        return {"reply": "measured", **self.work(), "outcome": {"samples": outcome},
                "involuntary_switches": usage().ru_nivcsw - switches}

    def time(self, request):
        self.prepared.iterate(1)
        before = usage()
        totals = [float(self.prepared.iterate(request["iterations"]))
                  for _ in range(request["samples"])]
        after = usage()
        return {"reply": "timed", "totals_ns": totals,
                "page_faults_minor": after.ru_minflt - before.ru_minflt,
                "involuntary_switches": after.ru_nivcsw - before.ru_nivcsw}

    def repeat(self, request):
        amount = request["amount"]
        iterations = amount.get("iterations")
        if iterations is None:
            iterations = int(amount["for_ms"] * 1e6 / self.prepared.warm_up(1_000_000)) + 1
        began = time.monotonic_ns()
        ns = self.prepared.iterate(iterations)
        return {"reply": "repeated", "iterations": iterations, "measured_ns": ns,
                "windows": [[began, began + ns]], "counters": {}}


def usage():
    return resource.getrusage(resource.RUSAGE_SELF)


def shown(value):
    """The value in a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "..."
