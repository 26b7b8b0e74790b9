"""
Memory and SQLite draw numbers in lockstep; a naive model knows the right answers.

Shows INV-N-01 to 04, 06 to 12, 15, 16, 18, 19, 20 and 25 for any order of steps.
"""

from __future__ import annotations

from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from interactionlog.errors import NumberSeriesError
from interactionlog.numbering.batch import NumberBatch
from interactionlog.numbering.ledger import NumberLedger
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.values import NumberingPolicy
from stores import opening

DAYS = [date(2026, 1, 1), date(2026, 1, 15), date(2026, 2, 1)]
days = st.sampled_from(DAYS)
policies = st.sampled_from(NumberingPolicy)


@dataclass
class Line:
    """A line of the model: its letter is the prefix of its numbers."""

    letter: str
    starting_date: date | None
    first: int
    end: int | None
    step: int
    last: int | None = None
    last_date: date | None = None
    issued: list[str] = field(default_factory=list)

    @property
    def next(self):
        return self.first if self.last is None else self.last + self.step

    @property
    def open(self):
        return self.end is None or self.next <= self.end

    def text(self, value):
        return f"{self.letter}{value:02}"

    def draw(self, day):
        self.last, self.last_date = self.next, day
        self.issued.append(self.text(self.last))
        return self.issued[-1]


class Model:
    """What a series should answer, as plainly as can be."""

    def __init__(self, *, date_order):
        self.date_order = date_order
        self.lines = []

    def current(self, day):
        started = [line for line in self.lines if (line.starting_date or day) <= day]
        newest = max((line.starting_date or date.min for line in started), default=None)
        return [line for line in started if (line.starting_date or date.min) == newest]

    def next_line(self, day):
        """The line that gives the next number, or the code of the error."""
        current = self.current(day)
        for line in current:
            if line.open:
                too_early = self.date_order and line.last_date and day < line.last_date
                return "date-too-early" if too_early else line
        elsewhere = any(line.open for line in self.lines) if current else bool(self.lines)
        return "no-line-for-date" if elsewhere else "series-exhausted"

    def draw(self, day):
        line = self.next_line(day)
        return line if isinstance(line, str) else line.draw(day)

    def draw_many(self, day, count):
        """All numbers, or the code of the error and nothing drawn."""
        trial = deepcopy(self)
        drawn = [trial.draw(day) for _ in range(count)]
        errors = [each for each in drawn if each.islower()]
        if errors:
            return errors[0]
        self.lines = trial.lines
        return drawn


def outcome(call, *arguments, **more):
    """What a call returns, or the code of its error."""
    try:
        return call(*arguments, **more)
    except NumberSeriesError as error:
        return error.code


