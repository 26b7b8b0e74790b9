"""Invariants of logging, campaigns and targets that hold for any line, on every database."""

from __future__ import annotations

from contextlib import suppress

import attrs
from failing import StorageFailureError, fail_at
from hypothesis import given
from hypothesis import strategies as st

import interactionlog as il
from company import add_attachment
from interactionlog.campaigns.service import Target, TargetGroup
from interactionlog.integrity import check_integrity
from interactionlog.segments.logging.logged_segments import LoggedSegments
from interactionlog.segments.segment import CriteriaStep
from interactionlog.testing import a_contact, a_person, a_step, an_entry
from interactionlog.testing.builders import a_segment, add_basics
from interactionlog.testing.strategies import entities
from stores import throw_away_works

COMPANIES, CAMPAIGNS = ("C1", "C2", "C3"), ("CP1", "CP2")
PEOPLE = {"P1": "C1", "P2": "C2", "P3": None}
CUSTOMERS = {"C1": "10000"}
CONTACTS = [*COMPANIES, *PEOPLE]
COMPANY_OF = PEOPLE | {no: no for no in COMPANIES}
ATTACHMENTS = 3
RENAMED = {
    "line_no": "segment_line_no",
    "language_code": "interaction_language_code",
    "send_word_doc_as_attmt": "send_word_docs_as_attmt",
}
"""Fields of a line that an entry has under another name; it has all but the step of a selection."""


def a_loggable_line(*, contacts=CONTACTS):
    """Any line of segment SM1 with all that logging asks for; content 1 to 3, or none."""
    return entities(
        il.SegmentLine,
        segment_no="SM1",
        line_no=1,  # numbered when stored
        contact_no=st.sampled_from(contacts),
        campaign_no=st.sampled_from([None, *CAMPAIGNS]),
        salesperson_code="HR",
        interaction_template_code="LETTER",
        date=st.dates(),
        attachment_no=st.sampled_from([None, *range(1, ATTACHMENTS + 1)]),
    )


some_lines = st.lists(a_loggable_line(), min_size=1, max_size=8)


def set_up(work):
    """Store contacts, campaigns and content; return the content's numbers."""
    add_basics(work)
    for no in COMPANIES:
        work.contacts.put(a_contact(no))
    for no, company_no in PEOPLE.items():
        work.contacts.put(a_person(no, company_no))
    for no, customer_no in CUSTOMERS.items():
        relation = il.MembershipKind.BUSINESS_RELATION
        membership = il.Membership(contact_no=no, kind=relation, code="CUST")
        work.contacts.put_membership(
            attrs.evolve(membership, link_to_table="Customer", linked_no=customer_no)
        )
    for no in CAMPAIGNS:
        work.campaigns.put(il.Campaign(no=no))
    return [add_attachment(work, b"%d" % n) for n in range(ATTACHMENTS)]


def add_lines(work, lines, **header):
    """Store segment SM1 with these lines, a language row and a step; return the lines."""
    numbers = set_up(work)
    work.segments.add(a_segment("SM1", **header))
    stored = [
        attrs.evolve(
            line,
            line_no=place,
            contact_company_no=COMPANY_OF.get(line.contact_no),
            attachment_no=line.attachment_no and numbers[line.attachment_no - 1],
        )
        for place, line in enumerate(lines, 1)
    ]
    work.segments.add_lines(stored)
    work.segments.put_language(il.results.SegmentLanguage(segment_no="SM1", language_code="ENU"))
    work.records(CriteriaStep).add(a_step(segment_no="SM1"))
    return stored


def add_follow_up_numbers(work):
    il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="SEG"))
    il.numbering.NumberSeriesSetup(work).add_line("SEG", "SM00001")
    work.marketing_setup.put(il.MarketingSetup(segment_nos="SEG"))


def everywhere(check):
    """Check on every database, each time in a unit of work that is thrown away."""
    for opened in throw_away_works():
        with opened as work:
            check(work)
            work.rollback()


@given(lines=some_lines)
def test_an_entry_equals_its_line_in_every_field(lines):
    """INV-S-02: by the fields that both have, so that a new one is not forgotten."""

    def check(work):
        stored = add_lines(work, lines)
        logged = il.SegmentLogger(work).log("SM1")
        entries = work.interactions.of_logged_segment(logged.entry_no)
        names = {each.name for each in attrs.fields(il.SegmentLine)} - {"added_by_step"}
        assert [
            {name: getattr(entry, RENAMED.get(name, name)) for name in names} for entry in entries
        ] == [{name: getattr(line, name) for name in names} for line in stored]
        assert {entry.logged_segment_entry_no for entry in entries} == {logged.entry_no}
        assert {entry.user_id for entry in entries} == {"TESTER"}
        assert not any(entry.postponed or entry.cancel_state for entry in entries)
        assert {entry.delivery_status for entry in entries} == {None}  # INV-S-24

    everywhere(check)


@given(lines=some_lines)
def test_nothing_of_the_open_segment_is_left(lines):
    """INV-S-03: header, lines, language rows and steps hang on the logged segment or are gone."""

    def check(work):
        add_lines(work, lines)
        header = work.segments.get("SM1")
        logged = il.SegmentLogger(work).log("SM1")
        assert work.segments.find("SM1") is None
        assert work.segments.lines_after("SM1", 0) == []
        assert work.segments.all_languages("SM1") == []
        assert work.segments.steps("SM1") == []
        assert attrs.evolve(logged.header, version=header.version) == header
        assert len(work.logged_segments.languages(logged.entry_no)) == 1
        assert len(work.logged_segments.steps(logged.entry_no)) == 1
        assert [fault for fault in check_integrity(work) if fault.broken] == []

    everywhere(check)


