"""Number series with their lines, relations, counters and ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import attrs

from interactionlog.errors import TemplateInvalidError
from interactionlog.numbering.format import (
    MAX_DIGITS,
    MAX_LENGTH,
    MAX_VALUE,
    as_template,
    judge_period,
    parse_template,
)
from interactionlog.values import (
    NumberGrowth,
    NumberingPolicy,
    NumberState,
    ResetPeriod,
    as_code,
    as_utc,
    calendar_date,
    code_or_none,
    code_text,
    flag,
    folded,
    instant,
    length,
    one_of,
    optional,
    refuse,
    whole,
)

_Attribute = attrs.Attribute  # short, for the validators below
_DIGITS = frozenset("0123456789")


def _as_prefix(value: str) -> str:
    return value.lstrip(" ").upper() if isinstance(value, str) else value


def _as_suffix(value: str) -> str:
    return value.rstrip(" ").upper() if isinstance(value, str) else value


def _default_or_manual(instance: Any, attribute: _Attribute[Any], value: bool) -> None:
    flag(instance, attribute, value)
    if not (value or instance.default_nos):
        refuse(instance, attribute, value, "must be True unless default_nos is")


def _no_digit_at_end(instance: Any, attribute: _Attribute[Any], value: str) -> None:
    length(0, MAX_LENGTH - 1)(instance, attribute, value)
    if _DIGITS.intersection(value[-1:]):
        refuse(instance, attribute, value, "must not end with a digit")


def _no_digit(instance: Any, attribute: _Attribute[Any], value: str) -> None:
    length(0, MAX_LENGTH - 1)(instance, attribute, value)
    if _DIGITS.intersection(value):
        refuse(instance, attribute, value, "must not hold a digit")
    if len(instance.prefix) + instance.width + len(value) > MAX_LENGTH:
        refuse(instance, attribute, value, f"makes numbers of more than {MAX_LENGTH} characters")


def _above_first(instance: Any, attribute: _Attribute[Any], value: int | None) -> None:
    if value is not None:
        whole(0, MAX_VALUE)(instance, attribute, value)
        if value < instance.first_value:
            refuse(instance, attribute, value, f"must not be below first {instance.first_value}")


def _needs_last_allowed(instance: Any, attribute: _Attribute[Any], value: int | None) -> None:
    if value is not None:
        whole(0, MAX_VALUE)(instance, attribute, value)
        if instance.last_allowed is None:
            refuse(instance, attribute, value, "needs last_allowed")


def _template_alone(instance: Any, attribute: _Attribute[Any], value: str | None) -> None:
    if value is None:
        return
    length(1, 50)(instance, attribute, value)
    try:
        width = parse_template(value).width
    except TemplateInvalidError as error:
        refuse(instance, attribute, value, error.reason)
    else:
        if instance.prefix or instance.suffix or instance.width != width:
            refuse(instance, attribute, value, f"needs width {width}, no prefix and no suffix")


def _shown_by_template(instance: Any, attribute: _Attribute[Any], value: ResetPeriod) -> None:
    one_of(ResetPeriod)(instance, attribute, value)
    if value is ResetPeriod.NEVER:
        return
    if instance.template is None:
        refuse(instance, attribute, value, "needs a template that shows the period")
    try:
        judge_period(instance.template, value)
    except TemplateInvalidError as error:
        refuse(instance, attribute, value, error.reason)


def _from_first(instance: Any, attribute: _Attribute[Any], value: int) -> None:
    whole(0, MAX_VALUE)(instance, attribute, value)
    if value < instance.first_value:
        refuse(instance, attribute, value, f"must not be below first_value {instance.first_value}")


def _reason_if_void(instance: Any, attribute: _Attribute[Any], value: str) -> None:
    length(0, 250)(instance, attribute, value)
    if instance.state is NumberState.VOID and not folded(value):
        refuse(instance, attribute, value, "must say why the numbers are void")


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
    manual_nos: bool = attrs.field(default=False, validator=_default_or_manual)
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
    starting_date: date | None = attrs.field(default=None, validator=optional(calendar_date))
    prefix: str = attrs.field(default="", converter=_as_prefix, validator=_no_digit_at_end)
    width: int = attrs.field(default=1, validator=whole(1, MAX_DIGITS))
    suffix: str = attrs.field(default="", converter=_as_suffix, validator=_no_digit)
    first_value: int = attrs.field(default=1, validator=whole(0, MAX_VALUE))
    last_allowed: int | None = attrs.field(default=None, validator=_above_first)
    warning_value: int | None = attrs.field(default=None, validator=_needs_last_allowed)
    step: int = attrs.field(default=1, validator=whole(1))
    policy: NumberingPolicy = attrs.field(
        default=NumberingPolicy.GAPLESS, validator=one_of(NumberingPolicy)
    )
    growth: NumberGrowth = attrs.field(default=NumberGrowth.GROW, validator=one_of(NumberGrowth))
    template: str | None = attrs.field(
        default=None, converter=as_template, validator=_template_alone
    )
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
        last_date: Usage date of the last draw, not the greatest; ``None`` when nothing was drawn.
        version: Number of changes, so that a batch detects a draw in between.

    Source: number-series.md 8; Last No. Used and Last Date Used of table 309.
    """

    series_code: str = attrs.field(converter=as_code, validator=code_text(1, 20))
    line_no: int = attrs.field(validator=whole(1))
    period_key: str | None = code_or_none(10)
    last_value: int | None = attrs.field(default=None, validator=optional(whole(0, MAX_VALUE)))
    last_date: date | None = attrs.field(default=None, validator=optional(calendar_date))
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
    first_value: int = attrs.field(validator=whole(0, MAX_VALUE))
    last_value: int = attrs.field(validator=_from_first)
    step: int = attrs.field(default=1, validator=whole(1))
    state: NumberState = attrs.field(validator=one_of(NumberState))
    user_id: str | None = code_or_none(50)
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)
    usage_date: date | None = attrs.field(default=None, validator=optional(calendar_date))
    record_kind: str | None = attrs.field(default=None, validator=optional(length(1, 50)))
    record_key: str | None = attrs.field(default=None, validator=optional(length(1, 50)))
    reason: str = attrs.field(default="", validator=_reason_if_void)
