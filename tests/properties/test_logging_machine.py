"""All stores take the same steps of logging; a naive model knows the right answers."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)

import interactionlog as il
from interactionlog.segments.logging.logged_segments import LoggedSegments
from interactionlog.testing import a_contact, a_template, add_basics
from stores import ADAPTERS, opening

CONTACTS = ("CT1", "CT2", "BLOCKED")
OWN, SEGMENT = 1, 2


@dataclass
class Entry:
    """An entry of the model."""

    contact: str
    cost: int
    logged: int | None = None
    bits: int = 0
    postponed: bool = False

    @property
    def counts(self):
        return not self.bits and not self.postponed


class LoggingMachine(RuleBasedStateMachine):
    """Memory, SQLite and SQLite joined to a host take the same steps."""

    adapters = ("memory", "sqlite", "sqlite-joined")
    segments = Bundle("segments")
    logged = Bundle("logged")
    entries = Bundle("entries")
    postponed = Bundle("postponed")

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.begins = [
            self.stack.enter_context(
                opening(adapter, Path(self.stack.enter_context(TemporaryDirectory())))
            )
            for adapter in self.adapters
            if adapter in ADAPTERS
        ]
        self.log, self.lines, self.runs, self.count, self.purged = {}, {}, {}, 0, set()
        self.everywhere(self.set_up)

    def teardown(self):
        self.stack.close()

    @staticmethod
    def set_up(work):
        add_basics(work)
        work.templates.put(a_template("CALL", unit_cost_lcy=3, description="Call"))
        for no in CONTACTS:
            contact = a_contact(no, salesperson_code="HR", privacy_blocked=no == "BLOCKED")
            work.contacts.put(contact)

    def everywhere(self, action):
        """Take a step in every store, each in a unit of work; all must come to the same."""
        outcomes = []
        for begin in self.begins:
            with begin() as work:
                try:
                    outcomes.append(action(work))
                except (il.RuleViolation, il.NotFoundError) as refused:
                    outcomes.append(type(refused).__name__)
        assert all(outcome == outcomes[0] for outcome in outcomes), outcomes
        return outcomes[0]

    @rule(target=segments, contacts=st.lists(st.sampled_from(["CT1", "CT2", None]), max_size=5))
    def create_segment(self, contacts):
        self.count += 1
        no = f"SM{self.count:05}"

        def act(work):
            service = il.SegmentService(work)
            service.create(
                "Segment", no=no, salesperson_code="HR", interaction_template_code="CALL"
            )
            for contact in contacts:
                service.add_line(no, contact)

        self.everywhere(act)
        self.lines[no] = list(contacts)
        return no

    @rule(no=segments, contact=st.sampled_from(CONTACTS))
    def add_line(self, no, contact):
        outcome = self.everywhere(
            lambda work: il.SegmentService(work).add_line(no, contact).line_no
        )
        if contact == "BLOCKED" or no not in self.lines:
            assert outcome in {"PrivacyBlockedError", "SegmentAlreadyLoggedError"}
        else:
            self.lines[no].append(contact)

    @rule(target=logged, no=segments)
    def log_segment(self, no):
        outcome = self.everywhere(lambda work: il.SegmentLogger(work).log(no).entry_no)
        if no not in self.lines:
            assert outcome == "SegmentAlreadyLoggedError"
            return multiple()
        contacts = [contact for contact in self.lines[no] if contact is not None]
        if not contacts:
            assert outcome == "SegmentEmptyError"
            return multiple()
        self.runs[outcome] = (no, self.lines.pop(no))
        self.new_entries([Entry(contact, 3, logged=outcome) for contact in contacts])
        return outcome

    @rule(run=logged)
    def undo(self, run):
        no, lines = self.runs[run]
        outcome = self.everywhere(lambda work: il.SegmentLogger(work).undo(no).no)
        standing = no not in self.lines and max(n for n, (o, _) in self.runs.items() if o == no)
        if standing is False:
            assert outcome == "NotFoundError"
            return
        if standing in self.purged:
            assert outcome == "UndoRefusedError"
            return
        self.lines[no] = lines if standing == run else self.runs[standing][1]
        for entry in self.log.values():
            if entry.logged == standing:
                entry.bits |= SEGMENT | 8  # 8: of an undone logging, for good

    @rule(run=logged, canceled=st.booleans())
    def cancel_logged_segment(self, run, canceled):
        service = "cancel" if canceled else "uncancel"
        outcome = self.everywhere(lambda work: getattr(LoggedSegments(work), service)(run))
        entries = [entry for entry in self.log.values() if entry.logged == run]
        if not canceled and any(entry.bits & 8 for entry in entries):
            assert outcome == "StateError"
            return
        for entry in entries:
            entry.bits = entry.bits | SEGMENT if canceled else entry.bits & ~SEGMENT

    @rule(target=entries, contact=st.sampled_from(CONTACTS))
    def finish(self, contact):
        def act(work):
            interactions = il.InteractionService(work)
            draft = interactions.start(contact, interaction_template_code="CALL")
            return interactions.finish(draft).entry_no

        outcome = self.everywhere(act)
        if contact == "BLOCKED":
            assert outcome == "PrivacyBlockedError"
            return multiple()
        self.new_entries([Entry(contact, 3)])
        return outcome

    @rule(target=postponed, contact=st.sampled_from(["CT1", "CT2"]), cost=st.integers(0, 9))
    def postpone(self, contact, cost):
        def act(work):
            interactions = il.InteractionService(work)
            draft = interactions.start(contact, interaction_template_code="CALL", cost_lcy=cost)
            return interactions.postpone(draft).entry_no

        outcome = self.everywhere(act)
        self.new_entries([Entry(contact, cost, postponed=True)])
        return outcome

    @rule(target=entries, no=consumes(postponed))
    def resume_and_finish(self, no):
        def act(work):
            interactions = il.InteractionService(work)
            return interactions.finish(interactions.resume(no)).entry_no

        outcome = self.everywhere(act)
        if self.log[no].bits:
            assert outcome == "StateError"
            return multiple()
        assert outcome == no
        self.log[no].postponed = False
        return no

    @rule(no=consumes(postponed))
    def delete_postponed(self, no):
        self.everywhere(lambda work: il.InteractionService(work).delete_postponed(no))
        del self.log[no]

    @rule(no=entries, canceled=st.booleans())
    def cancel_entry(self, no, canceled):
        service = "cancel" if canceled else "uncancel"
        outcome = self.everywhere(lambda work: getattr(il.LogEntryService(work), service)(no))
        entry = self.log.get(no)
        if entry is None:
            assert outcome == "EntryNotFoundError"
        elif canceled:
            entry.bits |= OWN
        else:
            entry.bits &= ~OWN

    @rule()
    def delete_canceled(self):
        gone = {no for no, entry in self.log.items() if entry.bits}
        outcome = self.everywhere(lambda work: il.LogEntryService(work).delete_canceled())
        assert outcome == len(gone)
        for no in gone:
            self.purged.add(self.log.pop(no).logged)

    @rule(no=segments)
    def fail_half_way(self, no):
        class Refuses:
            def interactions_logged(self, work, entries):
                raise il.StateError("observer", "refuses")

        for begin in self.begins:
            with begin.with_hooks([Refuses()])() as work:
                try:
                    il.SegmentLogger(work).log(no)
                except il.RuleViolation:
                    continue
                raise AssertionError(no)

    @rule(no=segments)
    def roll_back(self, no):
        for begin in self.begins:
            with begin() as work:
                if work.segments.find(no) is not None:
                    il.SegmentService(work).add_line(no, "CT1")
                work.rollback()

    def new_entries(self, entries):
        first = self.next_no
        self.log |= {first + place: entry for place, entry in enumerate(entries)}
        self.used = first + len(entries) - 1

    @property
    def next_no(self):
        return getattr(self, "used", 0) + 1

    @invariant()
    def every_store_holds_what_the_model_holds(self):
        for begin in self.begins:
            with begin.read() as work:
                self.entries_are_those_of_the_model(work)
                self.figures_are_those_of_live_entries(work)
                self.open_lines_are_those_of_the_model(work)
                self.at_most_one_logging_of_a_number_stands(work)

    def entries_are_those_of_the_model(self, work):
        stored = work.interactions.newest(il.LogFilter(), limit=10_000)
        assert {
            entry.entry_no: (entry.contact_no, entry.cancel_state, entry.postponed)
            for entry in stored
        } == {
            no: (entry.contact, entry.bits & 7, entry.postponed) for no, entry in self.log.items()
        }

    def figures_are_those_of_live_entries(self, work):
        """INV-I-08, INV-I-11, INV-I-12: however they are split, the sums are the same."""
        live = [entry for entry in self.log.values() if entry.counts]
        cost = sum(entry.cost for entry in live)
        by_contact = Counter(entry.contact for entry in live)
        for dimension in il.Dimension:
            split = dict(il.Statistics(work).by(dimension))
            assert sum(figures.interactions for figures in split.values()) == len(live)
            assert sum(figures.cost_lcy for figures in split.values()) == cost
            if dimension is il.Dimension.CONTACT:
                assert {no: each.interactions for no, each in split.items()} == by_contact

    def open_lines_are_those_of_the_model(self, work):
        assert {segment.no for segment in work.segments.all()} == set(self.lines)
        for no, contacts in self.lines.items():
            assert [line.contact_no for line in work.segments.lines_after(no, 0)] == contacts

    def at_most_one_logging_of_a_number_stands(self, work):
        """INV-S-04."""
        standing = Counter(
            logged.segment_no
            for logged in work.logged_segments.all()
            if logged.state is not il.results.LoggedSegmentState.UNDONE
        )
        assert all(count == 1 for count in standing.values())
        assert not standing.keys() & self.lines.keys()


TestLogging = LoggingMachine.TestCase