@given(lines=some_lines, k=st.integers(1, 60))
def test_a_logging_that_fails_anywhere_leaves_everything_as_before(lines, k):
    """INV-S-06: also the number of a follow-up that a gapless series gave."""

    def check(work):
        stored = add_lines(work, lines)
        add_follow_up_numbers(work)
        before = work.segments.get("SM1")
        fail_at(work, k)
        with suppress(StorageFailureError):
            il.SegmentLogger(work).log("SM1", follow_up=il.FollowUp())
            return  # it makes fewer calls
        assert work.segments.get("SM1") == before
        assert work.segments.lines_after("SM1", 0) == stored
        assert work.interactions.newest(il.LogFilter()) == []
        assert work.logged_segments.all() == []
        assert all(work.campaign_entries.of_campaign(no) == [] for no in CAMPAIGNS)
        assert [segment.no for segment in work.segments.all()] == ["SM1"]
        assert il.numbering.NumberSeries(work).peek("SEG").no == "SM00001"

    everywhere(check)


@given(lines=some_lines, outcome=st.sets(st.sampled_from([None, *il.Evaluation]), min_size=1))
def test_a_follow_up_keeps_the_campaign_and_one_step(lines, outcome):
    """INV-S-22: the header; whom it holds is a property of its own."""

    def check(work):
        add_lines(work, lines, campaign_no="CP1", description="D" * 100)
        add_follow_up_numbers(work)
        logged = il.SegmentLogger(work).log("SM1")
        where = il.OutcomeFilter(evaluations=outcome)
        segment = il.SegmentLogger(work).follow_up(logged.entry_no, il.FollowUp(where=where))
        assert segment.campaign_no == "CP1"
        assert len(segment.description) <= 100
        (step,) = work.segments.steps(segment.no)
        assert (step.source_entry_no, step.lines_added) == (
            logged.entry_no,
            work.segments.totals(segment.no).lines,
        )

    everywhere(check)


@given(lines=some_lines)
def test_content_of_logged_entries_is_there_and_cannot_be_changed(lines):
    """INV-S-23; content that no entry names stays as it is."""

    def check(work):
        stored = add_lines(work, lines)
        used = {line.attachment_no for line in stored} - {None}
        il.SegmentLogger(work).log("SM1")
        attachments = {attachment.no: attachment for attachment in work.scan(il.Attachment)}
        assert {no for no, attachment in attachments.items() if attachment.read_only} == used
        assert len(attachments) == ATTACHMENTS

    everywhere(check)


@given(lines=some_lines, segment=st.booleans(), campaigns=st.booleans())
def test_an_entry_is_uncanceled_only_below_parents_that_stand(lines, segment, campaigns):
    """INV-S-25, INV-S-08: every child has its parent's bit, and only a free one comes back."""

    def check(work):
        add_lines(work, lines)
        logged = il.SegmentLogger(work).log("SM1")
        entries = work.interactions.of_logged_segment(logged.entry_no)
        il.LogEntryService(work).cancel(*[entry.entry_no for entry in entries])
        of_campaigns = work.campaign_entries.of_logged_segment(logged.entry_no)
        if segment:
            LoggedSegments(work).cancel(logged.entry_no)
        if campaigns:
            il.CampaignService(work).cancel_entries(*[each.entry_no for each in of_campaigns])
        for entry in work.interactions.of_logged_segment(logged.entry_no):
            below = 2 * segment | 4 * (campaigns and entry.campaign_no is not None)
            assert entry.cancel_state == 1 | below
            try:
                il.LogEntryService(work).uncancel(entry.entry_no)
            except il.StateError:
                assert below
            else:
                assert not below
                assert not work.interactions.get(entry.entry_no).canceled

    everywhere(check)


some_entries = st.lists(
    st.fixed_dictionaries(
        {
            "contact_no": st.sampled_from(CONTACTS),
            "campaign_no": st.sampled_from(CAMPAIGNS),
            "campaign_target": st.booleans(),
            "postponed": st.booleans(),
            "cancel_state": st.sampled_from([0, 1, 2]),
        }
    ),
    max_size=5,
)


@given(
    lines=st.lists(a_loggable_line(contacts=[*CONTACTS, None]), max_size=5),
    entries=some_entries,
    log=st.booleans(),
)
def test_the_target_group_is_the_image_of_target_lines_and_live_target_entries(lines, entries, log):
    """INV-S-26: before and after logging, which does not change it but for lines left out."""

    def image(records):
        companies = {COMPANY_OF.get(record.contact_no) for record in records}
        return {Target(no in CUSTOMERS, CUSTOMERS.get(no, no)) for no in companies}

    def check(work):
        stored = add_lines(work, lines)
        logged = [
            an_entry(1_000_000 + place, contact_company_no=COMPANY_OF[each["contact_no"]], **each)
            for place, each in enumerate(entries)
        ]
        for entry in logged:
            work.interactions.add(entry)
        with suppress(il.SegmentEmptyError):
            if log:
                il.SegmentLogger(work).log("SM1")
                stored = [line for line in stored if line.contact_no is not None]
        for no in CAMPAIGNS:
            work.campaigns.put(il.Campaign(no=no, activated=True))
            assert TargetGroup(work).of(no) == image(
                [line for line in stored if line.campaign_target and line.campaign_no == no]
                + [
                    entry
                    for entry in logged
                    if entry.campaign_target
                    and entry.campaign_no == no
                    and not entry.postponed
                    and not entry.canceled
                ]
            )

    everywhere(check)
