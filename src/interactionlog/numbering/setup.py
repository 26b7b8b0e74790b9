"""Setting up number series and their lines, and what a line may become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, TypedDict, Unpack

import attrs

from interactionlog.arguments import judged
from interactionlog.errors import (
    FormatMismatchError,
    LineIncompleteError,
    NumberOutOfRangeError,
    NumbersDrawnError,
    NumberTakenError,
    NumberTooLongError,
    SeriesInUseError,
    TemplateInvalidError,
    UsageError,
)
from interactionlog.numbering.drawing import LineState, is_open, shape_of, state_of
from interactionlog.numbering.format import (
    MAX_LENGTH,
    FiscalCalendar,
    as_template,
    fit,
    of_series,
    parse_template,
    period_keys,
    with_tenant,
)
from interactionlog.numbering.ledger import put_ahead
from interactionlog.numbering.reach import Reach, places_of, reaches_of, shared
from interactionlog.numbering.series import NoSeries, NoSeriesLine, NoSeriesRelation
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import (
    NumberGrowth,
    NumberingPolicy,
    NumberState,
    ResetPeriod,
    as_code,
    differences,
)

_DISTANCE = 10_000
_NUMBERS = ("starting_no", "ending_no", "warning_no", "last_no_used")
SETUP_FIELDS = ("segment_nos", "contact_nos", "campaign_nos", "to_do_nos", "opportunity_nos")
"""Fields of the marketing setup that name a series."""


class LineOptions(TypedDict, total=False):
    """Fields that lines with and without a template have; the meaning is `NoSeriesLine`'s."""

    starting_date: date | None
    step: int
    policy: NumberingPolicy
    growth: NumberGrowth


class LineChanges(LineOptions, total=False):
    """Fields of a line that may be changed, the numbers as text."""

    starting_no: str
    ending_no: str | None
    warning_no: str | None
    last_no_used: str


class SeriesChanges(TypedDict, total=False):
    """Fields of a series that may be changed."""

    description: str
    default_nos: bool
    manual_nos: bool
    date_order: bool
    ledger: bool


@attrs.frozen(kw_only=True, weakref_slot=False)
class ExpiringLine:
    """
    A series that needs attention.

    Attributes:
        series_code: The series.
        line_no: The line that is used up soon; ``None`` when the series has no line at all.
        left: Numbers left on the line; ``None`` when its width or length alone bounds it.
    """

    series_code: str
    line_no: int | None
    left: int | None