class NumberMachine(RuleBasedStateMachine):
    """Both stores take the same steps inside one unit of work after the other."""

    adapters = ("memory", "sqlite")

    @initialize(date_order=st.booleans())
    def open_stores(self, date_order):
        self.stack, folder = ExitStack(), TemporaryDirectory()
        path = Path(self.stack.enter_context(folder))
        self.begins = [self.stack.enter_context(opening(name, path)) for name in self.adapters]
        self.model = self.committed = Model(date_order=date_order)
        self.begin()
        for work in self.works:
            NumberSeriesSetup(work).create_series(NoSeries(code="X", date_order=date_order))
        self.commit()

    def begin(self):
        self.blocks = ExitStack()
        self.works = [self.blocks.enter_context(begin()) for begin in self.begins]
        self.model = deepcopy(self.committed)

    def both(self, call):
        """Return the outcome of a call on both stores, which must be the same."""
        first, second = (outcome(call, work) for work in self.works)
        assert first == second
        return first

    @rule()
    def commit(self):
        self.blocks.close()
        self.committed = self.model
        self.begin()

    @rule()
    def roll_back(self):
        for work in self.works:
            work.rollback()
        self.blocks.close()
        self.begin()

    @precondition(lambda self: len(self.model.lines) < 6)
    @rule(
        starting_date=st.sampled_from([None, *DAYS[:2]]),
        first=st.integers(0, 20),
        span=st.none() | st.integers(0, 8),
        step=st.integers(1, 4),
        policy=policies,
    )
    def add_line(self, starting_date, first, span, step, policy):
        end = None if span is None else first + span
        line = Line(chr(65 + len(self.model.lines)), starting_date, first, end, step)
        self.both(
            lambda work: NumberSeriesSetup(work).add_line(
                "X",
                line.text(first),
                ending_no=None if end is None else line.text(end),
                starting_date=starting_date,
                step=step,
                policy=policy,
            )
        )
        self.model.lines.append(line)

    @rule(day=days)
    def draw(self, day):
        found = self.both(lambda work: NumberSeries(work).next("X", day).no)
        assert found == self.model.draw(day)

    @rule(day=days, count=st.integers(1, 12))
    def draw_many(self, day, count):
        found = self.both(lambda work: list(NumberSeries(work).next_many("X", count, day)))
        assert found == self.model.draw_many(day, count)

    @rule(day=days)
    def draw_in_a_block_that_fails(self, day):
        for work in self.works:
            try:
                with work.atomic():
                    NumberSeries(work).try_next("X", day)
                    _ = 1 / 0
            except ZeroDivisionError:
                pass

    @rule(day=days, count=st.integers(1, 12), save=st.booleans())
    def draw_in_a_batch(self, day, count, save):
        def draw(work):
            batch = NumberBatch(work)
            drawn = [outcome(lambda: batch.next("X", day).no) for _ in range(count)]
            if save:
                batch.save()
            return drawn

        model = self.model if save else deepcopy(self.model)
        assert self.both(draw) == [model.draw(day) for _ in range(count)]

    @precondition(lambda self: self.model.lines)
    @rule(data=st.data(), day=days)
    def draw_from_a_line(self, data, day):
        place = data.draw(st.integers(1, len(self.model.lines)))
        line = self.model.lines[place - 1]
        found = self.both(lambda work: NumberSeries(work).next("X", day, line_no=place * 10_000).no)
        if (line.starting_date or day) > day:
            assert found == "date-too-early"
        elif not line.open:
            assert found == "number-out-of-range"
        elif self.model.date_order and line.last_date and day < line.last_date:
            assert found == "date-too-early"
        else:
            assert found == line.draw(day)

    @precondition(lambda self: self.model.lines)
    @rule(
        data=st.data(), step=st.integers(1, 4), policy=policies, more=st.none() | st.integers(0, 5)
    )
    def change_a_line(self, data, step, policy, more):
        place = data.draw(st.integers(1, len(self.model.lines)))
        line = self.model.lines[place - 1]
        changes = {"step": step, "policy": policy}
        reached = max(line.end or 0, line.first, line.last or 0)
        if more is not None and reached + more < 100:  # a wider end would be another form
            line.end = reached + more
            changes["ending_no"] = line.text(line.end)
        line.step = step
        self.both(
            lambda work: NumberSeriesSetup(work).change_line("X", place * 10_000, **changes).step
        )

    @invariant()
    def the_next_number_is_the_models(self):
        for day in DAYS:
            found = self.both(lambda work, day=day: NumberSeries(work).peek("X", day).no)
            line = self.model.next_line(day)
            assert found == (line if isinstance(line, str) else line.text(line.next))

    @invariant()
    def the_last_number_of_a_line_is_the_models(self):
        for place, line in enumerate(self.model.lines, 1):
            found = self.both(
                lambda work, place=place: NumberSeries(work).last_used("X", line_no=place * 10_000)
            )
            assert found == (None if line.last is None else line.text(line.last))

    @invariant()
    def a_simulated_number_leaves_no_trace(self):
        def simulate(work):
            return [outcome(NumberSeries(work).simulate, "X", "A01", day) for day in DAYS]

        self.both(simulate)  # what comes after shows in the other invariants

    @invariant()
    def no_number_is_missing_and_none_comes_twice(self):
        issued = [number for line in self.model.lines for number in line.issued]
        assert len(issued) == len(set(issued))
        assert self.both(lambda work: list(NumberLedger(work).explain_gaps("X"))) == []

    def teardown(self):
        if hasattr(self, "blocks"):
            self.blocks.close()
            self.stack.close()


TestNumbers = NumberMachine.TestCase
