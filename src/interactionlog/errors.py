"""
The whole hierarchy of errors on one page.

Below the root it splits by who must act: the user (`RuleViolation`), the caller's code
(`NotFoundError`, `DuplicateEntryError`, `UsageError`) or who operates the store (`StorageError`).
Every error keeps its facts as attributes and builds its text from them; what a rule refuses has a
stable ``code`` for translation. Operational errors of a driver (busy, serialization failure, lost
connection) are not ours and pass unchanged, because hosts retry by the driver's class.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from typing import Any, ClassVar

import attrs


class InteractionLogError(Exception):
    """Root of all errors of this library; most build their text from their facts."""

    _text: ClassVar[str | None] = None

    def __init_subclass__(cls, code: str | None = None, text: str | None = None) -> None:
        super().__init_subclass__()
        for name, value in (("code", code), ("_text", text)):
            if value is not None:
                setattr(cls, name, value)

    def __str__(self) -> str:
        return super().__str__() if self._text is None else self._text.format(self)


class RuleViolation(InteractionLogError):  # noqa: N818  # the word of the domain
    """
    A business rule refused the operation; stored data is unchanged.

    Attributes:
        code: Stable name of the rule's finding, for translators.
    """

    code: ClassVar[str] = "rule-violation"


@attrs.frozen(kw_only=True)
class Problem:
    """
    One finding of a check.

    Attributes:
        code: Stable name of the finding, such as ``date-missing``. Of a check: 1 to 50 characters
            without blanks and commas, and not ``log``, ``leave-out``, ``refuse`` or ``deleted``,
            which count lines.
        message: One sentence that says what is wrong and what to do.
        field: Name of the field in question; ``None`` when it concerns the record as a whole.
        record: Key of the record that is named, such as a contact number; ``None`` for none.
        line_no: Line of the segment; ``None`` when there is no line.
        leave_out: Of a check of lines: the line is left out with this code, and does not refuse
            the logging of the others.
    """

    code: str
    message: str
    field: str | None = None
    record: str | None = None
    line_no: int | None = None
    leave_out: bool = False

    def __str__(self) -> str:
        return self.message if self.line_no is None else f"line {self.line_no}: {self.message}"


@attrs.define
class FieldInvalidError(
    RuleViolation,
    ValueError,
    code="field-invalid",
    text="{0.record}.{0.field} {0.reason}: {0.value}",
):
    """
    An entity refuses a value.

    Attributes:
        record: Name of the entity's class.
        field: Name of the field.
        value: The refused value as text, at most 200 characters of it.
        reason: What the field takes.
    """

    record: str
    field: str
    value: str
    reason: str


@attrs.define
class CheckFailedError(RuleViolation, code="check-failed"):
    """
    A check found problems; all of them are counted, the first 1,000 are kept.

    Attributes:
        subject: What was checked, such as ``segment SM00001``.
        problems: The first 1,000 problems, in the order of the check.
        counts: Number of problems by code, all of them.
    """

    subject: str
    problems: tuple[Problem, ...]
    counts: Mapping[str, int]

    def __str__(self) -> str:
        total = sum(self.counts.values())
        rest = "" if total == 1 else f" (and {total - 1} more)"
        return f"{self.subject}: {self.problems[0]}{rest}"


@attrs.define
class SegmentEmptyError(RuleViolation, code="segment-empty"):
    """
    Nothing of the segment would be logged.

    Attributes:
        segment_no: The segment.
        left_out: Lines that would be left out; 0 when no line has a contact.
    """

    segment_no: str
    left_out: int

    def __str__(self) -> str:
        few = {0: "no line has a contact", 1: "its only line is left out"}
        why = few.get(self.left_out, f"all {self.left_out} lines are left out")
        return f"segment {self.segment_no} has nothing to log: {why}"


@attrs.define
class SegmentAlreadyLoggedError(
    RuleViolation,
    code="segment-already-logged",
    text="segment {0.segment_no} was logged before, as logged segment {0.logged_segment_entry_no}",
):
    """
    A logged segment already exists for this segment number.

    Attributes:
        segment_no: The segment that was to be logged or changed.
        logged_segment_entry_no: Entry number of the earlier logged segment.
    """

    segment_no: str
    logged_segment_entry_no: int


@attrs.define
class PlanOutdatedError(RuleViolation, code="plan-outdated"):
    """
    The segment no longer gives what the plan said; nothing was logged.

    Attributes:
        segment_no: The segment.
        planned: Lines by decision and reason as planned.
        found: The same as found now.
        segment_changed: Whether the segment itself was changed since the plan.
        differing_line_nos: Lines decided differently, among the first 1,000 that are not plainly
            logged; empty when the plan came as a token.
    """

    segment_no: str
    planned: Mapping[str, int]
    found: Mapping[str, int]
    segment_changed: bool
    differing_line_nos: tuple[int, ...]

    def __str__(self) -> str:
        because = "the segment was changed" if self.segment_changed else "contacts or codes changed"
        return f"the plan of segment {self.segment_no} is outdated, {because}: plan it again"


@attrs.define
class UndoRefusedError(RuleViolation, code="undo-refused"):
    """
    What was logged was used further; nothing was undone.

    Attributes:
        logged_segment_entry_no: The logged segment.
        used: How often by kind: ``evaluated``, ``delivered``, ``resent`` and ``deleted`` entries
            (lines of deleted ones do not come back), and ``followed-up`` segments.
    """

    logged_segment_entry_no: int
    used: Mapping[str, int]

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.used.items())
        number = self.logged_segment_entry_no
        return f"logged segment {number} was used further ({kinds}): undo it with force=True"


@attrs.define
class IdempotencyConflictError(
    RuleViolation,
    code="idempotency-conflict",
    text="key {0.idempotency_key} was used before, for {0.operation} with other arguments",
):
    """
    The idempotency key was used for something else; nothing was done.

    Attributes:
        idempotency_key: The key.
        operation: What it was used for.
    """

    idempotency_key: str
    operation: str


@attrs.define
class PrivacyBlockedError(
    RuleViolation, code="privacy-blocked", text="contact {0.contact_no} is blocked for privacy"
):
    """
    The contact is blocked for privacy.

    Attributes:
        contact_no: The contact.
    """

    contact_no: str


@attrs.define
class StateError(RuleViolation, code="wrong-state", text="{0.record} {0.reason}"):
    """
    The record is in a state that does not allow the operation.

    Attributes:
        record: The record, such as ``entry 7``.
        reason: What its state is and what would be needed.
    """

    record: str
    reason: str


@attrs.define
class SetupMissingError(
    RuleViolation, code="setup-missing", text="setup field {0.field} must be filled {0.needed_for}"
):
    """
    A setup field that the operation needs is empty.

    Attributes:
        field: Name of the setup field.
        needed_for: What it is needed for.
    """

    field: str
    needed_for: str


@attrs.define
class NumberSeriesError(RuleViolation, code="number-series"):
    """
    A number series can give no number.

    Attributes:
        series_code: The series; ``None`` when no code was given.
        reason: Why.
        line_no: Line of the series; ``None`` when it is not about a single line.
        usage_date: Date for which the number was asked; ``None`` where no date matters.
        number: The number in question; ``None`` when there is none.
    """

    series_code: str | None
    reason: str
    line_no: int | None = None
    usage_date: date | None = None
    number: str | None = None

    def __str__(self) -> str:
        return f"number series {self.series_code or '(none)'}: {self.reason}"


class SeriesCodeMissingError(NumberSeriesError, code="series-code-missing"):
    """A number was asked for without a series; most often setup names none (NS-X01)."""


class NoNumberLeftError(NumberSeriesError, code="no-number-left"):
    """Lines for other dates exist or not, but none can give a number on this one."""


class NoLineForDateError(NoNumberLeftError, code="no-line-for-date"):
    """No line can be used on that date, though lines for other dates exist (NS-X02)."""


class SeriesExhaustedError(NoNumberLeftError, code="series-exhausted"):
    """No line can be used at all: the series has none, or all are used up (NS-X03)."""


class DateTooEarlyError(NumberSeriesError, code="date-too-early"):
    """The date lies before the line's starting date, or before the last draw (NS-X04)."""