@judged
@attrs.frozen
class NumberSeriesSetup:
    """
    Creates and changes series and lines, without ever letting a committed number come again.

    Attributes:
        calendar: Tells the fiscal year of a date; needed where a template names it.

    Source: tables 308 No. Series, 309 No. Series Line and 310 No. Series Relationship.
    """

    work: UnitOfWork
    calendar: FiscalCalendar | None = None

    def create_series(self, series: NoSeries) -> NoSeries:
        """Store a new series, or raise `DuplicateEntryError`; it needs a line to give numbers."""
        with self.work.atomic():
            self.work.numbers.series.add(series)
        return series

    def change_series(self, series_code: str, **changes: Unpack[SeriesChanges]) -> NoSeries:
        """
        Change fields of a series and return it.

        Numbers that are no longer drawn automatically may be typed from then on, and the other way
        round, unless the call says otherwise; never neither. Rule NS-E01.
        """
        with self.work.atomic():
            before = self.work.numbers.series.lock(series_code)
            if changes.get("default_nos") is False and before.default_nos:
                changes.setdefault("manual_nos", True)
            elif changes.get("manual_nos") is False and before.manual_nos:
                changes.setdefault("default_nos", True)
            series = attrs.evolve(before, **changes)
            self.work.numbers.series.replace(series)
        return series

    def rename_series(self, series_code: str, new_code: str) -> NoSeries:
        """
        Give a series another code; lines, counters, ledger, relations and setup follow.

        Records keep the code they were numbered with.

        Raises:
            DuplicateEntryError: The new code is taken.
        """
        numbers = self.work.numbers
        with self.work.atomic():
            series = self.work.numbers.series.lock(series_code)
            renamed = attrs.evolve(series, code=new_code)
            old, new = series.code, renamed.code
            if old == new:
                return series
            numbers.series.add(renamed)
            for line in numbers.lines.all(old):  # first: who draws from one waits, or is done
                numbers.lines.remove(old, line.line_no)
                numbers.lines.add(attrs.evolve(line, series_code=new))
            numbers.series.remove(old)
            numbers.counters.rename(old, new)
            numbers.ledger.rename(old, new)
            for each in numbers.relations.all():
                if old in {each.code, each.series_code}:
                    codes = each.code, each.series_code
                    numbers.relations.remove(*codes)
                    code, other = (new if code == old else code for code in codes)
                    numbers.relations.put(NoSeriesRelation(code=code, series_code=other))
            if self.work.marketing_setup.find() is not None:
                setup = self.work.marketing_setup.lock()
                fields = {name: new for name in SETUP_FIELDS if getattr(setup, name) == old}
                self.work.marketing_setup.set(**fields)
        return renamed

    def delete_series(self, series_code: str, *, even_if_drawn: bool = False) -> None:
        """
        Delete a series with its lines, counters, ledger and relations on either side.

        Raises:
            SeriesInUseError: The marketing setup names it.
            NumbersDrawnError: Numbers were drawn; a new series of that code would issue them again.
        """
        numbers = self.work.numbers
        with self.work.atomic():
            code = self.work.numbers.series.lock(series_code).code
            setup = self.work.marketing_setup.hold()
            for field in SETUP_FIELDS:
                if setup is not None and getattr(setup, field) == code:
                    raise SeriesInUseError(code, f"setup names it in {field}: change that first")
            for line in numbers.lines.all(code):
                self.delete_line(code, line.line_no, even_if_drawn=even_if_drawn)
            for each in numbers.relations.all():
                if code in {each.code, each.series_code}:
                    numbers.relations.remove(each.code, each.series_code)
            numbers.series.remove(code)

    def relate(self, series_code: str, alternative: str) -> None:
        """Let records that are numbered from one series take their number from another as well."""
        relation = NoSeriesRelation(code=series_code, series_code=alternative)
        with self.work.atomic():
            for code in sorted({series_code, alternative}):  # so that nobody waits in a circle
                self.work.numbers.series.lock(code)
            self.work.numbers.relations.put(relation)

    def expiring(self, within: int = 0) -> tuple[ExpiringLine, ...]:
        """
        Return the series that need attention, by code and line number.

        Those without any line, with an open line past its warning number, or with at most
        ``within`` numbers left on the work date. Rule NS-Q01.
        """
        return tuple(
            found
            for series in self.work.numbers.series.all()
            for found in self._expiring_lines(series.code, within)
        )

    def add_line(
        self,
        series_code: str,
        starting_no: str,
        *,
        ending_no: str | None = None,
        warning_no: str | None = None,
        last_no_used: str | None = None,
        max_length: int | None = None,
        line_no: int | None = None,
        **options: Unpack[LineOptions],
    ) -> NoSeriesLine:
        """
        Add a line; its numbers are written as text and take one form.

        Args:
            starting_no: First number; with a prefix or suffix it gets the width of the widest.
            ending_no: Greatest number that is issued; ``None`` means no limit.
            warning_no: Number whose draw warns.
            last_no_used: Last number that was used before, elsewhere.
            max_length: Most characters of a number, such as 14 where a program appends six: the
                line ends with its greatest number of that length; ``None`` means 20.
            line_no: Its number; ``None`` means 10,000 after the last line.
            options: ``starting_date``, ``step``, ``policy`` and ``growth`` as in `NoSeriesLine`.

        Raises:
            NotIncrementableError, NumberTooLongError, NumberTooLargeError: A number is unusable.
            FormatMismatchError: The numbers have not one form.
            NumberTakenError: Another line of the series gives or gave one of the numbers.
            LineIncompleteError: There is a warning number without an ending number.
        """
        with self.work.atomic(), of_series(series_code):
            line = self._new_line(series_code, line_no, **options)
            line, last = with_numbers(line, starting_no, ending_no, warning_no, last_no_used)
            if max_length is not None:
                line = within_length(line, max_length)
            self._refuse_shared(Reach(line, {} if last is None else {None: last}))
            self.work.numbers.lines.add(line)
            if last is not None:
                self._used_before(line, last)
        return line

    def add_template_line(
        self,
        series_code: str,
        template: str,
        *,
        reset_period: ResetPeriod = ResetPeriod.NEVER,
        first_value: int = 1,
        last_allowed: int | None = None,
        warning_value: int | None = None,
        line_no: int | None = None,
        **options: Unpack[LineOptions],
    ) -> NoSeriesLine:
        """
        Add a line with a template such as ``INV{yyyy}-{n:05}``; the rest as `add_line`.

        Args:
            template: Text with tokens of the usage date and one counter; ``{tenant}`` becomes the
                name of the store's tenant here and now.
            reset_period: When the counter begins again at ``first_value``.
            first_value: Counter of the first number of each period.
            last_allowed: Greatest counter; ``None`` means no limit.
            warning_value: Counter whose draw warns.
            line_no, options: As for `add_line`.

        Raises:
            FieldInvalidError, TemplateInvalidError: The template cannot give distinct numbers.
            NumberTakenError: Another line of the series gives or gave one of the numbers.
        """
        with self.work.atomic(), of_series(series_code):
            template = with_tenant(as_template(template) or "", self.work.tenant)
            line = self._new_line(
                series_code,
                line_no,
                template=template,
                width=parse_template(template).width,
                reset_period=reset_period,
                first_value=first_value,
                last_allowed=last_allowed,
                warning_value=warning_value,
                **options,
            )
            self._refuse_shared(Reach(line, {}))
            self.work.numbers.lines.add(line)
        return line

    def change_line(
        self, series_code: str, line_no: int, **changes: Unpack[LineChanges]
    ) -> NoSeriesLine:
        """
        Change a line and return it; numbers are given as text, as for `add_line`.

        The step, the end and the policy may change at any time: the last number used stays. A last
        number used that lies ahead leaves void numbers behind.

        Raises:
            FormatMismatchError: The form of numbers in use would change.
            NumbersDrawnError: The last number used would go back, or the starting number rise,
                although numbers were drawn or typed.
            NumberTakenError: Another line of the series gives or gave a number that this one could
                not give before.
        """
        numbers = self.work.numbers
        with self.work.atomic(), of_series(series_code):
            before = self._locked_line(series_code, line_no)
            state = state_of(before, numbers.counters)
            line, last = changed_line(state, changes)
            if state.counter.last_date is not None and line.first_value > before.first_value:
                reason = "numbers were drawn: the starting number does not rise any more"
                raise NumbersDrawnError(line.series_code, reason, line_no)
            counters = numbers.counters.of_series(line.series_code)
            (reach,) = reaches_of([before], counters)
            changed = Reach(line, reach.used if last is None else {None: last})
            if not changed.within(reach):
                self._refuse_shared(changed)
            numbers.lines.replace(line)
            if last is not None:
                self._used_before(line, last)
        return line

    def delete_line(self, series_code: str, line_no: int, *, even_if_drawn: bool = False) -> None:
        """
        Delete a line with counters and ledger.

        Raises:
            NumbersDrawnError: Numbers were drawn, or typed and the line moved past them.
        """
        numbers = self.work.numbers
        with self.work.atomic():
            code = self._locked_line(series_code, line_no).series_code
            drawn = any(
                counter.line_no == line_no and counter.last_date is not None
                for counter in numbers.counters.of_series(code)
            )
            if drawn and not even_if_drawn:
                reason = "numbers were drawn: let the line expire, or say even_if_drawn=True"
                raise NumbersDrawnError(code, reason, line_no)
            numbers.ledger.remove(code, line_no)
            numbers.counters.remove(code, line_no)
            numbers.lines.remove(code, line_no)

    def set_policy(self, series_code: str, policy: NumberingPolicy) -> None:
        """Give every open line of a series a policy; closed ones keep theirs (NS-E06)."""
        numbers, day = self.work.numbers, self.work.clock.work_date()
        with self.work.atomic():
            code = self.work.numbers.series.lock(series_code).code
            for line in numbers.lines.all(code):
                if is_open(state_of(line, numbers.counters), day, self.calendar):
                    numbers.lines.set(code, line.line_no, policy=policy)

    def ensure_ahead(self, series_code: str, existing_max: str) -> None:
        """
        Put the series ahead of the greatest number that records have, never back.

        Every line that could give the number is put ahead, whatever its date, in the period that
        the number shows; lines of the same date and form that end below it are used up. A number
        that no line can give moves nothing.

        Raises:
            FormatMismatchError: No line has that form.
        """
        number = as_code(existing_max)
        reason, passed = f"numbers up to {number} exist", NumberState.USED
        with self.work.atomic():
            code = self.work.numbers.series.lock(series_code).code
            places = list(places_of(self.work, self.calendar, code, number))
            if not places:
                raise FormatMismatchError(code, f"{number} has not its form", number=number)
            dates = {place.state.line.starting_date for place in places if place.held}
            for place in places:
                below = place.bound < place.value and place.state.line.starting_date in dates
                if place.held or below:
                    value = min(place.value, place.bound)
                    put_ahead(self.work, place.state, value, passed=passed, reason=reason)

    def _refuse_shared(self, reach: Reach) -> None:
        """Refuse a line that could give a number which another one of its series gives or gave."""
        numbers, line = self.work.numbers, reach.line
        code, line_no = line.series_code, line.line_no
        others = [each for each in numbers.lines.all(code) if each.line_no != line_no]
        for other in reaches_of(others, numbers.counters.of_series(code)):
            number = shared(reach, other)
            if number is not None:
                exact = None if line.template or other.line.template else number
                both = f"{number} would come from line {line_no} and line {other.line.line_no}"
                advice = "let one end before the other starts, or use another prefix or template"
                raise NumberTakenError(code, f"{both}: {advice}", line_no, number=exact)

    def _new_line(self, series_code: str, line_no: int | None, **values: Any) -> NoSeriesLine:
        code = self.work.numbers.series.lock(series_code).code
        if line_no is None:
            lines = self.work.numbers.lines.all(code)
            line_no = (lines[-1].line_no if lines else 0) + _DISTANCE
        return NoSeriesLine(series_code=code, line_no=line_no, **values)

    def _used_before(self, line: NoSeriesLine, value: int) -> None:
        """Set the last value used; back only as long as nothing was drawn."""
        numbers, key = self.work.numbers, (line.series_code, line.line_no)
        counter = numbers.counters.lock(numbers.counters.get(*key, None))
        drawn, last = counter.last_date is not None, counter.last_value
        if last is not None and value < last:
            if drawn:
                reason = "numbers were drawn: the last number used never goes back"
                raise NumbersDrawnError(line.series_code, reason, line.line_no)
            numbers.ledger.remove(*key)
            numbers.counters.remove(*key)
        passed = NumberState.VOID if drawn else NumberState.USED
        reason = "skipped by set-up" if drawn else "used before this ledger began"
        put_ahead(self.work, state_of(line, numbers.counters), value, passed=passed, reason=reason)

    def _locked_line(self, series_code: str, line_no: int) -> NoSeriesLine:
        """Return a line that nobody else sets up, or draws from, until the transaction ends."""
        code = self.work.numbers.series.lock(series_code).code
        return self.work.numbers.lines.lock(code, line_no)

    def _expiring_lines(self, code: str, within: int) -> Iterator[ExpiringLine]:
        day, counters = self.work.clock.work_date(), self.work.numbers.counters
        lines = self.work.numbers.lines.all(code)
        if not lines:
            yield ExpiringLine(series_code=code, line_no=None, left=None)
        _, current = counters.lines_on(code, day, period_keys(day, self.calendar))
        states = {state.line.line_no: state for state in current}
        lefts = {line_no: self._left(state) for line_no, state in states.items()}
        bounded = [left for left in lefts.values() if left is not None]
        ends = len(bounded) == len(lefts) and sum(bounded) <= within
        for line in lines:
            state = states.get(line.line_no) or state_of(line, counters)
            mark, last = line.warning_value, state.counter.last_value
            warned = mark is not None and last is not None and last >= mark
            if (ends and line.line_no in lefts) or (warned and is_open(state, day, self.calendar)):
                yield ExpiringLine(series_code=code, line_no=line.line_no, left=self._left(state))

    def _left(self, state: LineState) -> int | None:
        """Numbers left on a line; ``None`` when it has no end."""
        if state.line.last_allowed is None:
            return None
        try:
            shape = shape_of(state.line, self.work.clock.work_date(), self.calendar)
        except TemplateInvalidError:  # it cannot show the work date
            return 0
        return state.left(shape)


