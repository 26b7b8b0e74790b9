"""
Why a number series gives no number, one class for each reason an application may react to.

All are `NumberSeriesError` and carry series, line, usage date and number as far as they are known.
Source: number-series.md 4.
"""

from __future__ import annotations

from typing import ClassVar

import attrs

from interactionlog.errors import NotFoundError, NumberSeriesError


class SeriesNotFoundError(NotFoundError):
    """No number series has that code."""


class NoSeriesLineNotFoundError(NotFoundError):
    """The number series has no such line."""


@attrs.define
class SeriesCodeMissingError(NumberSeriesError):
    """A number was asked for without a series; most often setup names none (NS-X01)."""

    code: ClassVar[str] = "series-code-missing"


@attrs.define
class NoNumberLeftError(NumberSeriesError):
    """Lines for other dates exist or not, but none can give a number on this one."""

    code: ClassVar[str] = "no-number-left"


@attrs.define
class NoLineForDateError(NoNumberLeftError):
    """No line can be used on that date, though lines for other dates exist (NS-X02)."""

    code: ClassVar[str] = "no-line-for-date"


@attrs.define
class SeriesExhaustedError(NoNumberLeftError):
    """No line can be used at all: the series has none, or all are used up (NS-X03)."""

    code: ClassVar[str] = "series-exhausted"


@attrs.define
class DateTooEarlyError(NumberSeriesError):
    """The date lies before the line's starting date, or before the last draw (NS-X04)."""

    code: ClassVar[str] = "date-too-early"


@attrs.define
class LineIncompleteError(NumberSeriesError):
    """The line has a warning number without an ending number (NS-X11)."""

    code: ClassVar[str] = "line-incomplete"


@attrs.define
class NumberOutOfRangeError(NumberSeriesError):
    """The line's next number would leave its range; the reason says which bound (NS-X06)."""

    code: ClassVar[str] = "number-out-of-range"


@attrs.define
class NumberTooLongError(NumberSeriesError):
    """The number would have more than 20 characters (NS-X07)."""

    code: ClassVar[str] = "number-too-long"


@attrs.define
class NumberTooLargeError(NumberSeriesError):
    """The run of digits has more than 18 digits (NS-X08)."""

    code: ClassVar[str] = "number-too-large"


@attrs.define
class NotIncrementableError(NumberSeriesError):
    """The text holds no digit that could be counted up (NS-X09)."""

    code: ClassVar[str] = "not-incrementable"


@attrs.define
class FormatMismatchError(NumberSeriesError):
    """A number has not the form of the line, or used numbers would change theirs (NS-X10)."""

    code: ClassVar[str] = "format-mismatch"


@attrs.define
class TemplateInvalidError(NumberSeriesError):
    """The template cannot give distinct numbers, or names a token that does not exist."""

    code: ClassVar[str] = "template-invalid"


@attrs.define
class ManualNotAllowedError(NumberSeriesError):
    """Numbers of this series are not typed by hand (NS-X12a, NS-X12b)."""

    code: ClassVar[str] = "manual-not-allowed"


@attrs.define
class AutomaticNotAllowedError(NumberSeriesError):
    """Numbers of this series are not drawn automatically (NS-X12c)."""

    code: ClassVar[str] = "automatic-not-allowed"


@attrs.define
class NotRelatedError(NumberSeriesError):
    """The other series is no alternative of this one (NS-X12d)."""

    code: ClassVar[str] = "not-related"


@attrs.define
class NumberTakenError(NumberSeriesError):
    """The number exists already, or so many in a row exist that the search was given up."""

    code: ClassVar[str] = "number-taken"


@attrs.define
class NumbersDrawnError(NumberSeriesError):
    """The change would let committed numbers be issued again; numbers were drawn already."""

    code: ClassVar[str] = "numbers-drawn"


@attrs.define
class StaleBatchError(NumberSeriesError):
    """Somebody drew from the line after the batch first looked at it; nothing was saved."""

    code: ClassVar[str] = "stale-batch"


@attrs.define
class SeriesInUseError(NumberSeriesError):
    """The marketing setup names the series, so it cannot be deleted."""

    code: ClassVar[str] = "series-in-use"