class LineIncompleteError(NumberSeriesError, code="line-incomplete"):
    """The line has a warning number without an ending number (NS-X11)."""


class NumberOutOfRangeError(NumberSeriesError, code="number-out-of-range"):
    """The line's next number would leave its range; the reason says which bound (NS-X06)."""


class NumberTooLongError(NumberSeriesError, code="number-too-long"):
    """The number would have more than 20 characters (NS-X07)."""


class NumberTooLargeError(NumberSeriesError, code="number-too-large"):
    """The run of digits has more than 18 digits (NS-X08)."""


class NotIncrementableError(NumberSeriesError, code="not-incrementable"):
    """The text holds no digit that could be counted up (NS-X09)."""


class FormatMismatchError(NumberSeriesError, code="format-mismatch"):
    """A number has not the form of the line, or used numbers would change theirs (NS-X10)."""


class TemplateInvalidError(NumberSeriesError, code="template-invalid"):
    """The template cannot give distinct numbers, or names a token that does not exist."""


class ManualNotAllowedError(NumberSeriesError, code="manual-not-allowed"):
    """Numbers of this series are not typed by hand (NS-X12a, NS-X12b)."""


class AutomaticNotAllowedError(NumberSeriesError, code="automatic-not-allowed"):
    """Numbers of this series are not drawn automatically (NS-X12c)."""


