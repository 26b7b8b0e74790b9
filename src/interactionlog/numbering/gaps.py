"""Which numbers of a counter are missing, told from the ranges that the ledger keeps; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from enum import Enum, unique

import attrs

from interactionlog.enumerations import NumberState
from interactionlog.numbering.no_series import NumberRange


@unique
class GapKind(Enum):
    """Why a number is missing."""

    VOID = "void"
    RESERVED = "reserved"
    NOT_RECORDED = "not recorded"


_KINDS = {NumberState.VOID: GapKind.VOID, NumberState.RESERVED: GapKind.RESERVED}


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberGap:
    """
    Numbers in a row that no record has, for one reason.

    Attributes:
        kind: Void, reserved, or not recorded: rolled back, or drawn while the ledger was off.
        first_no: The first of them.
        last_no: The last of them.
        count: How many.
        reason: Why they are void; ``""`` otherwise.
        user_id: Who voided or reserved them; ``None`` when not recorded.
        usage_date: Date for which they were drawn; ``None`` when not recorded.
        known_before: The known draw before numbers that are not recorded; ``None``: there is none.
        known_after: The known draw after them; ``None``: there is none yet.
    """

    kind: GapKind
    first_no: str
    last_no: str
    count: int
    reason: str = ""
    user_id: str | None = None
    usage_date: date | None = None
    known_before: NumberRange | None = None
    known_after: NumberRange | None = None


def gaps_between(
    ranges: Iterable[NumberRange],
    low: int,
    high: int,
    step: int,
    text: Callable[[int, NumberRange | None], str],
) -> Iterator[NumberGap]:
    """
    Find what is missing from ``low`` to ``high`` in ranges that rise and end at ``low`` or above.

    Args:
        ranges: Ranges of one counter.
        low: First value asked about.
        high: Last value asked about, at most the counter's.
        step: Distance of the numbers behind the last range.
        text: Gives the text of a value that lies in, or beside, a range.
    """
    known: NumberRange | None = None
    reached = low - 1
    for drawn in ranges:
        if drawn.first_value > high:
            break
        unknown = (drawn.first_value - reached - 1) // drawn.step
        if unknown > 0:
            first = drawn.first_value - unknown * drawn.step
            yield _not_recorded(first, unknown, drawn.step, text, known, drawn)
        if drawn.state in _KINDS:
            yield _known(drawn, low, high, text)
        known, reached = drawn, drawn.last_value
    first = low if known is None else reached + step
    if first <= high:
        yield _not_recorded(first, (high - first) // step + 1, step, text, known, None)


def _known(
    drawn: NumberRange, low: int, high: int, text: Callable[[int, NumberRange | None], str]
) -> NumberGap:
    """Void or reserved numbers, as far as they were asked about."""
    before = max(0, -((drawn.first_value - low) // drawn.step))  # steps up to low, rounded up
    first = drawn.first_value + before * drawn.step
    count = (min(drawn.last_value, high) - first) // drawn.step + 1
    return NumberGap(
        kind=_KINDS[drawn.state],
        first_no=text(first, drawn),
        last_no=text(first + (count - 1) * drawn.step, drawn),
        count=count,
        reason=drawn.reason,
        user_id=drawn.user_id,
        usage_date=drawn.usage_date,
    )


def _not_recorded(
    first: int,
    count: int,
    step: int,
    text: Callable[[int, NumberRange | None], str],
    known_before: NumberRange | None,
    known_after: NumberRange | None,
) -> NumberGap:
    beside = known_before or known_after
    return NumberGap(
        kind=GapKind.NOT_RECORDED,
        first_no=text(first, beside),
        last_no=text(first + (count - 1) * step, beside),
        count=count,
        known_before=known_before,
        known_after=known_after,
    )
