"""
Count the calls between modules and the statements of four services: ``python tests/benchmarks/calls.py``.

A call counts when the function that is called lies in the package and the caller lies in another
module of it, or in code that was generated. Counts are the same on every machine, so they show what
a change costs where a clock shows the weather. Ends with status 1 when a bound is exceeded; ``-v``
lists the calls and ``-s`` the statements.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, NamedTuple

import interactionlog as il

PACKAGE = str(Path(il.__file__).parent)
BOUNDS = {"log": 150, "finish": 60, "next": 20, "evaluate": 40}
"""Calls between modules of each service, at most."""
STATEMENTS = {"evaluate": 3}
"""Statements at most, where a bound is given."""


Prepare = Callable[[Any], Any]
Call = Callable[[Any, Any], object]


class Counted(NamedTuple):
    """What one call of a service did."""

    calls: Counter[str]
    statements: list[str]

    def exceeds(self, name: str) -> bool:
        """Return whether a bound is exceeded."""
        most = STATEMENTS.get(name, len(self.statements))
        return self.calls.total() > BOUNDS[name] or len(self.statements) > most


def _module(frame: FrameType) -> str | None:
    name = frame.f_code.co_filename
    if name.startswith(PACKAGE):
        return name[len(PACKAGE) + 1 :]
    return "generated" if name == "<string>" or "attrs generated" in name else None


def _counted(work: Any, call: Call, what: Any) -> Counted:
    found = Counted(Counter(), [])

    def see(frame: FrameType, event: str, _: object) -> None:
        if event != "call" or frame.f_back is None:
            return
        callee, caller = _module(frame), _module(frame.f_back)
        if callee not in {None, "generated", caller} and caller is not None:
            found.calls[f"{caller} -> {callee} {frame.f_code.co_qualname}"] += 1

    work.session.connection.set_trace_callback(found.statements.append)
    sys.setprofile(see)
    try:
        call(work, what)
    finally:
        sys.setprofile(None)
        work.session.connection.set_trace_callback(None)
    return found


def _set_up(work: Any) -> None:
    work.salespeople.put(il.Salesperson(code="HR", name="Helena Ray"))
    work.contacts.put(il.Contact(no="CT1", company_no="CT1", name="Cannon", salesperson_code="HR"))
    work.interaction_groups.put(il.InteractionGroup(code="PHONE"))
    work.templates.put(
        il.InteractionTemplate(
            code="CALL", interaction_group_code="PHONE", description="Call", unit_duration_min=15
        )
    )
    setup = il.numbering.NumberSeriesSetup(work)
    setup.create_series(il.numbering.NoSeries(code="N"))
    setup.add_line("N", "N0001")
    segments = il.SegmentService(work)
    for no in ("SM1", "SM2"):
        segments.create(no, no=no, interaction_template_code="CALL", salesperson_code="HR")
        segments.add_line(no, "CT1")


def count() -> dict[str, Counted]:
    """Count each service on SQLite, the second time it is called: the first one fills caches."""
    segments = iter(["SM1", "SM2"])
    services: dict[str, tuple[Prepare, Call]] = {
        "log": (lambda _: next(segments), lambda work, no: il.SegmentLogger(work).log(no)),
        "finish": (
            lambda work: il.InteractionService(work).start("CT1", interaction_template_code="CALL"),
            lambda work, draft: il.InteractionService(work).finish(draft),
        ),
        "next": (lambda _: "N", lambda work, code: il.numbering.NumberSeries(work).next(code)),
        "evaluate": (
            lambda _: 1,
            lambda work, no: il.LogEntryService(work).evaluate(il.Evaluation.POSITIVE, no),
        ),
    }
    found = {}
    clock = il.FixedClock("2026-01-26T09:30")
    with TemporaryDirectory() as folder, il.SqliteStore(f"{folder}/crm.db", clock=clock) as store:
        with store.begin(user_id="TESTER") as work:
            _set_up(work)
        for name, (prepare, call) in services.items():
            for _ in range(2):
                with store.begin(user_id="TESTER") as work:
                    found[name] = _counted(work, call, prepare(work))
    return found


def main(arguments: list[str]) -> int:
    """Print the table and return the status."""
    print(f"{'':10}{'calls':>7}{'bound':>7}{'statements':>12}{'bound':>7}")
    found = count()
    for name, counted in found.items():
        exceeded = " exceeded" if counted.exceeds(name) else ""
        statements, most = len(counted.statements), STATEMENTS.get(name, "")
        print(
            f"{name:10}{counted.calls.total():7}{BOUNDS[name]:7}{statements:12}{most:>7}{exceeded}"
        )
        for what, times in counted.calls.most_common() if "-v" in arguments else ():
            print(f"{times:7} {what}")
        for statement in counted.statements if "-s" in arguments else ():
            print("       ", " ".join(statement.split()))
    return any(counted.exceeds(name) for name, counted in found.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
