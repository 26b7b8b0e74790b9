"""Which numbers a line can give: the lines that a number belongs to, and lines that share some."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import attrs

from interactionlog.numbering.drawing import LineState, bound_of, shape_of
from interactionlog.numbering.format import (
    MAX_DIGITS,
    MAX_LENGTH,
    MAX_VALUE,
    FiscalCalendar,
    NumberShape,
    Piece,
    calendar_keys,
    days_of,
    fiscal_year_of,
    parse_template,
    said_in,
    width_of,
)
from interactionlog.numbering.series import NoSeriesLine, NumberCounter
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import NumberGrowth, ResetPeriod


@attrs.frozen(kw_only=True, weakref_slot=False)
class Place:
    """
    Where a number would be in a line that has its form.

    Attributes:
        state: The line, with the counter of the period that the number shows.
        value: The number's counter.
        bound: Greatest counter that the line issues in that form.
        day: The day of that period that is nearest to the work date.
    """

    state: LineState
    value: int
    bound: int
    day: date

    @property
    def held(self) -> bool:
        """Whether the line can give the number, or could when it was drawn up to there."""
        last = self.state.counter.last_value
        top = self.bound if last is None else max(self.bound, last)
        return self.state.line.first_value <= self.value <= top


def places_of(
    work: UnitOfWork, calendar: FiscalCalendar | None, code: str, number: str
) -> Iterator[Place]:
    """Give the places of a number in the lines of a series that have its form, by line number."""
    numbers, today = work.numbers, work.clock.work_date()
    lines = numbers.lines.all(code)
    if not lines:  # it was renamed or deleted since it was looked up
        numbers.series.get(code)
    for line in lines:
        found = _form_and_period(line, number, today, calendar)
        if found is not None:
            shape, period, day = found
            value = shape.value_of(number)
            if value is not None:
                state = LineState(
                    line, numbers.counters.get(line.series_code, line.line_no, period)
                )
                yield Place(state=state, value=value, bound=bound_of(line, shape), day=day)


def _form_and_period(
    line: NoSeriesLine, number: str, today: date, calendar: FiscalCalendar | None
) -> tuple[NumberShape, str | None, date] | None:
    """Return the form, the period and a day that a number shows; ``None`` when it is no number."""
    if line.template is None:
        return shape_of(line, today, calendar), None, today
    read = parse_template(line.template).read(number)
    if read is None or (days := days_of(read[1])) is None:
        return None
    shape, said = read
    first, last = max(days[0], line.starting_date or days[0]), days[1]
    if first > last:
        return None
    day = min(max(today, first), last)
    period: str | None = calendar_keys(day)[line.reset_period.value] or None
    if line.reset_period is ResetPeriod.FISCAL_YEAR:  # only the calendar knows the days of a year
        period = said["fy"]
        if fiscal_year_of(day, calendar).key != period:
            return None
    return shape, period, day


@attrs.frozen(weakref_slot=False)
class _Span:
    """
    Numbers of a line from one counter to another, whatever its step: typed ones lie between.

    Attributes:
        line: The line.
        first: The least counter.
        last: The greatest one; below the least when there is none.
        said: What tokens of the template say in the period, as far as it is known.
    """

    line: NoSeriesLine
    first: int
    last: int
    said: Mapping[str, str] = attrs.Factory(dict)


@attrs.frozen(weakref_slot=False)
class Reach:
    """
    What a line gave and can give.

    Attributes:
        line: The line.
        used: Last value used in each period; that without reset is ``None``.
    """

    line: NoSeriesLine
    used: Mapping[str | None, int]

    @property
    def coming(self) -> _Span:
        """Numbers that the line can give; it may end before, where one is too long."""
        line = self.line
        digits = line.width if line.growth is NumberGrowth.STOP else MAX_DIGITS
        last = min(10**digits - 1, MAX_VALUE if line.last_allowed is None else line.last_allowed)
        resets = line.reset_period is not ResetPeriod.NEVER
        begun = line.first_value if resets or None not in self.used else self.used[None] + 1
        return _Span(line, begun, last)

    @property
    def past(self) -> list[_Span]:
        """Numbers that the line gave; a period may have begun below the first value of today."""
        first = self.line.first_value if self.line.reset_period is ResetPeriod.NEVER else 0
        return [
            _Span(self.line, first, last, said_in(self.line.reset_period, period))
            for period, last in self.used.items()
        ]

    @property
    def whole(self) -> _Span:
        """Both, and what lies between them."""
        spans = [self.coming, *self.past]
        first, last = min(span.first for span in spans), max(span.last for span in spans)
        return _Span(self.line, min(first, self.line.first_value), last)

    def within(self, other: Reach) -> bool:
        """Whether all that can come can come from the other one as well."""
        mine, others = (
            (each.line.prefix, each.line.width, each.line.suffix, each.line.template)
            for each in (self, other)
        )
        coming, could = self.coming, other.coming
        return (
            mine == others
            and self.line.starting_date == other.line.starting_date
            and could.first <= coming.first
            and coming.last <= could.last
        )


def reaches_of(lines: Iterable[NoSeriesLine], counters: Iterable[NumberCounter]) -> list[Reach]:
    """Return the reach of each line of a series, from its counters."""
    used: dict[int, dict[str | None, int]] = defaultdict(dict)
    for counter in counters:
        if counter.last_value is not None:
            used[counter.line_no][counter.period_key] = counter.last_value
    return [Reach(line, used.get(line.line_no, {})) for line in lines]


def sharing(reaches: Iterable[Reach]) -> Iterator[tuple[Reach, Reach, str]]:
    """Give each two lines of a series that share a number, with what `shared` says."""
    seen: list[Reach] = []
    alike: dict[tuple[str, str] | None, list[Reach]] = defaultdict(list)
    for reach in reaches:
        line = reach.line
        form = (line.prefix, line.suffix) if line.template is None else None
        for other in seen if form is None else [*alike[form], *alike[None]]:
            number = shared(reach, other, on_any_date=True)
            if number is not None:
                yield other, reach, number
        seen.append(reach)
        alike[form].append(reach)


def shared(mine: Reach, other: Reach, *, on_any_date: bool = False) -> str | None:
    """
    Return a number that would come twice; where the date is part of it, a template stands for it.

    One that the other line gave and mine can give. Where both start on one date, also one that
    both can give, or that mine gave and the other can give; on any date when that is asked.
    """
    if _least(mine.whole, other.whole) is None:
        return None
    pairs = [(mine.coming, past) for past in other.past]
    if on_any_date or mine.line.starting_date == other.line.starting_date:
        pairs.append((mine.coming, other.coming))
        pairs += [(past, other.coming) for past in mine.past]
    return next((found for pair in pairs if (found := _least(*pair)) is not None), None)


def _least(one: _Span, two: _Span) -> str | None:
    """Return the least number that lies in both, or a template; else ``None``."""
    template = one.line.template or two.line.template
    if template is None:  # then the last run of digits is the counter
        forms = {(each.line.prefix, each.line.suffix) for each in (one, two)}
        if len(forms) > 1 or one.last < two.first or two.last < one.first:
            return None
    by_length: dict[int, list[_Text]] = defaultdict(list)
    for text in _texts(two):
        by_length[len(text.signs)].append(text)
    for text in _texts(one):
        for other in by_length[len(text.signs)]:
            signs = _shared_signs(one, text, two, other)
            if signs is not None:
                return template or "".join(each for sign in signs for each in sign or ())
    return None


_Sign = frozenset[str] | None
"""What a sign of a number may be; ``None`` stands for any sign."""
_DIGIT: _Sign = frozenset("0123456789")


@attrs.frozen(weakref_slot=False)
class _Text:
    """
    All numbers of a line that have one length.

    Attributes:
        signs: What each sign may be.
        spans: Name and place of each token and of the counter, ``n``.
    """

    signs: Sequence[_Sign]
    spans: Sequence[tuple[str, slice]]

    @property
    def counter(self) -> slice:
        """Where the counter is."""
        return next(place for name, place in self.spans if name == "n")


def _texts(span: _Span) -> Iterator[_Text]:
    """Give the numbers of a span by their lengths."""
    line = span.line
    pieces: Sequence[Piece] = (line.prefix, ("n",), line.suffix)
    fiscal_years: Sequence[int] = (0,)
    if line.template is not None:
        template = parse_template(line.template)
        pieces = template.pieces
        if "fy" in template.tokens - span.said.keys():
            fiscal_years = range(1, 11)  # any length of a key
    widest = line.width if line.growth is NumberGrowth.STOP else MAX_DIGITS
    for digits in range(line.width, widest + 1):
        for fiscal_year in fiscal_years:
            signs: list[_Sign] = []
            spans = []
            for piece in pieces:
                begin = len(signs)
                if isinstance(piece, str):
                    signs += map(frozenset, piece)
                    continue
                (name,) = piece
                if name in span.said:
                    signs += map(frozenset, span.said[name])
                else:
                    length = {"n": digits, "fy": fiscal_year}.get(name) or width_of(piece)
                    signs += [None if name == "fy" else _DIGIT] * length
                spans.append((name, slice(begin, len(signs))))
            if len(signs) <= MAX_LENGTH:
                yield _Text(signs, spans)


def _shared_signs(one: _Span, text: _Text, two: _Span, other: _Text) -> list[_Sign] | None:
    """Return what the signs of numbers in both texts may be, the least counter if it is one."""
    signs = [
        theirs if mine is None else mine if theirs is None else mine & theirs
        for mine, theirs in zip(text.signs, other.signs, strict=True)
    ]
    if frozenset() in signs:
        return None
    sides = ((one, text), (two, other))
    for span, each in sides * 2:  # the digits of one counter may lie under a token of the other
        if not _narrow(signs, each.counter, *_counters(span, each, signs)):
            return None
    if text.counter == other.counter:
        lows, highs = zip(*(_counters(span, each, signs) for span, each in sides), strict=True)
        if max(lows) > min(highs):
            return None
        signs[text.counter] = map(frozenset, str(max(lows)).zfill(len(signs[text.counter])))
    return signs if all(_is_shown(span.line, each, signs) for span, each in sides) else None


def _narrow(signs: list[_Sign], counter: slice, low: int, high: int) -> bool:
    """Put in the digits with which all these counters begin, or say that there are none."""
    if low > high:
        return False
    width = len(signs[counter])
    lowest, highest = str(low).zfill(width), str(high).zfill(width)
    for place, (digit, other) in enumerate(zip(lowest, highest, strict=True), counter.start):
        if digit != other:
            break
        if digit not in (signs[place] or ()):
            return False
        signs[place] = frozenset(digit)
    return True


def _counters(span: _Span, text: _Text, signs: Sequence[_Sign]) -> tuple[int, int]:
    """Return the least and the greatest counter that these signs leave to a span."""
    digits = [sign or () for sign in signs[text.counter]]
    low, high = (int("".join(map(pick, digits))) for pick in (min, max))
    if len(digits) > span.line.width:  # wider than that it has no zeros before it
        low = max(low, 10 ** (len(digits) - 1))
    return max(low, span.first), min(high, span.last)


def _is_shown(line: NoSeriesLine, text: _Text, signs: Sequence[_Sign]) -> bool:
    """Whether the line shows these signs on a day on which it has started."""
    said: dict[str, str] = {}
    for name, place in text.spans:
        known = [min(sign) for sign in signs[place] if sign is not None and len(sign) == 1]
        if len(known) == len(signs[place]):
            said[name] = "".join(known)
    if not any(map(str.isdigit, said.get("fy", "0"))):
        return False  # what differs every year has a digit
    days = days_of(said)
    return days is not None and (line.starting_date or days[0]) <= days[1]