def numbers_of(state: LineState) -> dict[str, str | None]:
    """Return the numbers of a line without template as text, by their names."""
    shape, line = shape_of(state.line, date.min, None), state.line
    values = (line.first_value, line.last_allowed, line.warning_value, state.counter.last_value)
    texts = [None if value is None else shape.format(value) for value in values]
    return dict(zip(_NUMBERS, texts, strict=True))


def with_numbers(
    line: NoSeriesLine,
    starting_no: str,
    ending_no: str | None,
    warning_no: str | None,
    last_no_used: str | None,
) -> tuple[NoSeriesLine, int | None]:
    """Return the line with these numbers in one form, and the value of the last one used."""
    if warning_no and not ending_no:
        reason = f"the warning number {warning_no} needs an ending number"
        raise LineIncompleteError(line.series_code, reason, line.line_no, number=warning_no)
    shape, (first, last_allowed, warning, last) = fit(
        starting_no, ending_no, warning_no, last_no_used
    )
    assert first is not None  # noqa: S101  # `fit` refuses a missing starting number
    if last is not None and last < first:
        reason = f"{last_no_used} comes before the starting number {starting_no}"
        raise NumberOutOfRangeError(line.series_code, reason, line.line_no, number=last_no_used)
    changed = attrs.evolve(
        line,
        prefix=shape.prefix,
        width=shape.width,
        suffix=shape.suffix,
        first_value=first,
        last_allowed=last_allowed,
        warning_value=warning,
    )
    return changed, last


