"""INT-056 to INT-067, INT-088 to INT-093, INT-105: what happens to entries of the log."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest

from company import (
    add_attachment,
    add_company,
    add_person,
    add_salesperson,
    add_template,
    log_interaction,
    set_up,
)
from interactionlog.attachments.attachment import AttachmentService
from interactionlog.contacts.consent import Consents, Purpose
from interactionlog.errors import (
    CheckFailedError,
    EntryNotFoundError,
    FieldInvalidError,
    NotFoundError,
    PrivacyBlockedError,
    StateError,
)
from interactionlog.events import (
    AttemptsMarked,
    CommentsChanged,
    InteractionLogged,
    InteractionsCanceled,
    InteractionsDeleted,
    InteractionsEvaluated,
    InteractionsUncanceled,
    OpportunityAssigned,
)
from interactionlog.integrity import check_integrity
from interactionlog.interactions.draft import DraftComment, entry_title
from interactionlog.interactions.entry_service import LogEntryService
from interactionlog.interactions.log import InteractionLog, Statistics, position_of
from interactionlog.interactions.repository import Dimension, LogFilter
from interactionlog.segments.logging.logger import SegmentLogger
from interactionlog.segments.service import SegmentService
from interactionlog.testing import DAY, a_campaign_entry, a_logged_segment, a_template, an_entry
from interactionlog.values import (
    CorrespondenceType,
    DeliveryStatus,
    Evaluation,
    InformationFlow,
    InitiatedBy,
    LoggedSegmentState,
)


@pytest.mark.rule("INT-056")
@pytest.mark.rule("INT-057")
def test_canceled_entries_stay_and_count_nowhere_until_they_are_uncanceled(begin):
    with begin() as work:
        set_up(work, unit_cost_lcy=4)
        first, second = log_interaction(work), log_interaction(work)
        entries = LogEntryService(work)
        entries.cancel(first.entry_no, second.entry_no)
        entries.cancel(first.entry_no)
        assert Statistics(work).of_contact("C") == (0, 0, 0)
        assert all(entry.canceled for entry in InteractionLog(work).timeline("C"))
        entries.uncancel(first.entry_no, second.entry_no)
        assert [work.interactions.get(each.entry_no) for each in (first, second)] == [first, second]
        assert work.events[-3:] == (
            InteractionsCanceled((first.entry_no, second.entry_no)),
            InteractionsCanceled((first.entry_no,)),
            InteractionsUncanceled((first.entry_no, second.entry_no)),
        )
        with pytest.raises(EntryNotFoundError):
            entries.cancel(first.entry_no, 99)
        assert not work.interactions.get(first.entry_no).canceled


@pytest.mark.rule("INT-057")
def test_content_that_only_the_canceled_entry_has_is_removed_when_asked_for(begin):
    with begin() as work:
        set_up(work)
        shared = add_attachment(work)
        own = log_interaction(work, attachment_no=add_attachment(work, b"own"))
        for no in (50, 51):
            work.interactions.add(an_entry(no, attachment_no=shared))
        LogEntryService(work).cancel(own.entry_no, 50, remove_content=True)
        assert work.interactions.get(own.entry_no).attachment_no is None
        assert work.attachments.find(own.attachment_no) is None
        assert work.interactions.get(50).attachment_no == shared
        assert work.interactions.get(50).canceled


@pytest.mark.rule("INT-058")
@pytest.mark.parametrize(
    ("parent", "reason"),
    [
        (lambda work: work.logged_segments.add(a_logged_segment(cancel_state=1)), "canceled"),
        (
            lambda work: work.logged_segments.add(
                a_logged_segment(state=LoggedSegmentState.UNDONE)
            ),
            "undone",
        ),
        (lambda work: work.campaign_entries.add(a_campaign_entry(5, cancel_state=1)), "campaign"),
    ],
)
def test_below_a_canceled_parent_no_entry_is_uncanceled(begin, parent, reason):
    with begin() as work:
        parent(work)
        campaign_entry_no = 5 if reason == "campaign" else None
        work.interactions.add(
            an_entry(
                1,
                cancel_state=1,
                campaign_entry_no=campaign_entry_no,
                logged_segment_entry_no=None if campaign_entry_no else 1,
            )
        )
        with pytest.raises(StateError, match=reason):
            LogEntryService(work).uncancel(1)
        assert work.interactions.get(1).cancel_state == 1


@pytest.mark.rule("INT-058")
def test_uncanceling_clears_the_entrys_own_reason_only(begin):
    with begin() as work:
        work.interactions.add(an_entry(1, cancel_state=5))
        LogEntryService(work).uncancel(1)
        assert work.interactions.get(1).cancel_state == 4


@pytest.mark.rule("INT-063")
def test_entries_are_evaluated_together(begin):
    with begin() as work:
        for no in (1, 2):
            work.interactions.add(an_entry(no))
        entries = LogEntryService(work)
        entries.evaluate(Evaluation.NEGATIVE, 1, 2)
        assert work.interactions.get(2).evaluation is Evaluation.NEGATIVE
        assert work.events == (InteractionsEvaluated((1, 2), Evaluation.NEGATIVE),)
        with pytest.raises(FieldInvalidError):
            entries.evaluate("good", 1)
        with pytest.raises(EntryNotFoundError):
            entries.evaluate(Evaluation.POSITIVE, 1, 9)
        assert work.interactions.get(1).evaluation is Evaluation.NEGATIVE


def test_attempts_are_marked_as_failed_and_still_count(begin):
    with begin() as work:
        for no in (1, 2):
            work.interactions.add(an_entry(no))
        entries = LogEntryService(work)
        entries.mark_attempts(1, 2, failed=True)
        entries.mark_attempts(2, failed=False)
        assert [work.interactions.get(no).attempt_failed for no in (1, 2)] == [True, False]
        assert work.events == (AttemptsMarked((1, 2), True), AttemptsMarked((2,), False))
        assert Statistics(work).of(LogFilter()).interactions == 2
        with pytest.raises(EntryNotFoundError):
            entries.mark_attempts(2, 9, failed=True)
        assert not work.interactions.get(2).attempt_failed


@pytest.mark.rule("INT-064")
def test_comments_are_added_written_over_and_deleted_at_any_time(begin):
    with begin() as work:
        work.interactions.add(an_entry(1, cancel_state=1))
        entries = LogEntryService(work)
        first = entries.put_comment(1, DraftComment(comment="one"))
        second = entries.put_comment(1, DraftComment(comment="two"))
        assert [first.date, second.date] == [DAY, None]
        assert [first.line_no, second.line_no] == [10_000, 20_000]
    begin.clock.move(days=1)
    with begin(user_id="OTHER") as work:
        entries = LogEntryService(work)
        changed = entries.put_comment(1, DraftComment(comment="ONE", code="x"), line_no=10_000)
        assert (changed.user_id, changed.date) == ("OTHER", DAY + timedelta(1))
        assert work.interactions.comments(1) == [changed, second]
        entries.delete_comment(1, 10_000)
        with pytest.raises(NotFoundError):
            entries.delete_comment(1, 15_000)
        with pytest.raises(NotFoundError):
            entries.put_comment(1, DraftComment(comment="x"), line_no=15_000)
        with pytest.raises(EntryNotFoundError):
            entries.put_comment(9, DraftComment(comment="x"))
        assert work.interactions.comments(1) == [second]
        assert work.events == (CommentsChanged(1, 10_000), CommentsChanged(1, 10_000))
        with pytest.raises(FieldInvalidError):
            DraftComment(comment="x" * 2_001)


@pytest.mark.rule("INT-066")
def test_an_opportunity_is_assigned_once_to_a_live_entry(begin):
    with begin() as work:
        set_up(work)
        add_person(work, "P", "C")
        entry = log_interaction(work, "P")
        entries = LogEntryService(work)
        add_company(work, privacy_blocked=True)
        with pytest.raises(PrivacyBlockedError):
            entries.assign_opportunity(entry.entry_no, "OP1")
        add_company(work)
        entries.assign_opportunity(entry.entry_no, "op1")
        assert work.interactions.get(entry.entry_no).opportunity_no == "OP1"
        assert work.events[-1] == OpportunityAssigned(entry.entry_no, "OP1")
        assert Statistics(work).of(LogFilter(opportunity_no="OP1")).interactions == 1
        with pytest.raises(StateError, match="OP1 already"):
            entries.assign_opportunity(entry.entry_no, "OP2")
        work.interactions.add(an_entry(50, cancel_state=1))
        with pytest.raises(StateError, match="canceled"):
            entries.assign_opportunity(50, "OP1")


@pytest.mark.rule("INT-067")
@pytest.mark.parametrize(
    ("flow", "contact", "salesperson", "user", "expected"),
    [
        (InformationFlow.INBOUND, "C", "Sally", "Uma", "TD - from C"),
        (InformationFlow.INBOUND, "", "Sally", "Uma", "TD"),  # the contact is gone
        (InformationFlow.OUTBOUND, "C", "Sally", "Uma", "TD - by Sally"),
        (InformationFlow.OUTBOUND, "C", None, "Uma", "TD - by Uma"),
        (InformationFlow.OUTBOUND, "C", "", "Uma", "TD - by Uma"),
        (InformationFlow.OUTBOUND, "C", None, None, "TD"),
        (None, "C", "Sally", "Uma", "TD"),
    ],
)
def test_a_title_says_who_wrote_to_whom(flow, contact, salesperson, user, expected):
    names = {"contact_name": contact, "salesperson_name": salesperson, "user_name": user}
    template = a_template(description="TD", information_flow=flow)
    assert entry_title(template, **names) == expected
    assert entry_title(None, **names) == ""


EMAIL = CorrespondenceType.EMAIL


@pytest.mark.rule("INT-088")
@pytest.mark.rule("INT-089")
@pytest.mark.rule("INT-090")
def test_a_resend_is_an_entry_of_its_own_at_no_cost(begin):
    with begin() as work:
        set_up(work, unit_cost_lcy=5, unit_duration_min=3, correspondence_type_default=EMAIL)
        add_company(work, e_mail="c@x.example")
        comments = (DraftComment(comment="x"),)
        no = add_attachment(work)
        first = log_interaction(
            work, attachment_no=no, comments=comments, description="D" * 98, host_ref="so,1"
        )
    begin.clock.move(days=2)
    with begin(user_id="OTHER") as work:
        entries = LogEntryService(work)
        (again,) = entries.resend(first.entry_no)
        (third,) = entries.resend(again.entry_no, correspondence_type=CorrespondenceType.HARD_COPY)
        assert work.events == tuple(
            InteractionLogged(each.entry_no, delivery_requested=True) for each in (again, third)
        )
        assert work.interactions.get(first.entry_no) == first
        assert Statistics(work).of_contact("C") == (3, Decimal(5), 3)
        (comment,) = work.interactions.comments(again.entry_no)
        assert comment.comment == "x"
        with AttachmentService(work).open(again.attachment_no) as content:
            assert content.read() == b"text"
    assert (again.resend_of, again.date, again.user_id) == (
        first.entry_no,
        DAY + timedelta(2),
        "OTHER",
    )
    assert again.attachment_no != first.attachment_no
    assert again.delivery_status is DeliveryStatus.REQUESTED
    assert third.correspondence_type is CorrespondenceType.HARD_COPY
    assert again.description == third.description == "Resent: " + "D" * 92


@pytest.mark.rule("INT-088")
def test_a_resend_is_refused_with_all_problems_at_once(begin):
    with begin() as work:
        set_up(work)
        add_company(work, "B", privacy_blocked=True)
        content = {"attachment_no": add_attachment(work), "correspondence_type": EMAIL}
        work.interactions.add(an_entry(1, "C", cancel_state=1, **content))
        work.interactions.add(an_entry(2, "B", postponed=True, **content))
        work.interactions.add(an_entry(3, "C"))
        with pytest.raises(CheckFailedError, match="resend of entry 3: has no"):
            LogEntryService(work).resend(3)
        with pytest.raises(CheckFailedError, match="resend of entry 1: ") as refused:
            LogEntryService(work).resend(1, 2, 3)
        assert [problem.code for problem in refused.value.problems] == [
            "wrong-state",
            "undeliverable",
            "wrong-state",
            "privacy-blocked",
            "undeliverable",
            "correspondence-type-missing",
            "content-missing",
        ]
        assert len(work.interactions.newest(LogFilter())) == 3


NEVER_SENT = {
    "contact-gone": ("unknown-contact", lambda work: work.contacts.remove("D")),
    "nobody": ("no-contact", lambda work: work.interactions.set([9], contact_no=None)),
    "privacy-blocked": (
        "privacy-blocked",
        lambda work: work.contacts.set("D", privacy_blocked=True),
    ),
    "canceled": ("wrong-state", lambda work: work.interactions.set([9], cancel_state=1)),
    "address-gone": (
        "unknown-address",
        lambda work: work.interactions.set([9], contact_alt_address_code="GONE"),
    ),
    "no-consent": ("no-consent", lambda work: Consents(work).put_purpose(Purpose(code="NEWS"))),
    "unknown purpose": ("no-consent", lambda work: None),
    "refused": ("no-consent", lambda work: Consents(work).record("D", given=False)),
    "suppressed": ("suppressed", lambda work: Consents(work).suppress("d@d.example")),
}
"""What keeps a delivery from being sent, and what a resend says of it."""


@pytest.mark.rule("INT-088")
@pytest.mark.parametrize("kind", [EMAIL, CorrespondenceType.HARD_COPY])
@pytest.mark.parametrize("why", NEVER_SENT)
def test_what_would_be_withheld_is_not_requested_again(begin, why, kind):
    code, change = NEVER_SENT[why]
    with begin() as work:
        set_up(work)
        add_company(work, "D", e_mail="d@d.example")
        if why != "unknown purpose":
            Consents(work).put_purpose(Purpose(code="NEWS", needs="opt-out"))
        content = {"attachment_no": add_attachment(work), "correspondence_type": kind}
        work.interactions.add(an_entry(9, "D", interaction_template_code="T1", **content))
        LogEntryService(work).resend(9)
        work.templates.set("T1", purpose_code="NEWS")
        change(work)
        if code == "suppressed" and kind is not EMAIL:
            LogEntryService(work).resend(9)  # a letter reaches another address
            return
        with pytest.raises(CheckFailedError) as refused:
            LogEntryService(work).resend(9)
        assert [problem.code for problem in refused.value.problems] == [code]
        assert len(work.deliveries.page()) == 1


@pytest.mark.rule("INT-091")
@pytest.mark.rule("INT-093")
def test_only_canceled_entries_that_are_meant_are_deleted(begin):
    with begin() as work:
        set_up(work)
        for no in range(1, 5):
            work.interactions.add(
                an_entry(no, f"C{no % 2}", cancel_state=int(no > 1), attachment_no=no)
            )
            LogEntryService(work).put_comment(no, DraftComment(comment="x"))
        entries = LogEntryService(work)
        assert entries.delete_canceled(LogFilter(contact_no="C1")) == 1
        assert work.interactions.find(3) is None
        assert work.interactions.comments(3) == []
        assert entries.delete_canceled() == 2
        assert entries.delete_canceled() == 0
        assert work.events[-3:] == (
            InteractionsDeleted((3,)),
            InteractionsDeleted((4, 2)),
            InteractionsDeleted(()),
        )
        assert [each.entry_no for each in work.interactions.newest(LogFilter())] == [1]


@pytest.mark.rule("INT-090")
def test_a_resend_from_a_segment_keeps_to_its_wave_and_leaves_the_sums_right(begin):
    seen = []

    class Observer:
        def interactions_logged(self, work, entries):
            seen.append([entry.resend_of for entry in entries])

    with begin.with_hooks([Observer()])() as work:
        set_up(work, correspondence_type_default=EMAIL, word_template_code="W")
        add_company(work, e_mail="c@x.example")
        segments = SegmentService(work)
        segments.create("S", no="S1", interaction_template_code="T1", salesperson_code="SP1")
        segments.add_line("S1", "C")
        logged = SegmentLogger(work).log("S1")
        entries = LogEntryService(work)
        (again,) = entries.resend(logged.first_entry_no)
        assert again.logged_segment_entry_no == logged.entry_no
        assert [fault for fault in check_integrity(work) if fault.broken] == []
        entries.cancel(again.entry_no)
        assert entries.delete_canceled() == 1
        assert work.logged_segments.get(logged.entry_no).counts == logged.counts
        entries.cancel(logged.first_entry_no)
        assert entries.delete_canceled() == 1
        assert work.logged_segments.get(logged.entry_no).counts["deleted"] == 1
        assert [fault for fault in check_integrity(work) if fault.broken] == []
    assert seen == [[None], [logged.first_entry_no]]


@pytest.mark.rule("INT-091")
def test_an_edited_word_template_goes_with_the_last_entry_that_has_it(begin):
    with begin() as work:
        no = add_attachment(work)
        for entry_no in (1, 2):
            work.interactions.add(
                an_entry(entry_no, modified_word_template=no, cancel_state=int(entry_no == 1))
            )
        entries = LogEntryService(work)
        entries.delete_canceled()
        assert work.attachments.find(no) is not None
        entries.cancel(2)
        entries.delete_canceled()
        assert work.attachments.find(no) is None


@pytest.mark.rule("INT-105")
def test_log_and_postponed_list_never_overlap_and_are_found_by_their_records(begin):
    with begin() as work:
        add_company(work, "C")
        add_person(work, "P", "C")
        links = {"contact_no": "P", "contact_company_no": "C", "opportunity_no": "OP"}
        for no in range(1, 7):
            work.interactions.add(an_entry(no, postponed=no % 2 == 0, **links))
        work.interactions.add(an_entry(7, "C", contact_company_no="C", cancel_state=1))
        log = InteractionLog(work)
        assert numbers(log.entries()) == [7, 5, 3, 1]
        assert numbers(log.postponed()) == [6, 4, 2]
        assert numbers(log.timeline("P")) == [5, 3, 1]
        assert numbers(log.timeline("C")) == [7, 5, 3, 1]
        assert numbers(log.postponed(LogFilter(opportunity_no="op"))) == [6, 4, 2]
        with pytest.raises(NotFoundError):
            log.timeline("XX")
        page = log.timeline("C", limit=2)
        below = log.timeline("C", before=position_of(page[-1]), limit=2)
        above = log.timeline("C", after=position_of(below[0]), limit=2)
        assert (numbers(page), numbers(below), numbers(above)) == ([7, 5], [3, 1], [7, 5])
        pending = log.postponed(limit=2)
        assert numbers(log.postponed(before=position_of(pending[-1]))) == [2]


def numbers(entries):
    return [entry.entry_no for entry in entries]


def test_the_dates_of_a_contact_leave_out_what_is_canceled(begin):
    with begin() as work:
        add_company(work, "C")
        add_person(work, "P", "C")
        us = {"contact_company_no": "C", "initiated_by": InitiatedBy.US}
        days = [DAY + timedelta(number) for number in range(8)]
        work.interactions.add(an_entry(1, "P", date=days[1], contact_company_no="C"))
        work.interactions.add(an_entry(2, "P", date=days[2], attempt_failed=True, **us))
        work.interactions.add(an_entry(3, "C", date=days[3], cancel_state=1, **us))
        work.interactions.add(an_entry(4, "C", date=days[5], postponed=True, **us))
        work.interactions.add(an_entry(5, "C", date=days[4], postponed=True, **us))
        work.interactions.add(an_entry(6, "C", date=days[0], postponed=True, cancel_state=1, **us))
        statistics = Statistics(work)
        assert statistics.dates_of_contact("C") == (days[2], days[1], days[4])
        assert statistics.dates_of_contact("P") == (days[2], days[1], None)
        add_person(work, "Q")
        assert statistics.dates_of_contact("Q") == (None, None, None)


def test_figures_are_split_bounded_and_shown_as_a_table(begin):
    with begin() as work:
        set_up(work, unit_cost_lcy=2)
        add_template(work, "T2", description="<b>")
        add_salesperson(work, "SP2")
        for day, code in ((date(2026, 1, 31), "T1"), (date(2026, 2, 1), "T2")):
            log_interaction(work, date=day, interaction_template_code=code)
        log_interaction(work, date=date(2026, 2, 2), salesperson_code="SP2")
        statistics = Statistics(work)
        by_template = statistics.by(Dimension.TEMPLATE)
        assert by_template == [("T1", (2, Decimal(4), 0)), ("T2", (1, Decimal(0), 0))]
        assert statistics.by_month() == [
            ("2026-01", (1, Decimal(2), 0)),
            ("2026-02", (2, Decimal(2), 0)),
        ]
        february = Statistics(work, since=date(2026, 2, 1))
        assert february.of(LogFilter(salesperson_code="SP1")) == (1, Decimal(0), 0)
        assert february.of(LogFilter(since=date(2026, 1, 1), until=date(2026, 2, 1)))[0] == 1
        for figures in (
            statistics.of(LogFilter(campaign_no="X")),
            statistics.of(LogFilter(segment_no="X")),
        ):
            assert figures == (0, 0, 0)
        page = InteractionLog(work).timeline("C")
        assert repr(by_template) == "<FiguresTable: 2 keys>"
        assert (
            '<td>T1</td><td class="il-n">2</td><td class="il-n">4.00</td>'
            in by_template._repr_html_()
        )
        assert repr(page) == "<Timeline: 3 entries, 2026-01-31 to 2026-02-02>"
        html = page._repr_html_()
        assert html.count("<tr>") == 4
        assert "<b>" not in html
        assert "&lt;b&gt;" in html
        assert repr(InteractionLog(work).postponed()) == "<Timeline: no entries>"
        LogEntryService(work).cancel(page[0].entry_no)
        assert "<td>canceled</td></tr>" in InteractionLog(work).timeline("C")._repr_html_()


def test_the_title_of_a_stored_entry_is_looked_up(begin):
    with begin() as work:
        set_up(work, description="TD", information_flow=InformationFlow.OUTBOUND)
        add_salesperson(work, "SP1", name="Sally")
        entry = log_interaction(work)
        title = InteractionLog(work).title
        assert title(entry) == "TD - by Sally"
        assert title(attrs.evolve(entry, interaction_template_code="XX")) == "TD"
        gone = {"interaction_template_code": "XX", "description": ""}
        assert title(attrs.evolve(entry, **gone)) == "XX"
        bare = attrs.evolve(entry, salesperson_code=None, user_id=None, contact_no=None)
        assert title(bare) == "TD"