class NotRelatedError(NumberSeriesError, code="not-related"):
    """The other series is no alternative of this one (NS-X12d)."""


class NumberTakenError(NumberSeriesError, code="number-taken"):
    """A record or another line has the number, or so many in a row exist that none was found."""


class NumbersDrawnError(NumberSeriesError, code="numbers-drawn"):
    """The change would let committed numbers be issued again; numbers were drawn already."""


class StaleBatchError(NumberSeriesError, code="stale-batch"):
    """Somebody drew from the line after the batch first looked at it; nothing was saved."""


class SeriesInUseError(NumberSeriesError, code="series-in-use"):
    """The marketing setup names the series, so it cannot be deleted."""


@attrs.define
class NotFoundError(InteractionLogError, LookupError, text="{0.record} {0.key} does not exist"):
    """
    A record that the caller named is not there.

    Attributes:
        record: Kind of record, such as ``contact``.
        key: Its key as text.
    """

    record: str
    key: str


class EntryNotFoundError(NotFoundError):
    """No interaction log entry has that number."""


class SeriesNotFoundError(NotFoundError):
    """No number series has that code."""


class NoSeriesLineNotFoundError(NotFoundError):
    """The number series has no such line."""


@attrs.define
class DuplicateEntryError(InteractionLogError, text="{0.record} {0.key} exists already"):
    """
    The key is taken; the stored record stays as it was.

    Attributes:
        record: Kind of record.
        key: The key that is taken, as text.
    """

    record: str
    key: str


class UsageError(InteractionLogError):
    """The library was called in a way it does not allow, such as joining without a transaction."""


class StorageError(InteractionLogError):
    """Our own finding about a store: not a database, a newer schema, damaged content."""


class CommitOutcomeUnknownError(InteractionLogError):
    """COMMIT failed and proves no rollback: look before retrying; the cause is the driver's."""


def extra(module: str, name: str, what: str) -> Any:
    """Return a module of an extra, or raise `UsageError` that says what to install."""
    try:
        return import_module(module)
    except ImportError as error:
        message = f"{what} needs an extra: pip install 'interactionlog[{name}]'"
        raise UsageError(message) from error