def within_length(line: NoSeriesLine, max_length: int) -> NoSeriesLine:
    """
    Let a line end with its greatest number of so many characters (OF-03).

    Raises `UsageError` unless the length is from 1 to 20, and `NumberTooLongError` when a number
    that the line was given is longer.
    """
    if not 1 <= max_length <= MAX_LENGTH:
        raise UsageError(f"numbers have from 1 to {MAX_LENGTH} characters, not {max_length}")
    shape = shape_of(line, date.min, None)
    largest = shape.largest(line.growth, max_length)
    greatest = line.first_value if line.last_allowed is None else line.last_allowed
    if greatest > largest:
        number = shape.format(greatest)
        reason = f"{number} has more than {max_length} characters"
        raise NumberTooLongError(line.series_code, reason, line.line_no, number=number)
    return line if line.last_allowed is not None else attrs.evolve(line, last_allowed=largest)


def changed_line(state: LineState, changes: LineChanges) -> tuple[NoSeriesLine, int | None]:
    """
    Return a line with changes, and the value of its last number used if that was changed.

    A blank ending number takes the warning number with it. Raises `FormatMismatchError` when the
    form of numbers in use would change.
    """
    given: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in changes.items():
        (given if name in _NUMBERS else others)[name] = value
    line = attrs.evolve(state.line, **others)
    if not given:
        return line, None
    if line.template is not None:
        return _changed_template_line(line, line.template, given), None
    numbers: dict[str, Any] = numbers_of(state) | given
    if not numbers["ending_no"] and "warning_no" not in given:
        numbers["warning_no"] = None
    changed, last = with_numbers(line, **numbers)
    used, drawn = state.counter.last_value is not None, state.counter.last_date is not None
    reformed = {"prefix", "width", "suffix"} & differences(line, changed).keys()
    if used and reformed and (drawn or "last_no_used" not in given):
        last_no = numbers["last_no_used"]
        reason = f"numbers like {last_no} are in use: add a line for a new form"
        raise FormatMismatchError(line.series_code, reason, line.line_no, number=last_no)
    return changed, last if "last_no_used" in given else None


def _changed_template_line(
    line: NoSeriesLine, template: str, given: Mapping[str, str | None]
) -> NoSeriesLine:
    """Take the counters from numbers that were typed in the form of the template."""
    values: dict[str, int | None] = {}
    for name, number in given.items():
        values[name] = parse_template(template).value_of(number) if number is not None else None
        if number is not None and (values[name] is None or name == "last_no_used"):
            reason = f"{name} {number} cannot be set on a line with template {template}"
            raise FormatMismatchError(line.series_code, reason, line.line_no, number=number)
    ending = values.get("ending_no", line.last_allowed)
    warning = values.get("warning_no", None if ending is None else line.warning_value)
    if warning is not None and ending is None:
        reason = "a warning number needs an ending number"
        raise LineIncompleteError(line.series_code, reason, line.line_no)
    first = values.get("starting_no")
    return attrs.evolve(
        line,
        first_value=line.first_value if first is None else first,
        last_allowed=ending,
        warning_value=warning,
    )
