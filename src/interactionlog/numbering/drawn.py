"""What a draw gives: a number, a block of numbers, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import attrs

from interactionlog._trusted import trusted
from interactionlog.errors import InteractionLogError
from interactionlog.numbering.drawing import TakenRange


@attrs.frozen(kw_only=True, weakref_slot=False)
class DrawnNumber:
    """
    A number of a series; its text is ``no``.

    Attributes:
        no: The number.
        series_code: Series it belongs to; records keep it beside the number.
        line_no: Line it came from.
        usage_date: Date for which it was drawn.
        left: Numbers left on the line behind it; ``None`` when the line has no end.
        warning: Numbers left, only on the draw that crosses the line's warning number (OF-09).
    """

    no: str
    series_code: str
    line_no: int
    usage_date: date
    left: int | None = None
    warning: int | None = None

    def __str__(self) -> str:
        return self.no


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberBlock:
    """
    Numbers drawn together; iterating gives their texts in the order of single draws.

    Attributes:
        ranges: What each line gave, in order.
        usage_date: Date for which they were drawn.
    """

    ranges: tuple[TakenRange, ...]
    usage_date: date

    def __len__(self) -> int:
        return sum(taken.count for taken in self.ranges)

    def __iter__(self) -> Iterator[str]:
        for taken in self.ranges:
            values = range(taken.first_value, taken.last_value + 1, taken.state.line.step)
            yield from map(taken.shape.formatter(), values)

    @property
    def first_no(self) -> str:
        """The first number."""
        taken = self.ranges[0]
        return taken.shape.format(taken.first_value)

    @property
    def last_no(self) -> str:
        """The last number."""
        taken = self.ranges[-1]
        return taken.shape.format(taken.last_value)

    @property
    def left(self) -> int | None:
        """Numbers left on the last line; ``None`` when it has no end."""
        return self.ranges[-1].left

    @property
    def warning(self) -> int | None:
        """Numbers left on the last line whose warning number was crossed; else ``None``."""
        warnings = [taken.warning for taken in self.ranges if taken.warning is not None]
        return warnings[-1] if warnings else None


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberOutcome:
    """
    A number, or why there is none.

    Attributes:
        number: The number; ``None`` when the series gave none.
        refusal: The error that a draw raises; ``None`` when there is a number.
    """

    number: DrawnNumber | None = None
    refusal: InteractionLogError | None = None

    @property
    def no(self) -> str | None:
        """The number as text, or ``None``."""
        return None if self.number is None else self.number.no


def drawn_number(taken: TakenRange, day: date) -> DrawnNumber:
    """Return the one number of a draw."""
    line = taken.state.line
    no = taken.shape.format(taken.first_value)
    return _drawn(no, line.series_code, line.line_no, day, taken.left, taken.warning)


_drawn: Callable[..., DrawnNumber] = trusted(DrawnNumber)  # in the order of its fields
