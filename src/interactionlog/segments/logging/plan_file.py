"""Saved plans: every decision as a line of JSON, and what differs between two of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO

from interactionlog.errors import UsageError

__all__ = ["PlanChange", "SavedLine", "diff_plans", "save_plan"]

FORMAT = 1


class SavedLine(NamedTuple):
    """A line of a saved plan; ``decision`` is ``log``, ``leave out`` or ``refuse``."""

    line_no: int
    contact_no: str | None
    decision: str
    reasons: tuple[str, ...]


class PlanChange(NamedTuple):
    """
    What differs in one line: who came (no ``before``), who went (no ``after``), what changed.
    """

    line_no: int
    before: SavedLine | None
    after: SavedLine | None


def save_plan(file: TextIO, segment_no: str, token: str, lines: Iterable[SavedLine]) -> None:
    """Write a heading with the token and then every line, in the order given, as JSON Lines."""
    heading = {"format": FORMAT, "segment_no": segment_no, "token": token}
    file.write(json.dumps(heading) + "\n")
    file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def diff_plans(before: Iterable[str], after: Iterable[str]) -> Iterator[PlanChange]:
    """
    Stream what differs between two saved plans, by line number; memory does not grow with them.

    A line whose contact was replaced is one who went and one who came.

    Raises:
        UsageError: One of the two is no saved plan.
    """
    olds, news = _lines(before), _lines(after)
    old, new = next(olds, None), next(news, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old.line_no < new.line_no):
            yield PlanChange(old.line_no if old else 0, old, None)
            old = next(olds, None)
        elif old is None or new.line_no < old.line_no:
            yield PlanChange(new.line_no, None, new)
            new = next(news, None)
        else:
            yield from _changes(old, new)
            old, new = next(olds, None), next(news, None)


def _changes(old: SavedLine, new: SavedLine) -> Iterator[PlanChange]:
    if old.contact_no != new.contact_no:
        yield PlanChange(old.line_no, old, None)
        yield PlanChange(new.line_no, None, new)
    elif old != new:
        yield PlanChange(old.line_no, old, new)


def _lines(file: Iterable[str]) -> Iterator[SavedLine]:
    lines = iter(file)
    try:
        heading = json.loads(next(lines, ""))
        if heading["format"] != FORMAT:
            message = f"the plan has format {heading['format']}, this release reads {FORMAT}"
            raise UsageError(message)
        for line in lines:
            line_no, contact_no, decision, reasons = json.loads(line)
            yield SavedLine(line_no, contact_no, decision, tuple(reasons))
    except (ValueError, KeyError, TypeError) as error:
        message = "this is no saved plan: SegmentPlan.save writes one"
        raise UsageError(message) from error
