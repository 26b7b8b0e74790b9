"""The plan of a logging: the dry run, and the order to log exactly that."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from heapq import merge
from itertools import groupby, repeat
from typing import Any, NamedTuple, TextIO

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import UsageError
from interactionlog.labels import label
from interactionlog.page import fragment, heading, note, table, tiles
from interactionlog.segments.logging.chunks import LineDecider, Tally
from interactionlog.segments.logging.decision import (
    DEFAULT_POLICY,
    ContactPressure,
    LoggingPolicy,
    Treatment,
)
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import differences

FORMAT = 1


class SavedLine(NamedTuple):
    """A line of a saved plan; ``decision`` is ``log``, ``leave-out`` or ``refuse``."""

    line_no: int
    contact_no: str | None
    decision: str
    reasons: tuple[str, ...]


class PlanChange(NamedTuple):
    """What differs in one line: who came (no ``before``), who went (no ``after``), what changed."""

    line_no: int
    before: SavedLine | None
    after: SavedLine | None


def _lines(file: Iterable[str]) -> Iterator[SavedLine]:
    lines = iter(file)
    try:
        heading = json.loads(next(lines, ""))
        if heading["format"] != FORMAT:
            message = f"the plan has format {heading['format']}, this release reads {FORMAT}"
            raise UsageError(message)
        for line in lines:
            line_no, contact_no, decision, reasons = json.loads(line)
            texts = [contact_no or "", *reasons]
            if type(line_no) is not int or not all(isinstance(text, str) for text in texts):
                raise ValueError(line)
            yield SavedLine(line_no, contact_no, Treatment(decision).value, tuple(reasons))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError("this is not a saved plan: SegmentPlan.save writes one") from error


def _line_no(line_of_file: tuple[SavedLine, str]) -> int:
    return line_of_file[0].line_no


@attrs.frozen
class PlanCounts:
    """
    How many lines are decided how.

    Attributes:
        logged, left_out, refused: Lines by decision.
        reasons: Lines by finding, warnings included; a line may have several.
    """

    logged: int
    left_out: int
    refused: int
    reasons: Mapping[str, int]

    @staticmethod
    def of(counts: Mapping[str, int]) -> PlanCounts:
        """Split counts by decision and finding."""
        rest = dict(sorted(counts.items()))
        logged, left_out, refused = (rest.pop(decision.value, 0) for decision in Treatment)
        return PlanCounts(logged, left_out, refused, rest)


@attrs.frozen
class PlannedLine:
    """
    One line of a plan.

    Attributes:
        line: The line.
        decision: Log it, leave it out, or refuse the whole logging.
        reasons: Codes of the findings; warnings of a line that is logged.
    """

    line: SegmentLine
    decision: Treatment
    reasons: tuple[str, ...]


@attrs.frozen
class PlanOrder:
    """
    What identifies a plan; its token carries it.

    Attributes:
        version: Of the segment.
        counts: Lines by decision and finding.
        digest: Over the lines that are not plainly logged.
    """

    segment_no: str
    version: int
    deliver: bool
    policy: LoggingPolicy
    counts: Mapping[str, int]
    digest: str

    def token(self) -> str:
        """Return a short text that can wait in a form for a confirmation."""
        plain = {
            "s": self.segment_no,
            "v": self.version,
            "d": int(self.deliver),
            "p": {
                name: value.name if isinstance(value, Treatment) else attrs.astuple(value)
                for name, value in differences(DEFAULT_POLICY, self.policy).items()
            },
            "c": dict(self.counts),
            "h": self.digest,
        }
        text = json.dumps(plain, separators=(",", ":"), sort_keys=True)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def require_for(self, segment_no: str) -> None:
        """Raise `UsageError` if it is the plan of another segment."""
        if self.segment_no != segment_no:
            raise UsageError(f"the plan is one of segment {self.segment_no}, not of {segment_no}")

    @staticmethod
    def of_token(token: str) -> PlanOrder:
        """Read a token, or raise `UsageError`."""
        try:
            plain = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            policy: dict[str, Any] = {
                name: Treatment[value] if isinstance(value, str) else ContactPressure(*value)
                for name, value in plain["p"].items()
            }
            texts = [plain["s"], plain["h"], *plain["c"]]
            numbers = [plain["v"], *plain["c"].values()]
            if not all(type(each) is str for each in texts) or any(
                type(each) is not int or each < 0 for each in numbers
            ):
                raise ValueError(token)
            return PlanOrder(
                segment_no=plain["s"],
                version=plain["v"],
                deliver=bool(plain["d"]),
                policy=LoggingPolicy(**policy),
                counts=plain["c"],
                digest=plain["h"],
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UsageError(f"{token[:40]!r} is no token of a plan") from error


@attrs.frozen(repr=False)
class SegmentPlan:
    """
    What logging a segment would do; nothing was written.

    Attributes:
        order: What identifies the plan.
        counts: Lines by decision and reason.
        cost_lcy, duration_min: Cost and minutes of the lines that would be logged.
        findings: The first 1,000 lines with findings: number, decision, codes; `noted` gives all.
        refusal: What `SegmentLogger.log` refuses the segment for, such as a description that is
            missing; ``None`` if it would log.
    """

    order: PlanOrder
    counts: PlanCounts
    cost_lcy: Decimal
    duration_min: int
    findings: tuple[tuple[int, str, tuple[str, ...]], ...]
    refusal: str | None
    _work: UnitOfWork
    _segment: Segment

    @property
    def token(self) -> str:
        """A short text that can wait for a confirmation; `SegmentLogger.log` takes it."""
        return self.order.token()

    def lines(self) -> Iterator[PlannedLine]:
        """
        Stream every line with its decision and reasons, by line number.

        Decides anew, from what is stored now, in the unit of work that made the plan.
        """
        return self._decided(every=True)

    def noted(self) -> Iterator[PlannedLine]:
        """Stream all lines with findings as `lines` does; the others are not read."""
        return (each for each in self._decided(every=False) if each.reasons)

    def _decided(self, *, every: bool) -> Iterator[PlannedLine]:
        order = self.order
        decider = LineDecider(
            self._work, self._segment, order.policy, deliver=order.deliver, every=every
        )
        for part in decider.parts(Tally()):
            for line in part.read:
                decision, reasons = part.decided.get(line.line_no, (Treatment.LOG, ()))
                yield PlannedLine(line, decision, reasons)

    @judged
    def save(self, file: TextIO) -> None:
        """Write every decision, by line number, as JSON Lines; `diff` compares two such files."""
        heading = {"format": FORMAT, "segment_no": self.order.segment_no, "token": self.token}
        file.write(json.dumps(heading) + "\n")
        for each in self.lines():
            line = each.line
            saved = SavedLine(line.line_no, line.contact_no, each.decision.value, each.reasons)
            file.write(json.dumps(saved, ensure_ascii=False) + "\n")

    @staticmethod
    @judged
    def diff(before: Iterable[str], after: Iterable[str]) -> Iterator[PlanChange]:
        """
        Stream what differs between two saved plans: who came, who went, what changed.

        By line number; memory does not grow with them. A line whose contact was replaced is one who
        went and one who came. `UsageError` for a file that is not a saved plan.
        """
        files = zip(_lines(before), repeat("old")), zip(_lines(after), repeat("new"))
        for line_no, lines in groupby(merge(*files, key=_line_no), _line_no):
            found = {file: line for line, file in lines}
            old, new = found.get("old"), found.get("new")
            if old and new and old.contact_no != new.contact_no:
                yield PlanChange(line_no, old, None)
                yield PlanChange(line_no, None, new)
            elif old != new:
                yield PlanChange(line_no, old, new)

    def __repr__(self) -> str:
        counts = self.counts
        return (
            f"SegmentPlan({self.order.segment_no}: {counts.logged} logged, "
            f"{counts.left_out} left out, {counts.refused} refused)"
        )

    def _repr_html_(self) -> str:
        counts = self.counts
        lines = {"logged": counts.logged, "left out": counts.left_out, "refused": counts.refused}
        reasons = [(label(code), count) for code, count in counts.reasons.items()]
        return fragment(
            heading(self.order.segment_no),
            note(self.refusal) if self.refusal else "",
            tiles({**lines, "cost": self.cost_lcy, "minutes": self.duration_min}),
            table(("reason", "line"), reasons) if reasons else "",
        )
