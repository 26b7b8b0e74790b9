"""Number series with their lines, relations, counters and ledger, and the port that stores them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from interactionlog.errors import TemplateInvalidError
from interactionlog.numbering.format import (
    MAX_DIGITS,
    MAX_LENGTH,
    MAX_VALUE,
    PeriodKeys,
    as_template,
    judge_period,
    parse_template,
)
from interactionlog.unit_of_work import Records
from interactionlog.values import (
    NumberGrowth,
    NumberingPolicy,
    NumberState,
    ResetPeriod,
    accepting,
    as_code,
    as_utc,
    both,
    calendar_date,
    code_or_none,
    code_text,
    field_or_none,
    flag,
    folded,
    holding,
    instant,
    length,
    one_of,
    refuse,
    whole,
)

if TYPE_CHECKING:
    from interactionlog.numbering.drawing import LineState

_DIGITS = frozenset("0123456789")
_value = whole(0, MAX_VALUE)
_affix = length(0, MAX_LENGTH - 1)
_default_or_manual = holding(
    lambda series, manual: manual or series.default_nos, "must be True unless default_nos is"
)
_no_digit_at_end = accepting(
    lambda prefix: not _DIGITS.intersection(prefix[-1:]), "must not end with a digit"
)
_no_digit = accepting(lambda suffix: not _DIGITS.intersection(suffix), "must not hold a digit")
_not_too_long = holding(
    lambda line, suffix: len(line.prefix) + line.width + len(suffix) <= MAX_LENGTH,
    f"makes numbers of more than {MAX_LENGTH} characters",
)
_from_first = holding(
    lambda record, value: value >= record.first_value,
    "must not be below first_value {0.first_value}",
)
_needs_last_allowed = holding(lambda line, _: line.last_allowed is not None, "needs last_allowed")
_reason_if_void = holding(
    lambda drawn, reason: drawn.state is not NumberState.VOID or folded(reason),
    "must say why the numbers are void",
)


def _as_prefix(value: str) -> str:
    return value.lstrip(" ").upper() if isinstance(value, str) else value


def _as_suffix(value: str) -> str:
    return value.rstrip(" ").upper() if isinstance(value, str) else value


def _template_alone(instance: Any, attribute: attrs.Attribute[Any], value: str) -> None:
    length(1, 50)(instance, attribute, value)
    try:
        width = parse_template(value).width
    except TemplateInvalidError as error:
        refuse(instance, attribute, value, error.reason)
    else:
        if instance.prefix or instance.suffix or instance.width != width:
            refuse(instance, attribute, value, f"needs width {width}, no prefix and no suffix")


def _shown_by_template(instance: Any, attribute: attrs.Attribute[Any], value: ResetPeriod) -> None:
    one_of(ResetPeriod)(instance, attribute, value)
    if value is ResetPeriod.NEVER:
        return
    if instance.template is None:
        refuse(instance, attribute, value, "needs a template that shows the period")
    try:
        judge_period(instance.template, value)
    except TemplateInvalidError as error:
        refuse(instance, attribute, value, error.reason)


@attrs.frozen(kw_only=True, weakref_slot=False)
class NoSeries:
    """
    A number series: the rules that its lines share.

    Attributes:
        code: Key; 1 to 20 characters, trimmed and upper-cased; any sign, looked up as it is.
        description: Free text, at most 100 characters.
        default_nos: Numbers may be drawn automatically.
        manual_nos: Users may type numbers; at least one of the two is true.
        date_order: Numbers of a line are drawn in the order of their usage dates.
        ledger: Every number drawn is written down, so that gaps can be explained.

    Source: table 308 No. Series; rule NS-E01 (both false is refused).
    """

    code: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    description: str = attrs.field(default="", validator=length(0, 100))
    default_nos: bool = attrs.field(default=True, validator=flag)
    manual_nos: bool = attrs.field(default=False, validator=[flag, _default_or_manual])
    date_order: bool = attrs.field(default=False, validator=flag)
    ledger: bool = attrs.field(default=True, validator=flag)


@attrs.frozen(kw_only=True, weakref_slot=False)
class NoSeriesLine:
    """
    A range of numbers within a series, from a starting date on until a later line begins.

    Attributes:
        series_code: The series; first part of the key.
        line_no: Second part of the key, at least 1; among lines of one date the lower comes first.
        starting_date: First usage date; ``None`` means since ever.
        prefix: Text before the counter, without a digit at its end; ``""`` with a template.
        width: Least number of digits, 1 to 18, filled with zeros; the template's, if there is one.
        suffix: Text after the counter, without digits; ``""`` with a template.
        first_value: Counter of the first number, 0 to 10^18 - 1.
        last_allowed: Greatest counter that is issued; ``None`` means no limit but the length.
        warning_value: Counter whose draw warns; needs ``last_allowed``; ``None`` means no warning.
        step: Distance between two numbers, at least 1.
        policy: Whether a rollback gives numbers back on every store.
        growth: Whether numbers may become wider than ``width``.
        template: Form with tokens of the usage date, at most 50 characters; ``None`` means
            prefix, counter and suffix.
        reset_period: When the counter begins again at ``first_value``; needs a template.

    Source: table 309 No. Series Line; number-series.md 7.5, OF-01 to OF-05.
    """

    series_code: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    line_no: int = attrs.field(validator=whole(1))
    starting_date: date | None = field_or_none(calendar_date)
    prefix: str = attrs.field(
        default="", converter=_as_prefix, validator=[_affix, _no_digit_at_end]
    )
    width: int = attrs.field(default=1, validator=whole(1, MAX_DIGITS))
    suffix: str = attrs.field(
        default="", converter=_as_suffix, validator=[_affix, _no_digit, _not_too_long]
    )
    first_value: int = attrs.field(default=1, validator=_value)
    last_allowed: int | None = field_or_none(both(_value, _from_first))
    warning_value: int | None = field_or_none(both(_value, _needs_last_allowed))
    step: int = attrs.field(default=1, validator=whole(1))
    policy: NumberingPolicy = attrs.field(
        default=NumberingPolicy.GAPLESS, validator=one_of(NumberingPolicy)
    )
    growth: NumberGrowth = attrs.field(default=NumberGrowth.GROW, validator=one_of(NumberGrowth))
    template: str | None = field_or_none(_template_alone, as_template)
    reset_period: ResetPeriod = attrs.field(default=ResetPeriod.NEVER, validator=_shown_by_template)


@attrs.frozen(kw_only=True, weakref_slot=False)
class NoSeriesRelation:
    """
    Another series from which a record may take its number instead.

    Attributes:
        code: The series that setup names; 1 to 20 characters.
        series_code: The alternative; 1 to 20 characters. Not the other way round.

    Source: table 310 No. Series Relationship.
    """

    code: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    series_code: str = attrs.field(converter=as_code, validator=code_text(1, 20))


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberCounter:
    """
    How far a line was drawn, in one period.

    Attributes:
        series_code: The series; first part of the key.
        line_no: The line; second part of the key.
        period_key: The period, such as ``2026`` or ``2026-01``; ``None`` without reset.
        last_value: Counter of the last number used; ``None`` when none was.
        last_date: Usage date of the last draw, not the greatest, or of the first number typed;
            ``None`` when nothing was drawn or typed.
        version: Number of changes, so that a batch detects a draw in between.

    Source: number-series.md 8; Last No. Used and Last Date Used of table 309.
    """

    series_code: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    line_no: int = attrs.field(validator=whole(1))
    period_key: str | None = code_or_none(10)
    last_value: int | None = field_or_none(_value)
    last_date: date | None = field_or_none(calendar_date)
    version: int = attrs.field(default=0, validator=whole(0, 2**63 - 1))


@attrs.frozen(kw_only=True, weakref_slot=False)
class NumberRange:
    """
    Numbers of one counter that were drawn together: one row of the ledger.

    Attributes:
        series_code: The series; first part of the key.
        line_no: The line.
        period_key: The period; ``None`` without reset.
        first_value: Counter of the first number; last part of the key.
        last_value: Counter of the last one; ranges of a counter never overlap.
        step: Distance between two numbers of the range, at least 1.
        state: Reserved, used or void.
        user_id: Who drew, or voided, them; ``None`` for nobody in particular; at most 50.
        recorded_at: When, as an instant in UTC.
        usage_date: The date for which they were drawn; ``None`` when recorded without a draw.
        record_kind: Kind of record that got the number, such as ``segment``; ``None``: not told.
        record_key: Its key; ``None``: not told; at most 50 characters.
        reason: Why numbers are void, or recorded without a draw; at most 250 characters.

    Source: number-series.md 7.5, OF-13.
    """

    series_code: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    line_no: int = attrs.field(validator=whole(1))
    period_key: str | None = code_or_none(10)
    first_value: int = attrs.field(validator=_value)
    last_value: int = attrs.field(validator=[_value, _from_first])
    step: int = attrs.field(default=1, validator=whole(1))
    state: NumberState = attrs.field(validator=one_of(NumberState))
    user_id: str | None = code_or_none(50)
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)
    usage_date: date | None = field_or_none(calendar_date)
    record_kind: str | None = field_or_none(length(1, 50))
    record_key: str | None = field_or_none(length(1, 50))
    reason: str = attrs.field(default="", validator=[length(0, 250), _reason_if_void])


class CounterSource(Protocol):
    """
    Counters to draw from, keyed by series, line and period (``None`` without reset).

    A counter that is not stored is a fresh one: no last value, no last date, version 0.
    """

    def lines_on(
        self, series_code: str, day: date, period_keys: PeriodKeys
    ) -> tuple[NoSeries | None, Sequence[LineState]]:
        """
        Return the series and those of its lines that apply on ``day``, by line number.

        Applicable are the lines with the greatest starting date up to ``day``; none at all comes
        before every date. ``period_keys`` says for each reset period which counter to give.
        ``None`` and no lines when the series does not exist. Locks nothing.
        """

    def get(self, series_code: str, line_no: int, period_key: str | None) -> NumberCounter:
        """Return a counter, a fresh one if it is not stored. Locks nothing."""

    def lock(self, counter: NumberCounter) -> NumberCounter:
        """
        Return a counter that was read, as committed last, and keep it until the transaction ends.

        Nobody else gets past this call for the same counter until then; it waits for them. Where
        one transaction writes at a time, what it read is locked already and comes back as it is.
        """

    def advance(self, counter: NumberCounter, last_value: int, last_date: date | None) -> None:
        """Store last value and date of a counter that is locked; its version rises by 1."""

    def own_transaction(self, counter: NumberCounter) -> AbstractContextManager[CounterSource]:  # noqa: ARG002
        """
        Give the counters in a separate short transaction, committed when the block ends.

        Numbers drawn there are not given back by a rollback, and nobody waits for this unit of
        work. SQLite, memory and a host's transaction cannot do so and give these counters; so does
        every store for a counter that this unit of work changed, because it would wait for itself.
        """
        return nullcontext(self)


class NumberCounterRepository(CounterSource, Protocol):
    """The stored counters: what set-up and the ledger need besides."""

    def of_series(self, series_code: str) -> Sequence[NumberCounter]:
        """Return the stored counters of all lines, by line number and period key."""

    def rename(self, series_code: str, new_code: str) -> None:
        """Give the counters of a series another code that has none."""

    def remove(self, series_code: str, line_no: int) -> None:
        """Delete the counters of a line, if any."""


class NumberLedgerRepository(Protocol):
    """Ranges of numbers drawn, keyed by series, line, period and first value; never overlapping."""

    def add(self, drawn: NumberRange) -> None:
        """Store a range, or raise `DuplicateEntryError` when its first value is taken."""

    def replace(self, drawn: NumberRange, parts: Sequence[NumberRange]) -> None:
        """Put ``parts``, which cover the same numbers, in the place of a stored range."""

    def ranges(
        self, series_code: str, line_no: int, period_key: str | None, *, above: int, limit: int
    ) -> Sequence[NumberRange]:
        """Return the first ranges of a counter that reach beyond ``above``, in rising order."""

    def rename(self, series_code: str, new_code: str) -> None:
        """Give the ranges of a series another code that has none."""

    def remove(self, series_code: str, line_no: int) -> None:
        """Delete the ranges of a line, if any."""


class NumberSeriesRepository(Protocol):
    """Everything a store keeps for number series."""

    @property
    def series(self) -> Records[NoSeries]:
        """The series, by code; looked up as it is, never as a filter."""

    @property
    def lines(self) -> Records[NoSeriesLine]:
        """Their lines, by series and line number."""

    @property
    def relations(self) -> Records[NoSeriesRelation]:
        """Alternatives of a series, by both codes."""

    @property
    def counters(self) -> NumberCounterRepository:
        """The counters of the lines."""

    @property
    def ledger(self) -> NumberLedgerRepository:
        """The ledger of numbers drawn."""
