"""Segments, lines, languages and steps: memory, SQLite and a host's contacts in lockstep."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from functools import cache

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from interactionlog.adapters.host import HostStore
from interactionlog.clock import FixedClock
from interactionlog.contacts.contact import AlternativeAddressPeriod, Membership, Salesperson
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import InteractionLogError
from interactionlog.segments.languages import SegmentLanguages
from interactionlog.segments.selection.contact_selection import ContactSelection, SavedSelections
from interactionlog.segments.service import SegmentService
from interactionlog.templates.template import InteractionGroup, TemplateLanguage
from interactionlog.testing import a_campaign, a_contact, a_person, a_template, an_attachment
from interactionlog.values import (
    CorrespondenceType,
    CriteriaAction,
    Evaluation,
    MembershipKind,
)
from stores import throw_away_works

NO = "S1"
CONTACTS = (
    a_contact("A", company_name="B", salesperson_code="SP1", language_code="DAN"),
    a_person("A1", "A", company_name="B", correspondence_type=CorrespondenceType.EMAIL),
    a_person("A2", "A", company_name="B", exclude_from_segment=True, language_code="DAN"),
    a_contact("B", company_name="A", salesperson_code="SP2", language_code="ENU"),
    a_person("B1", "B", company_name="A", privacy_blocked=True),
    a_person("P", salesperson_code="SP1", language_code="FRA"),
)
DAYS = [None, dt.date(2026, 1, 26), dt.date(2026, 7, 1), dt.date(2026, 8, 1)]
PERIODS = (
    AlternativeAddressPeriod(contact_no="A", starting_date=DAYS[1], code="WORK"),
    AlternativeAddressPeriod(
        contact_no="A", starting_date=DAYS[2], ending_date=DAYS[2], code="SUMMER"
    ),
    AlternativeAddressPeriod(contact_no="P", starting_date=DAYS[3], code="HOME"),
)
NEWS, CUSTOMERS = ("A1", "B", "P"), ("A",)
FILTERS = st.sampled_from(
    [
        ContactFilter(),
        ContactFilter(nos={"A1"}),
        ContactFilter(nos={"B", "P"}),
        ContactFilter(salesperson_codes={"SP1"}),
        ContactFilter(mailing_group_codes={"NEWS"}),
        ContactFilter(business_relation_codes={"CUST"}),
        ContactFilter(business_relation_codes={"CUST"}, mailing_group_codes={"NEWS"}),
        ContactFilter(where={"language_code": {"DAN", None}}),
    ]
)
contact_nos = st.sampled_from([None, *(contact.no for contact in CONTACTS)])
templates = st.sampled_from([None, "T1", "T2", "T3"])
languages = st.sampled_from([None, "DAN", "ENU", "FRA"])
headers = st.fixed_dictionaries(
    {},
    optional={
        "description": st.sampled_from(["", "one", "two"]),
        "date": st.sampled_from(DAYS),
        "salesperson_code": st.sampled_from([None, "SP1", "SP2"]),
        "campaign_no": st.sampled_from([None, "CP"]),
        "unit_cost_lcy": st.sampled_from([Decimal(1), Decimal(2)]),
        "campaign_target": st.booleans(),
        "correspondence_type_default": st.sampled_from([None, *CorrespondenceType]),
        "ignore_contact_corres_type": st.booleans(),
        "language_code_default": languages,
        "subject_default": st.sampled_from(["", "hello"]),
        "word_template_code": st.sampled_from([None, "W"]),
        "interaction_template_code": templates,
    },
)
personal = st.fixed_dictionaries(
    {},
    optional={
        "interaction_template_code": templates,
        "language_code": languages,
        "subject": st.sampled_from(["", "mine"]),
        "cost_lcy": st.sampled_from([Decimal(1), Decimal(9)]),
        "evaluation": st.sampled_from([None, Evaluation.POSITIVE]),
        "salesperson_code": st.sampled_from([None, "SP2"]),
        "date": st.sampled_from(DAYS),
        "contact_alt_address_code": st.sampled_from([None, "WORK"]),
        "attachment_no": st.sampled_from([None, 900]),
    },
)


class HostContacts:
    """The same contacts behind a class of a host: no statement reaches them."""

    def __init__(self, contacts):
        self._contacts = contacts

    def __getattr__(self, name):
        return getattr(self._contacts, name)


@cache
def second_database():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("BEGIN")
    HostStore().migrate(connection)
    connection.execute("COMMIT")
    return connection


@contextmanager
def beside():
    """One more unit of work on SQLite, all of which is rolled back."""
    connection = second_database()
    connection.execute("BEGIN")
    try:
        with HostStore().join(connection, user_id="TESTER") as work:
            yield work
    finally:
        connection.execute("ROLLBACK")


class SegmentMachine(RuleBasedStateMachine):
    """Every store takes the same steps and must tell the same; the rules of steps hold on each."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        stores = [*throw_away_works(), beside()]
        self.works = [self.stack.enter_context(store) for store in stores]
        for work in self.works:
            work.clock = FixedClock("2026-01-26T09:30")
            self.fill(work)
        self.works[2].__dict__["contacts"] = HostContacts(self.works[2].contacts)

    def teardown(self):
        self.stack.close()

    @staticmethod
    def fill(work):
        for contact in CONTACTS:
            work.contacts.put(contact)
        for period in PERIODS:
            work.contacts.put_address_period(period)
        for kind, code, nos in (
            (MembershipKind.MAILING_GROUP, "NEWS", NEWS),
            (MembershipKind.BUSINESS_RELATION, "CUST", CUSTOMERS),
        ):
            for no in nos:
                work.contacts.put_membership(Membership(contact_no=no, kind=kind, code=code))
        for code in ("SP1", "SP2"):
            work.salespeople.put(Salesperson(code=code))
        work.campaigns.put(a_campaign("CP"))
        work.interaction_groups.put(InteractionGroup(code="LETTERS"))
        for no, (code, language) in enumerate(
            [("T1", "DAN"), ("T1", "ENU"), ("T2", None), ("T2", "FRA")], 901
        ):
            work.attachments.add(an_attachment(no))
            work.template_languages.put(
                TemplateLanguage(
                    interaction_template_code=code, language_code=language, attachment_no=no
                )
            )
        work.attachments.add(an_attachment(900))
        work.template_languages.put(  # keeps it in use, so that lines copy it
            TemplateLanguage(interaction_template_code="T9", language_code="DAN", attachment_no=900)
        )
        for code, cost in (("T1", 3), ("T2", 4), ("T3", 0)):
            work.templates.put(
                a_template(
                    code,
                    unit_cost_lcy=cost,
                    language_code_default={"T1": "ENU"}.get(code),
                    correspondence_type_default=CorrespondenceType.HARD_COPY,
                )
            )

    def do(self, action):
        """Take one step on every store; return the outcome, which must be the same."""
        outcomes = []
        for work in self.works:
            try:
                with work.atomic():
                    outcomes.append(action(work))
            except InteractionLogError as error:
                outcomes.append((type(error).__name__, str(error)))
        assert outcomes[0] == outcomes[1] == outcomes[2]
        return outcomes[0]

    @staticmethod
    def state(work):
        return (
            work.segments.lines_after(NO, 0),
            [row for row in work.segments.all_languages(NO) if not row.removed_by_step],
        )

    def lines(self):
        return self.works[0].segments.lines_after(NO, 0)

    def some_line(self, place):
        lines = self.lines()
        return lines[place % len(lines)].line_no if lines else 10_000

    @initialize(template=templates, nos=st.lists(contact_nos, max_size=2), everybody=st.booleans())
    def create(self, template, nos, everybody):
        values = {"interaction_template_code": template} if template else {}
        self.do(lambda work: SegmentService(work).create("one", no=NO, **values))
        if everybody:
            self.do(lambda work: ContactSelection(work, NO).add(all_contacts=True))
        for no in nos:
            self.do(lambda work, no=no: SegmentService(work).add_line(NO, no))

    def take(self, action, contact_filter, **options):
        """Take a selection step and check what holds of every step."""
        before = self.lines()
        preview = self.do(
            lambda work: ContactSelection(work, NO).preview(
                action, contact_filter, all_contacts=True, **options
            )
        )
        method = action.name.lower()
        step = self.do(
            lambda work: getattr(ContactSelection(work, NO), method)(
                contact_filter, all_contacts=True, **options
            )
        )
        after = self.lines()
        assert (preview.coming, preview.going) == (step.lines_added, step.lines_removed)
        assert len(after) == len(before) + step.lines_added - step.lines_removed
        return before, after

    @rule(
        contact_filter=FILTERS,
        options=st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                (
                    "persons_of_matched_companies",
                    "colleagues_of_matched_persons",
                    "related_companies",
                    "allow_existing",
                    "ignore_exclusion",
                ),
                st.booleans(),
            ),
        ),
    )
    def add(self, contact_filter, options):
        before, after = self.take(CriteriaAction.ADD, contact_filter, **options)
        assert after[: len(before)] == before  # INV-S-18: behind everything that stands
        new = [line.contact_no for line in after[len(before) :]]
        assert len(set(new)) == len(new)
        assert "B1" not in new
        if not options.get("ignore_exclusion"):
            assert "A2" not in new  # INV-S-11
        if not options.get("allow_existing"):
            assert not {line.contact_no for line in before} & set(new)  # INV-S-10
            again = self.take(CriteriaAction.ADD, contact_filter, **options)
            assert again[0] == again[1]

    @rule(contact_filter=FILTERS, entire=st.booleans())
    def reduce_and_refine(self, contact_filter, entire):
        options = {"entire_companies": entire}
        before, reduced = self.take(CriteriaAction.REDUCE, contact_filter, **options)
        self.do(lambda work: ContactSelection(work, NO).go_back())
        assert self.lines() == before
        _, refined = self.take(CriteriaAction.REFINE, contact_filter, **options)
        named = [line for line in before if line.contact_no is not None]
        gone = [line for line in before if line not in reduced]
        assert gone == refined  # INV-S-12, INV-S-14
        assert (
            sorted(
                [line for line in reduced if line.contact_no] + refined,
                key=lambda line: line.line_no,
            )
            == named
        )
        if contact_filter.is_empty:
            assert refined == named  # INV-S-13

    @rule(no=contact_nos)
    def add_line(self, no):
        self.do(lambda work: SegmentService(work).add_line(NO, no))

    @rule(place=st.integers(0, 9), count=st.integers(1, 3))
    def remove_lines(self, place, count):
        first = self.some_line(place)
        nos = [line.line_no for line in self.lines() if line.line_no >= first][:count]
        self.do(lambda work: SegmentService(work).remove_lines(NO, nos or [10_000]))

    @rule(
        place=st.integers(0, 9),
        no=contact_nos,
        keep=st.sets(st.sampled_from(["salesperson_code", "subject", "evaluation"])),
    )
    def change_contact(self, place, no, keep):
        line_no = self.some_line(place)
        self.do(lambda work: SegmentService(work).change_contact(NO, line_no, no, keep=keep))

    @rule(place=st.integers(0, 9), values=personal)
    def personalise(self, place, values):
        line_no = self.some_line(place)
        self.do(lambda work: SegmentService(work).personalise(NO, line_no, **values))

    @rule(values=headers, force=st.booleans(), update=st.booleans())
    def change(self, values, force, update):
        header, before = self.works[0].segments.get(NO), self.lines()
        self.do(
            lambda work: SegmentService(work).change(NO, force=force, update_lines=update, **values)
        )
        code = header.interaction_template_code
        if self.works[0].segments.get(NO).interaction_template_code == code:
            others = [line for line in before if line.interaction_template_code != code]
            assert [line for line in self.lines() if line in others] == others  # INV-S-19
        elif update:
            changed = self.works[0].segments.get(NO).interaction_template_code
            assert {line.interaction_template_code for line in self.lines()} <= {changed}

    @rule(
        place=st.integers(-1, 9),
        code=languages,
        values=st.fixed_dictionaries(
            {},
            optional={
                "subject": st.sampled_from(["", "hello"]),
                "attachment_no": st.sampled_from([None, 900]),
            },
        ),
    )
    def put_language(self, place, code, values):
        line_no = 0 if place < 0 else self.some_line(place)
        self.do(lambda work: SegmentLanguages(work).put(NO, code, line_no=line_no, **values))

    @rule(place=st.integers(-1, 3), code=languages)
    def remove_language(self, place, code):
        line_no = 0 if place < 0 else self.some_line(place)
        self.do(lambda work: SegmentLanguages(work).remove(NO, code, line_no=line_no))

    @rule(code=languages, new_code=languages)
    def rename_language(self, code, new_code):
        self.do(lambda work: SegmentLanguages(work).rename(NO, code, new_code))

    @rule(steps=st.integers(1, 3))
    def go_back(self, steps):
        self.do(lambda work: ContactSelection(work, NO).go_back(steps))

    @rule(
        act=st.sampled_from(["add", "refine", "remove", "line", "contact"]),
        contact_filter=FILTERS,
        no=contact_nos,
    )
    def a_step_and_back(self, act, contact_filter, no):
        """INV-S-15: numbers, order, every field, own language rows."""
        before = [self.state(work) for work in self.works]
        line_no, taken = self.some_line(0), len(self.works[0].segments.steps(NO))
        acts = {
            "add": lambda work: ContactSelection(work, NO).add(contact_filter, all_contacts=True),
            "refine": lambda work: ContactSelection(work, NO).refine(
                contact_filter, all_contacts=True, entire_companies=True
            ),
            "remove": lambda work: SegmentService(work).remove_lines(NO, [line_no]),
            "line": lambda work: SegmentService(work).add_line(NO, no),
            "contact": lambda work: SegmentService(work).change_contact(NO, line_no, no),
        }
        self.do(acts[act])
        steps = len(self.works[0].segments.steps(NO)) - taken
        if steps:
            self.do(lambda work: ContactSelection(work, NO).go_back(steps))
            assert [self.state(work) for work in self.works] == before

    @rule()
    def save_and_reuse(self):
        """INV-S-17 is checked on steps that only select."""
        steps = self.works[0].segments.steps(NO)
        if not steps:
            return
        lines = self.lines()
        self.do(lambda work: ContactSelection(work, NO).save("SAVED"))
        self.do(lambda work: SegmentService(work).create("again", no="S2"))
        self.do(lambda work: ContactSelection(work, "S2").reuse_saved("SAVED"))
        again = self.do(lambda work: work.segments.lines_after("S2", 0))
        by_steps = all(line.added_by_step for line in lines)
        if by_steps and steps and not any(each.allow_existing for each in steps):
            assert {line.contact_no for line in again} == {line.contact_no for line in lines}
        self.do(lambda work: SegmentService(work).delete("S2"))
        self.do(lambda work: SavedSelections(work).delete("SAVED"))

    @invariant()
    def the_stores_agree(self):
        first, *others = [
            (
                work.segments.find(NO),
                work.segments.lines_after(NO, 0),
                work.segments.all_languages(NO),
                work.segments.steps(NO),
                work.segments.totals(NO),
                work.segments.last_line_no(NO),
            )
            for work in self.works
        ]
        for other in others:
            assert other == first

    @invariant()
    def the_rules_hold(self):
        work = self.works[0]
        lines, steps = self.lines(), work.segments.steps(NO)
        assert len({line.line_no for line in lines}) == len(lines)  # INV-S-18
        assert [step.step_no for step in steps] == list(range(1, len(steps) + 1))  # INV-S-16
        totals = work.segments.totals(NO)
        assert totals.cost_lcy == sum((line.cost_lcy for line in lines), Decimal(0))  # INV-S-28
        assert "B1" not in {line.contact_no for line in lines}
        for line in lines:
            if line.attachment_no is not None:
                assert work.attachments.find(line.attachment_no) is not None
        for row in work.segments.all_languages(NO):
            assert row.attachment_no is None or work.attachments.find(row.attachment_no)

    @invariant()
    def nobody_shares_content_with_a_template(self):
        work = self.works[0]
        of_templates = {row.attachment_no for row in work.template_languages.all()}
        used = {row.attachment_no for row in work.segments.all_languages(NO)}
        assert not used & (of_templates - {None})  # D-36

    @invariant()
    def views_and_explanations_agree(self):
        views, *others = (
            [SegmentService(work).lines(NO) for work in self.works[:2]]
            if self.works[0].segments.find(NO)
            else [[], []]
        )
        assert others == [views]


TestSegments = SegmentMachine.TestCase
TestSegments.settings = settings(stateful_step_count=20)
