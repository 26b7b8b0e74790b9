"""Undo, canceling and deleting logged segments, waves and follow-ups."""

from __future__ import annotations

from contextlib import suppress

import attrs
import pytest

import interactionlog as il
from company import add_segment_series
from interactionlog.errors import UndoRefusedError
from interactionlog.integrity import check_integrity
from interactionlog.numbering.service import NumberSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.segments.logging.logged_segments import LoggedSegments
from interactionlog.testing import a_contact, a_line, a_logged_segment, add_segment

CP1 = {"campaign_no": "CP1"}


def add_campaign_segment(work, no="SM1", contact_nos=("CT1", "CT2"), **values):
    """A segment all of whose lines belong to campaign CP1."""
    work.campaigns.put(il.Campaign(no="CP1"))
    segment = add_segment(work, no, [], campaign_no="CP1", **values)
    for place, contact_no in enumerate(contact_nos, 1):
        work.contacts.put(a_contact(contact_no))
        work.segments.add_lines([a_line(10_000 * place, contact_no, no, campaign_no="CP1")])
    return segment


def test_undo_gives_back_the_segment_with_its_lines_languages_and_steps(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", None, "CT2"])
        work.contacts.put(a_contact("CT2", privacy_blocked=True))
        il.SegmentService(work).add_line("SM1", "CT1", cost_lcy="7.25", subject="Hello")
        work.segments.put_language(
            il.results.SegmentLanguage(segment_no="SM1", language_code="ENU")
        )
        header = work.segments.get("SM1")
        lines = [
            attrs.evolve(line, added_by_step=0) for line in work.segments.lines_after("SM1", 0)
        ]
        steps, rows = work.segments.steps("SM1"), work.segments.languages("SM1")
        logged = il.SegmentLogger(work).log("SM1")
        segment = il.SegmentLogger(work).undo("sm1")
        assert attrs.evolve(segment, version=header.version) == header
        assert segment.version > header.version
        assert work.segments.get("SM1") == segment
        assert work.segments.lines_after("SM1", 0) == lines
        assert work.segments.steps("SM1") == steps
        assert work.segments.languages("SM1") == rows
        record = work.logged_segments.get(logged.entry_no)
        assert record.state is il.results.LoggedSegmentState.UNDONE
        assert (record.undone_by, record.undone_at) == ("TESTER", begin.clock.now())
        assert len(list(LoggedSegments(work).left_out(logged.entry_no))) == 2


def test_undone_entries_are_canceled_and_count_nowhere(begin):
    with begin() as work:
        add_campaign_segment(work)
        logged = il.SegmentLogger(work).log("SM1")
        il.SegmentLogger(work).undo("SM1")
        entries = work.interactions.of_logged_segment(logged.entry_no)
        assert {entry.cancel_state for entry in entries} == {2}
        assert il.Statistics(work).of(il.LogFilter(campaign_no="CP1")).interactions == 0
        (campaign_entry,) = work.campaign_entries.of_campaign("CP1")
        assert (campaign_entry.cancel_state, campaign_entry.closed) == (2, True)


def test_an_undone_logging_is_never_taken_back(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        logged = il.SegmentLogger(work).log("SM1")
        il.SegmentLogger(work).undo("SM1")
        with pytest.raises(il.StateError):
            LoggedSegments(work).uncancel(logged.entry_no)
        with pytest.raises(il.StateError):
            il.LogEntryService(work).uncancel(logged.first_entry_no)


def test_an_undone_logging_is_never_taken_back_when_its_record_is_gone_either(begin):
    with begin() as work:
        add_campaign_segment(work)
        logged = il.SegmentLogger(work).log("SM1")
        il.SegmentLogger(work).undo("SM1")
        LoggedSegments(work).delete_canceled()
        with pytest.raises(il.StateError, match="undone, which is for good"):
            il.LogEntryService(work).uncancel(logged.first_entry_no)
        with pytest.raises(il.StateError, match="undone, which is for good"):
            il.CampaignService(work).uncancel_entries(1)
        assert all(entry.canceled for entry in work.interactions.newest(il.LogFilter(), limit=9))
        assert list(check_integrity(work)) == []
        assert il.LogEntryService(work).delete_canceled() == 2


def test_an_undone_segment_can_be_logged_and_undone_again(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        logger = il.SegmentLogger(work)
        first = logger.log("SM1")
        logger.undo("SM1")
        second = logger.log("SM1")
        assert second.entry_no > first.entry_no
        assert second.first_entry_no > first.last_entry_no
        logger.undo("SM1")
        assert len(work.segments.lines_after("SM1", 0)) == 1


def test_a_number_that_is_open_again_is_not_undone(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        il.SegmentLogger(work).log("SM1")
        add_segment(work, "SM1", ["CT1"])
        with pytest.raises(il.StateError):
            il.SegmentLogger(work).undo("SM1")


def test_what_was_never_logged_is_not_undone(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        with pytest.raises(il.NotFoundError):
            il.SegmentLogger(work).undo("SM1")


def test_undo_is_refused_with_what_was_used_further_unless_forced(begin):
    with begin() as work:
        work.marketing_setup.put(il.MarketingSetup(segment_nos="SEG"))
        il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="SEG"))
        il.numbering.NumberSeriesSetup(work).add_line("SEG", "SM00001")
        add_segment(work, "SM1", [])
        work.contacts.put(a_contact("CT1"))
        hard_copy = il.CorrespondenceType.HARD_COPY
        work.segments.add_lines(
            [
                a_line(
                    10_000 * n, "CT1", "SM1", correspondence_type=hard_copy, word_template_code="W"
                )
                for n in range(1, 4)
            ]
        )
        logged = il.SegmentLogger(work).log("SM1", deliver=True, follow_up=il.FollowUp())
        first, second, _ = work.interactions.of_logged_segment(logged.entry_no)
        work.deliveries.set(first.entry_no, state=il.delivery.DeliveryState.SENT)
        il.LogEntryService(work).evaluate(il.Evaluation.POSITIVE, second.entry_no)
        with pytest.raises(UndoRefusedError) as refused:
            il.SegmentLogger(work).undo("SM1")
        assert refused.value.used == {"evaluated": 1, "delivered": 1, "followed-up": 1}
        assert work.segments.find("SM1") is None
        il.SegmentLogger(work).undo("SM1", force=True)
        assert len(work.segments.lines_after("SM1", 0)) == 3


@pytest.mark.parametrize(
    ("state", "attempts", "delivered"),
    # who asks for it again begins to count attempts anew
    [("UNKNOWN", 1, 1), ("REQUESTED", 2, 1), ("REQUESTED", 0, 1), ("REQUESTED", 0, 0)],
)
def test_what_was_given_up_after_an_attempt_was_perhaps_sent_and_refuses_undo(
    begin, state, attempts, delivered
):
    with begin() as work:
        hard_copy = il.CorrespondenceType.HARD_COPY
        add_segment(work, "SM1", [])
        work.contacts.put(a_contact("CT1"))
        line = a_line(10_000, "CT1", "SM1", correspondence_type=hard_copy, word_template_code="W")
        work.segments.add_lines([line])
        logged = il.SegmentLogger(work).log("SM1", deliver=True)
        (entry,) = work.interactions.of_logged_segment(logged.entry_no)
        tried = il.delivery.DeliveryState[state]
        begun = work.clock.now() if delivered else None
        work.deliveries.set(entry.entry_no, state=tried, attempts=attempts, expires_at=begun)
        il.delivery.Deliveries(work).give_up(entry.entry_no)
        if delivered:
            with pytest.raises(UndoRefusedError) as refused:
                il.SegmentLogger(work).undo("SM1")
            assert refused.value.used == {"delivered": 1}
        il.SegmentLogger(work).undo("SM1", force=bool(delivered))
        assert len(work.segments.lines_after("SM1", 0)) == 1


def test_canceling_a_logged_segment_cancels_entries_and_campaign_entries(begin):
    with begin() as work:
        add_campaign_segment(work)
        logged = il.SegmentLogger(work).log("SM1")
        LoggedSegments(work).cancel(logged.entry_no)
        assert il.Statistics(work).of(il.LogFilter(campaign_no="CP1")).interactions == 0
        figures = LoggedSegments(work).figures(logged.entry_no)
        assert (figures.entries.interactions, figures.campaign_entries) == (2, 1)
        (campaign_entry,) = work.campaign_entries.of_campaign("CP1")
        assert campaign_entry.cancel_state == 2


def test_uncanceling_restores_exactly_what_was_live(begin):
    """D-21: what was canceled by itself stays canceled."""
    with begin() as work:
        add_campaign_segment(work)
        logged = il.SegmentLogger(work).log("SM1")
        il.LogEntryService(work).cancel(logged.first_entry_no)
        LoggedSegments(work).cancel(logged.entry_no)
        LoggedSegments(work).uncancel(logged.entry_no)
        states = [e.cancel_state for e in work.interactions.of_logged_segment(logged.entry_no)]
        assert states == [1, 0]
        assert LoggedSegments(work).figures(logged.entry_no).entries.interactions == 1


def test_an_entry_below_a_canceled_parent_is_not_uncanceled(begin):
    """INV-S-25, INV-I-21."""
    with begin() as work:
        add_campaign_segment(work)
        logged = il.SegmentLogger(work).log("SM1")
        LoggedSegments(work).cancel(logged.entry_no)
        with pytest.raises(il.StateError):
            il.LogEntryService(work).uncancel(logged.first_entry_no)


def test_deleting_canceled_logged_segments_keeps_their_entries_canceled(begin):
    """SEG-112, INV-S-09."""
    with begin() as work:
        add_campaign_segment(work)
        il.SegmentService(work).add_line("SM1")
        logged = il.SegmentLogger(work).log("SM1")
        logged_segments = LoggedSegments(work)
        assert logged_segments.delete_canceled() == ()
        logged_segments.cancel(logged.entry_no)
        assert logged_segments.delete_canceled(segment_no="sm1") == (logged.entry_no,)
        entries = work.interactions.newest(il.LogFilter())
        # by themselves, and by their campaign entry, which is canceled by itself as well
        assert [(e.cancel_state, e.logged_segment_entry_no) for e in entries] == [(5, None)] * 2
        assert not [each for each in check_integrity(work) if each.broken]
        (campaign_entry,) = work.campaign_entries.of_campaign("CP1")
        assert (campaign_entry.cancel_state, campaign_entry.register_no) == (1, None)
        assert logged_segments.all() == []
        assert list(work.logged_segments.left_out(logged.entry_no)) == []
        add_campaign_segment(work)  # only now may the number be used again
        assert il.SegmentLogger(work).log("SM1").entry_no > logged.entry_no


def add_series(work):
    il.numbering.NumberSeriesSetup(work).create_series(il.numbering.NoSeries(code="SEG"))
    il.numbering.NumberSeriesSetup(work).add_line("SEG", "SM00001")
    work.marketing_setup.put(il.MarketingSetup(segment_nos="SEG"))


def test_a_follow_up_holds_each_contact_once_without_canceled_and_blocked_ones(begin):
    """SEG-104, D-05, D-06, INV-S-22."""
    with begin() as work:
        add_series(work)
        add_campaign_segment(work, contact_nos=["CT1", "CT1", "CT2", "CT3", "CT4"])
        logged = il.SegmentLogger(work).log("SM1")
        entries = work.interactions.of_logged_segment(logged.entry_no)
        il.LogEntryService(work).cancel(entries[2].entry_no)
        work.contacts.put(a_contact("CT3", privacy_blocked=True))
        segment = il.SegmentLogger(work).follow_up(logged.entry_no)
        lines = work.segments.lines_after(segment.no, 0)
        assert [(line.contact_no, line.campaign_no) for line in lines] == [
            ("CT1", "CP1"),
            ("CT4", "CP1"),
        ]
        assert (segment.no, segment.campaign_no, segment.follow_up_of) == (
            "SM00001",
            "CP1",
            logged.entry_no,
        )
        assert segment.description == "Follow-up on SM1"
        (step,) = work.segments.steps(segment.no)
        assert (step.source_entry_no, step.lines_added) == (logged.entry_no, 2)


def test_a_follow_up_takes_over_what_it_is_told_to(begin):
    with begin() as work:
        add_series(work)
        add_segment(work, "SM1", ["CT1"], subject_default="Hello")
        logger = il.SegmentLogger(work)
        carry = {"salesperson_code", "interaction_template_code", "subject_default"}
        logged = logger.log("SM1", follow_up=il.FollowUp(carry=carry))
        plain = logger.follow_up(logged.entry_no)
        (carried, other) = work.segments.all()
        assert (
            carried.salesperson_code,
            carried.interaction_template_code,
            carried.subject_default,
        ) == ("HR", "LETTER", "Hello")
        assert other == plain
        assert (plain.salesperson_code, plain.interaction_template_code) == (None, None)


def test_a_follow_up_takes_only_the_outcome_that_is_asked_for(begin):
    with begin() as work:
        add_series(work)
        add_segment(work, "SM1", ["CT1", "CT2", "CT3", "CT1", "CT4"])
        logged = il.SegmentLogger(work).log("SM1")
        first, second, _, again, canceled = work.interactions.of_logged_segment(logged.entry_no)
        for entry in (first, again, canceled):  # a contact comes once into the next wave
            il.LogEntryService(work).evaluate(il.Evaluation.POSITIVE, entry.entry_no)
        il.LogEntryService(work).cancel(canceled.entry_no)
        work.interactions.replace(attrs.evolve(second, attempt_failed=True))
        where = il.OutcomeFilter(evaluations={il.Evaluation.POSITIVE})
        segment = il.SegmentLogger(work).follow_up(logged.entry_no, il.FollowUp(where=where))
        assert [line.contact_no for line in work.segments.lines_after(segment.no, 0)] == ["CT1"]
        assert work.segments.get(segment.no).follow_up_filter == where


def test_waves_tell_their_chain_and_who_was_reached_only_in_one(begin):
    with begin() as work:
        add_series(work)
        add_segment(work, "SM1", ["CT1", "CT2", "CT3"])
        logger, waves = il.SegmentLogger(work), LoggedSegments(work)
        carry = {"salesperson_code", "interaction_template_code"}
        first = logger.log("SM1", follow_up=il.FollowUp(carry=carry))
        second = logger.log("SM00001", follow_up=il.FollowUp(carry=carry))
        third = logger.log("SM00002")
        missed = work.interactions.of_logged_segment(third.entry_no)[1]
        work.interactions.replace(attrs.evolve(missed, attempt_failed=True))
        chain = [wave.entry_no for wave in waves.waves(third.entry_no)]
        assert chain == [first.entry_no, second.entry_no, third.entry_no]
        only_in_first = waves.contacts(first.entry_no, not_in=third.entry_no)
        assert list(only_in_first) == ["CT2"]


def test_without_a_number_for_the_follow_up_nothing_is_logged(begin):
    """D-20: found before a line is written."""
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        with pytest.raises(il.SetupMissingError) as refused:
            il.SegmentLogger(work).log("SM1", follow_up=il.FollowUp())
        assert refused.value.field == "segment_nos"
        assert work.segments.get("SM1").version == 0


@pytest.mark.parametrize("wrong", ["no-series", "used-up", "typed"])
def test_a_run_in_batches_finds_before_its_first_one_that_the_follow_up_gets_no_number(
    store, wrong
):
    with store.begin(user_id="TESTER") as work:
        add_segment(work, "SM1", [f"CT{n}" for n in range(20)])
        add_segment_series(work)
        if wrong == "typed":
            NumberSeriesSetup(work).change_series("SEG", default_nos=False)
        elif wrong == "used-up":
            NumberSeriesSetup(work).change_line("SEG", 10_000, ending_no="SM00001")
            NumberSeries(work).next("SEG")
        else:
            work.marketing_setup.set(segment_nos=None)
    told = []
    run = il.BatchRun(store, user_id="TESTER")
    with pytest.raises((il.SetupMissingError, il.NumberSeriesError)):
        run.log("SM1", size=5, follow_up=il.FollowUp(), on_progress=told.append)
    with store.read() as work:
        assert (told, work.logged_segments.all()) == ([], [])


def test_a_follow_up_carries_nothing_that_it_cannot():
    with pytest.raises(il.FieldInvalidError):
        il.FollowUp(carry={"date"})


def test_what_was_sent_again_refuses_undo_and_gives_one_line_back_when_forced(begin):
    """Sending again delivers the content once more, whatever the logging itself asked for."""
    from company import add_attachment

    with begin() as work:
        add_segment(work, "SM1", [])
        work.contacts.put(a_contact("CT1", e_mail="a@b"))
        hard_copy, content = il.CorrespondenceType.HARD_COPY, add_attachment(work)
        line = a_line(10_000, "CT1", "SM1", correspondence_type=hard_copy, attachment_no=content)
        work.segments.add_lines([line])
        logged = il.SegmentLogger(work).log("SM1")
        (again,) = il.LogEntryService(work).resend(logged.first_entry_no)
        with pytest.raises(UndoRefusedError) as refused:
            il.SegmentLogger(work).undo("SM1")
        assert refused.value.used == {"resent": 1}
        assert not work.interactions.get(again.entry_no).canceled
        il.SegmentLogger(work).undo("SM1", force=True)
        assert work.segments.lines_after("SM1", 0) == [line]
        assert work.interactions.get(again.entry_no).canceled


def test_lines_of_deleted_entries_do_not_come_back_and_undo_says_so(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
        logged = il.SegmentLogger(work).log("SM1")
        il.LogEntryService(work).cancel(logged.first_entry_no)
        il.LogEntryService(work).delete_canceled()
        with pytest.raises(UndoRefusedError) as refused:
            il.SegmentLogger(work).undo("SM1")
        assert refused.value.used == {"deleted": 1}
        il.SegmentLogger(work).undo("SM1", force=True)
        assert [line.contact_no for line in work.segments.lines_after("SM1", 0)] == ["CT2"]


def test_what_an_entry_was_evaluated_with_goes_with_the_undo_and_what_a_line_had_stays(begin):
    """Or the entry of the next logging would be born with it, and count as an answer."""
    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2", "CT3"])
        il.SegmentService(work).personalise("SM1", 20_000, evaluation=il.Evaluation.POSITIVE)
        logger, entries = il.SegmentLogger(work), il.LogEntryService(work)
        logged = logger.log("SM1")
        nos = [each.entry_no for each in work.interactions.of_logged_segment(logged.entry_no)]
        entries.evaluate(il.Evaluation.NEGATIVE, *nos[::2])
        logger.undo("SM1", force=True)
        lines = work.segments.lines_after("SM1", 0)
        assert [line.evaluation for line in lines] == [None, il.Evaluation.POSITIVE, None]


def test_a_logged_segment_whose_header_is_not_known_says_so(begin):
    with begin() as work:
        add_segment_series(work)
        work.contacts.put(a_contact("CT1"))
        old = a_logged_segment(work.logged_segments.reserve(1)[0], "OLD", header=None)
        work.logged_segments.add(old)
        logger = il.SegmentLogger(work)
        with pytest.raises(il.StateError, match="not know its header: carry no salesperson_code"):
            logger.follow_up(old.entry_no, il.FollowUp(carry={"salesperson_code"}))
        with pytest.raises(il.StateError, match="not know its header: cancel it instead"):
            logger.undo("OLD")
        assert work.logged_segments.get(old.entry_no) == old
        assert logger.follow_up(old.entry_no).description == "Follow-up on OLD"


@pytest.mark.parametrize("moved", [1, 2, None])
def test_going_back_reaches_no_step_from_before_an_undone_run(store, moved):
    """A run that was interrupted is undone as a whole logging is: its steps have no lines left."""
    told = []

    def interrupt(progress):
        told.append(progress)
        if len(told) == moved:
            raise InterruptedError

    with store.begin(user_id="TESTER") as work:
        add_segment(work, "SM1", [])
        for no in ("CT1", "CT2", "CT3", "CT4"):
            work.contacts.put(a_contact(no))
        selection = il.ContactSelection(work, "SM1")
        selection.add(il.ContactFilter(nos={"CT1", "CT2", "CT3", "CT4"}))
        own = il.AttachmentService(work).store(b"text", name="own.doc").no
        il.SegmentService(work).personalise("SM1", 40_000, attachment_no=own)
        selection.reduce(il.ContactFilter(nos={"CT4"}))
    with suppress(InterruptedError):
        il.BatchRun(store, user_id="TESTER").log("SM1", size=1, on_progress=interrupt)
    with store.begin(user_id="TESTER") as work:
        il.SegmentLogger(work).undo("SM1")
        lines, steps = work.segments.lines_after("SM1", 0), work.segments.steps("SM1")
        assert [(line.contact_no, line.added_by_step) for line in lines] == [
            ("CT1", 0),
            ("CT2", 0),
            ("CT3", 0),
        ]
        assert [step.action.name for step in steps] == ["ADD", "REDUCE"]
        assert work.attachments.find(own) is None
        selection = il.ContactSelection(work, "SM1")
        with pytest.raises(il.StateError, match="was logged after step 2"):
            selection.go_back()
        selection.add(il.ContactFilter(nos={"CT4"}))
        with pytest.raises(il.StateError, match="was logged after step 2"):
            selection.go_back(2)
        selection.go_back()
        assert work.segments.lines_after("SM1", 0) == lines
        assert work.segments.steps("SM1") == steps
        assert [fault for fault in check_integrity(work) if fault.broken] == []
