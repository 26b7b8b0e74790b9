"""Logging a segment, rule by rule: what is logged, left out, refused, and what stays behind."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

import interactionlog as il
from interactionlog.segments.logging.logged_segments import LoggedSegments
from interactionlog.testing import a_contact, a_line, add_segment
from stores import adapters

POLICY_WORDS = {
    "privacy-blocked": ("privacy_blocked", {"LEAVE_OUT", "REFUSE"}, "LEAVE_OUT"),
    "salesperson-blocked": ("invalid", {"LEAVE_OUT", "REFUSE"}, "REFUSE"),
    "unknown-contact": ("invalid", {"LEAVE_OUT", "REFUSE"}, "REFUSE"),
    "date-missing": ("invalid", {"LEAVE_OUT", "REFUSE"}, "REFUSE"),
    "salesperson-missing": ("invalid", {"LEAVE_OUT", "REFUSE"}, "REFUSE"),
    "unknown-salesperson": ("invalid", {"LEAVE_OUT", "REFUSE"}, "REFUSE"),
    "template-missing": ("invalid", {"LEAVE_OUT", "REFUSE"}, "REFUSE"),
    "unknown-template": ("invalid", {"LEAVE_OUT", "REFUSE"}, "REFUSE"),
    "unknown-campaign": ("invalid", {"LEAVE_OUT", "REFUSE"}, "REFUSE"),
    "excluded": ("excluded", {"LOG", "LEAVE_OUT", "REFUSE"}, "LOG"),
    "duplicate": ("duplicate", {"LOG", "LEAVE_OUT", "REFUSE"}, "LOG"),
    "no-e-mail": ("no_e_mail", {"LOG", "LEAVE_OUT", "REFUSE"}, "LOG"),
    "no-contact": ("no_contact", {"LEAVE_OUT", "REFUSE"}, "LEAVE_OUT"),
}
EMAIL = il.CorrespondenceType.EMAIL
ODD_LINE = {
    "privacy-blocked": {"contact_no": "BLOCKED"},
    "salesperson-blocked": {"salesperson_code": "GONE"},
    "unknown-contact": {"contact_no": "NOBODY"},
    "date-missing": {"date": None},
    "salesperson-missing": {"salesperson_code": None},
    "unknown-salesperson": {"salesperson_code": "XX"},
    "template-missing": {"interaction_template_code": None},
    "unknown-template": {"interaction_template_code": "XX"},
    "unknown-campaign": {"campaign_no": "XX"},
    "excluded": {"contact_no": "EXCLUDED"},
    "duplicate": {"contact_no": "CT1"},
    "no-e-mail": {"correspondence_type": EMAIL},
    "no-contact": {"contact_no": None},
}


def add_odd_segment(work, finding):
    """One line that is plainly logged, and one with the finding."""
    add_segment(work, "SM1", ["CT1"])
    work.contacts.put(a_contact("CT2"))
    work.contacts.put(a_contact("BLOCKED", privacy_blocked=True))
    work.contacts.put(a_contact("EXCLUDED", exclude_from_segment=True))
    work.salespeople.put(il.Salesperson(code="GONE", blocked=True))
    work.segments.add_lines(
        [a_line(20_000, **{"contact_no": "CT2", "segment_no": "SM1"} | ODD_LINE[finding])]
    )


def treated(work, finding, policy):
    """Return how plan and run treat the odd line; both must agree."""
    logger = il.SegmentLogger(work)
    plan = logger.plan("SM1", policy=policy)
    ((_, decision, reasons),) = plan.findings
    assert finding in reasons
    if decision == "refuse":
        with pytest.raises(il.CheckFailedError) as refused:
            logger.log("SM1", policy=policy)
        assert refused.value.counts == {finding: 1}
        assert refused.value.problems[0].line_no == 20_000
        return "REFUSE"
    logged = logger.log("SM1", plan=plan)
    assert logged.counts == plan.order.counts
    return "LOG" if decision == "log" else "LEAVE_OUT"


@pytest.mark.parametrize("finding", POLICY_WORDS)
def test_the_default_policy_treats_each_finding_as_decided(begin, finding):
    with begin() as work:
        add_odd_segment(work, finding)
        assert treated(work, finding, None) == POLICY_WORDS[finding][2]


@pytest.mark.parametrize(
    ("finding", "treatment"),
    [
        (finding, treatment)
        for finding, (_, allowed, _) in POLICY_WORDS.items()
        for treatment in sorted(allowed)
    ],
)
def test_a_policy_may_treat_a_finding_otherwise(begin, finding, treatment):
    policy = il.LoggingPolicy(**{POLICY_WORDS[finding][0]: il.Treatment[treatment]})
    with begin() as work:
        add_odd_segment(work, finding)
        assert treated(work, finding, policy) == treatment


@pytest.mark.parametrize(
    ("word", "treatment"),
    [
        ("privacy_blocked", "LOG"),
        ("no_contact", "LOG"),
        ("invalid", "LOG"),
        ("undeliverable", "LOG"),
    ],
)
def test_a_policy_never_logs_what_must_not_be_logged(word, treatment):
    with pytest.raises(il.FieldInvalidError) as refused:
        il.LoggingPolicy(**{word: il.Treatment[treatment]})
    assert refused.value.field == word


def test_a_refused_line_counts_every_problem_and_leaves_nothing(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", "NOBODY", "NOBODY", "CT2"])
        work.segments.add_lines([a_line(50_000, "CT1", "SM1", salesperson_code=None, date=None)])
    with begin() as work:
        work.segments.remove_lines("SM1", [20_000, 30_000])
        work.contacts.remove("NOBODY")
        work.segments.add_lines([a_line(60_000, "NOBODY", "SM1")])
        before = (work.segments.get("SM1"), work.segments.lines_after("SM1", 0))
        with pytest.raises(il.CheckFailedError) as refused:
            il.SegmentLogger(work).log("SM1")
        assert refused.value.counts == {
            "date-missing": 1,
            "salesperson-missing": 1,
            "unknown-contact": 1,
        }
        assert [problem.line_no for problem in refused.value.problems] == [50_000, 50_000, 60_000]
        assert (work.segments.get("SM1"), work.segments.lines_after("SM1", 0)) == before
        assert work.interactions.newest(il.LogFilter()) == []
        assert work.logged_segments.all() == []
        assert work.events == ()


def test_only_the_first_thousand_problems_are_kept_and_all_are_counted(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        lines = [a_line(1 + n, "CT1", "SM1", salesperson_code=None) for n in range(1, 1_500)]
        work.segments.add_lines(lines)
        with pytest.raises(il.CheckFailedError) as refused:
            il.SegmentLogger(work).log("SM1", policy=il.LoggingPolicy(duplicate=il.Treatment.LOG))
        assert len(refused.value.problems) == 1_000
        assert refused.value.counts == {"salesperson-missing": 1_499}


def test_a_segment_without_a_contact_is_empty(begin):
    with begin() as work:
        add_segment(work, "SM1", [None, None])
        with pytest.raises(il.SegmentEmptyError) as refused:
            il.SegmentLogger(work).log("SM1")
        assert (refused.value.segment_no, refused.value.left_out) == ("SM1", 0)


def test_a_segment_all_of_whose_lines_are_left_out_is_empty(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", None])
        work.contacts.put(a_contact("CT1", privacy_blocked=True))
        with pytest.raises(il.SegmentEmptyError) as refused:
            il.SegmentLogger(work).log("SM1")
        assert refused.value.left_out == 2


@pytest.mark.parametrize("blank", ["", "   ", "\u00a0"])
def test_a_segment_needs_a_description(begin, blank):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"], description=blank)
        with pytest.raises(il.CheckFailedError) as refused:
            il.SegmentLogger(work).log("SM1")
        assert refused.value.problems[0].field == "description"


def test_an_unknown_segment_is_not_found(begin):
    with begin() as work:
        for call in (il.SegmentLogger(work).log, il.SegmentLogger(work).plan):
            with pytest.raises(il.NotFoundError):
                call("SM9")


def test_a_segment_is_logged_once(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        logged = il.SegmentLogger(work).log("sm1")
    with begin() as work:
        for call in (il.SegmentLogger(work).log, il.SegmentLogger(work).plan):
            with pytest.raises(il.SegmentAlreadyLoggedError) as refused:
                call("SM1")
            assert refused.value.logged_segment_entry_no == logged.entry_no
        assert len(work.interactions.newest(il.LogFilter())) == 1


def test_an_entry_carries_every_field_of_its_line(begin):
    line = a_line(
        10_000,
        "CT1",
        "SM1",
        contact_company_no="CT1",
        campaign_no="CP1",
        correspondence_type=EMAIL,
        cost_lcy="7.25",
        duration_min=12,
        campaign_response=True,
        campaign_target=True,
        information_flow=il.InformationFlow.OUTBOUND,
        initiated_by=il.InitiatedBy.US,
        evaluation=il.Evaluation.NEUTRAL,
        language_code="ENU",
        subject="Hello",
        attempt_failed=True,
        to_do_no="TD1",
        send_word_doc_as_attmt=True,
        contact_via="+39 1",
        opportunity_no="OP1",
        word_template_code="WT",
        merged=True,
    )
    with begin() as work:
        add_segment(work, "SM1", [])
        work.campaigns.put(il.Campaign(no="CP1"))
        work.contacts.put(a_contact("CT1", e_mail="a@b"))
        work.segments.add_lines([line])
        logged = il.SegmentLogger(work).log("SM1")
        entry = work.interactions.get(logged.first_entry_no)
        renamed = {
            "line_no": "segment_line_no",
            "language_code": "interaction_language_code",
            "send_word_doc_as_attmt": "send_word_docs_as_attmt",
        }
        names = [f.name for f in attrs.fields(il.SegmentLine) if f.name != "added_by_step"]
        assert {n: getattr(entry, renamed.get(n, n)) for n in names} == {
            n: getattr(line, n) for n in names
        }
        assert entry.logged_segment_entry_no == logged.entry_no
        assert (entry.user_id, entry.recorded_at) == ("TESTER", begin.clock.now())
        assert not entry.canceled
        assert not entry.postponed


def test_entries_come_in_line_order_with_rising_numbers(begin):
    with begin() as work:
        add_segment(work, "SM1", [f"CT{n}" for n in (3, 1, 2)])
        logged = il.SegmentLogger(work).log("SM1")
        entries = work.interactions.of_logged_segment(logged.entry_no)
        assert [entry.contact_no for entry in entries] == ["CT3", "CT1", "CT2"]
        assert [entries[0].entry_no, entries[-1].entry_no] == [
            logged.first_entry_no,
            logged.last_entry_no,
        ]


def test_the_logged_segment_keeps_what_was_decided(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1", None, "CT2"])
        work.contacts.put(a_contact("CT2", privacy_blocked=True))
        il.SegmentService(work).add_line("SM1", "CT1")
        header = work.segments.get("SM1")
        logged = il.SegmentLogger(work).log("SM1")
        assert attrs.evolve(logged.header, version=header.version) == header
        assert logged.policy == il.LoggingPolicy()
        assert logged.counts == {
            "duplicate": 1,
            "leave-out": 2,
            "log": 2,
            "no-contact": 1,
            "privacy-blocked": 1,
        }
        left = list(LoggedSegments(work).left_out(logged.entry_no))
        assert [(each.line.line_no, each.reasons) for each in left] == [
            (20_000, ("no-contact",)),
            (30_000, ("privacy-blocked",)),
        ]
        assert [step.step_no for step in work.logged_segments.steps(logged.entry_no)] == [1]
        assert work.segments.find("SM1") is None
        assert work.segments.lines_after("SM1", 0) == []


def test_an_entry_says_which_fields_were_personal(begin):
    from interactionlog.segments.inheritance import personal_field_names

    with begin() as work:
        add_segment(work, "SM1", [])
        work.contacts.put(a_contact("CT1"))
        service = il.SegmentService(work)
        service.add_line("SM1", "CT1")
        own = {"cost_lcy": 9, "subject": "Mine", "evaluation": il.Evaluation.POSITIVE}
        for name, value in own.items():
            service.add_line("SM1", "CT1", **{name: value})
        service.add_line("SM1", "CT1", **own)
        logged = il.SegmentLogger(work).log("SM1")
        masks = [
            entry.personal_fields for entry in work.interactions.of_logged_segment(logged.entry_no)
        ]
        assert [personal_field_names(mask) for mask in masks] == [
            (),
            *[(name,) for name in own],
            tuple(own),
        ]


def test_delivering_marks_the_entries_as_requested_and_sends_nothing(begin):
    with begin() as work:
        add_segment(work, "SM1", [])
        work.contacts.put(a_contact("CT1", e_mail="a@b"))
        work.segments.add_lines(
            [
                a_line(10_000, "CT1", "SM1", correspondence_type=EMAIL, word_template_code="WT"),
                a_line(20_000, "CT1", "SM1"),
            ]
        )
        logged = il.SegmentLogger(work).log("SM1", deliver=True)
        entries = work.interactions.of_logged_segment(logged.entry_no)
        assert [entry.delivery_status for entry in entries] == [il.DeliveryStatus.REQUESTED, None]


def test_without_delivery_an_e_mail_line_without_address_keeps_its_type_with_a_warning(begin):
    """INV-I-07 as overruled: the requested type is never lost."""
    with begin() as work:
        add_segment(work, "SM1", [])
        work.contacts.put(a_contact("CT1"))
        work.segments.add_lines([a_line(10_000, "CT1", "SM1", correspondence_type=EMAIL)])
        logged = il.SegmentLogger(work).log("SM1")
        assert logged.counts == {"log": 1, "no-e-mail": 1}
        entry = work.interactions.get(logged.first_entry_no)
        assert (entry.correspondence_type, entry.delivery_status) == (EMAIL, None)


@pytest.mark.parametrize(("e_mail", "finding"), [("x@y", None), ("", "no-e-mail")])
def test_the_alternative_addresss_e_mail_serves_a_contact_without_one(begin, e_mail, finding):
    with begin() as work:
        add_segment(work, "SM1", [])
        work.contacts.put(a_contact("CT1"))
        work.contacts.put_address(il.AlternativeAddress(contact_no="CT1", code="H", e_mail=e_mail))
        work.segments.add_lines(
            [a_line(10_000, "CT1", "SM1", correspondence_type=EMAIL, contact_alt_address_code="H")]
        )
        counts = il.SegmentLogger(work).plan("SM1").counts
        assert set(counts.reasons) == ({finding} if finding else set())


def test_delivery_without_content_is_refused(begin):
    with begin() as work:
        add_segment(work, "SM1", [])
        work.contacts.put(a_contact("CT1", e_mail="a@b"))
        work.segments.add_lines([a_line(10_000, "CT1", "SM1", correspondence_type=EMAIL)])
        with pytest.raises(il.CheckFailedError) as refused:
            il.SegmentLogger(work).log("SM1", deliver=True)
        assert refused.value.problems[0].field == "attachment_no"


def test_each_campaign_of_the_lines_gets_one_new_entry_with_the_earliest_date(begin):
    """SEG-105 with D-23; INV-S-05."""
    with begin() as work:
        add_segment(work, "SM1", [])
        work.salespeople.put(il.Salesperson(code="BC"))
        for no in ("CP1", "CP2"):
            work.campaigns.put(il.Campaign(no=no))
        work.contacts.put(a_contact("CT1"))
        work.segments.add_lines(
            [
                a_line(10_000, "CT1", "SM1", campaign_no="CP1", date=date(2026, 2, 1)),
                a_line(
                    20_000,
                    "CT1",
                    "SM1",
                    campaign_no="CP1",
                    date=date(2026, 1, 1),
                    salesperson_code="BC",
                ),
                a_line(30_000, "CT1", "SM1", campaign_no="CP2"),
                a_line(40_000, "CT1", "SM1"),
                a_line(50_000, None, "SM1", campaign_no="CP2"),
            ]
        )
        logged = il.SegmentLogger(work).log("SM1")
        made = work.campaign_entries.of_logged_segment(logged.entry_no)
        assert [
            (e.campaign_no, e.date, e.salesperson_code, e.segment_no, e.description) for e in made
        ] == [
            ("CP1", date(2026, 1, 1), "BC", "SM1", "Segment SM1"),
            ("CP2", date(2026, 1, 26), "HR", "SM1", "Segment SM1"),
        ]
        of_entries = [
            entry.campaign_entry_no
            for entry in work.interactions.of_logged_segment(logged.entry_no)
        ]
        assert of_entries == [made[0].entry_no, made[0].entry_no, made[1].entry_no, None]


def test_a_campaign_entry_is_written_once_however_many_days_its_lines_have(begin, monkeypatch):
    with begin() as work:
        add_segment(work, "SM1", [])
        work.campaigns.put(il.Campaign(no="CP1"))
        work.contacts.put(a_contact("CT1"))
        days = [date(2026, 1, 9 - number) for number in range(8)]
        lines = [
            a_line(10_000 * number, "CT1", "SM1", campaign_no="CP1", date=day)
            for number, day in enumerate(days, 1)
        ]
        work.segments.add_lines(lines)
        entries, changed = work.campaign_entries, []
        monkeypatch.setattr(entries, "set", lambda *key, **values: changed.append(values))
        logged = il.SegmentLogger(work).log("SM1")
        (made,) = entries.of_logged_segment(logged.entry_no)
        assert (made.date, changed) == (days[-1], [])


def test_hooks_take_part_in_plan_and_run_alike(begin):
    class NoCallsToCT2:
        def check_line(self, work, line, contact):
            if line.contact_no == "CT2":
                yield il.Problem(code="no-consent", message="CT2 gave no consent", record="CT2")

    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
    with begin.with_hooks([NoCallsToCT2()])() as work:
        plan = il.SegmentLogger(work).plan("SM1")
        assert (plan.counts.logged, plan.counts.refused) == (1, 1)
        with pytest.raises(il.CheckFailedError) as refused:
            il.SegmentLogger(work).log("SM1")
        assert [(p.code, p.line_no) for p in refused.value.problems] == [("no-consent", 20_000)]


def test_observers_see_the_entries_and_may_use_the_unit_of_work(begin):
    class Counts:
        seen = 0

        def interactions_logged(self, work, entries):
            self.seen += len(entries)
            assert work.interactions.get(entries[0].entry_no) == entries[0]

    observer = Counts()
    with begin() as work:
        add_segment(work, "SM1", [f"CT{n}" for n in range(5)])
    with begin.with_hooks([observer])() as work:
        il.SegmentLogger(work).log("SM1")
    assert observer.seen == 5


@pytest.mark.every_store
@pytest.mark.parametrize("checks", [False, True], ids=["alone", "beside a check"])
def test_an_observer_gets_the_entries_as_they_are_stored(begin, checks):
    """Beside a check the lines are read, so that entries are built from them and not read back."""
    told = []

    class Observer:
        def interactions_logged(self, work, entries):
            told.extend(entries)

    class Checking(Observer):
        def check_line(self, work, line, contact):
            return ()

    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
        work.campaigns.put(il.Campaign(no="CP1"))
        of_campaign = {
            "segment_no": "SM1",
            "campaign_no": "CP1",
            "evaluation": il.Evaluation.POSITIVE,
        }
        work.segments.add_lines([a_line(30_000, "CT1", **of_campaign)])
    with begin.with_hooks([Checking() if checks else Observer()])() as work:
        logged = il.SegmentLogger(work).log("SM1")
        stored = list(work.interactions.of_logged_segment(logged.entry_no))
    assert told == stored
    assert [entry.campaign_entry_no is None for entry in stored] == [True, True, False]
    assert stored[2].personal_fields


def test_an_observer_that_raises_takes_everything_back(begin):
    class Refuses:
        def interactions_logged(self, work, entries):
            raise il.StateError("observer", "refuses")

    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
    with begin.with_hooks([Refuses()])() as work:
        with pytest.raises(il.StateError):
            il.SegmentLogger(work).log("SM1")
        assert work.segments.get("SM1").version == 0
        assert work.interactions.newest(il.LogFilter()) == []


def test_the_same_log_under_the_same_key_returns_the_same_logged_segment(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        add_segment(work, "SM2", ["CT1"])
        logger = il.SegmentLogger(work)
        logged = logger.log("SM1", idempotency_key="job 7")
    with begin() as work:
        logger = il.SegmentLogger(work)
        assert logger.log("sm1", idempotency_key="job 7") == logged
        with pytest.raises(il.IdempotencyConflictError):
            logger.log("SM2", idempotency_key="job 7")
        logger.undo("SM1")
        with pytest.raises(il.StateError):
            logger.log("SM1", idempotency_key="job 7")


def test_a_refused_log_does_not_use_up_its_key(begin):
    with begin() as work:
        add_segment(work, "SM1", [])
        with pytest.raises(il.SegmentEmptyError):
            il.SegmentLogger(work).log("SM1", idempotency_key="job 7")
        il.SegmentService(work).add_line("SM1", None)
        work.contacts.put(a_contact("CT1"))
        il.SegmentService(work).add_line("SM1", "CT1")
        assert il.SegmentLogger(work).log("SM1", idempotency_key="job 7").counts["log"] == 1


def test_lines_without_content_point_to_the_segments_edited_word_template(begin):
    """SEG-100 point 6b, SEG-038: the edited copy is read-only from then on."""
    from company import add_attachment

    with begin() as work:
        add_segment(work, "SM1", ["CT1"], word_template_code="WT", language_code_default="ENU")
        edited, own = add_attachment(work), add_attachment(work)
        work.segments.put_language(
            il.results.SegmentLanguage(
                segment_no="SM1",
                language_code="ENU",
                attachment_no=edited,
                word_template_code="WT",
            )
        )
        work.segments.add_lines([a_line(20_000, "CT1", "SM1", attachment_no=own)])
        logged = il.SegmentLogger(work).log("SM1")
        entries = work.interactions.of_logged_segment(logged.entry_no)
        assert [entry.modified_word_template for entry in entries] == [edited, None]
        assert work.attachments.get(edited).read_only
        assert work.attachments.get(own).read_only


def test_content_of_lines_that_a_step_removed_ends_with_the_segment(begin):
    from company import add_attachment

    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        gone, kept = add_attachment(work), add_attachment(work)
        for step, line_no, attachment_no in ((1, 90_000, gone), (0, 10_000, kept)):
            work.segments.put_language(
                il.results.SegmentLanguage(
                    segment_no="SM1",
                    removed_by_step=step,
                    segment_line_no=line_no,
                    language_code="ENU",
                    attachment_no=attachment_no,
                )
            )
        il.SegmentLogger(work).log("SM1")
        assert work.attachments.find(gone) is None
        assert work.attachments.find(kept) is not None


@pytest.mark.parametrize(
    "begin", adapters("sqlite", "sqlite-joined", "postgresql", "postgresql-joined"), indirect=True
)
def test_a_line_that_vanishes_under_a_logging_stops_it(begin):
    """A database copies the lines: what something else deleted meanwhile would be missing."""

    class Deletes:
        def check_line(self, work, line, contact):
            if line.line_no == 20_000:
                work.segments.remove_lines("SM1", [10_000])
            return ()

    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
    logging = begin.with_hooks([Deletes()])
    with pytest.raises(il.StorageError, match="segment SM1 lost 1 of 2 lines"), logging() as work:
        il.SegmentLogger(work).log("SM1")
    with begin.read() as work:
        assert work.interactions.newest(il.LogFilter()) == []
        assert work.segments.totals("SM1").lines == 2


@pytest.mark.parametrize("begin", adapters("memory", "sqlite", "postgresql"), indirect=True)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_contact_of_an_earlier_batch_stands_twice_all_the_same(begin, size):
    """SEG-101: its line is gone from the segment by then, and what is left repeats no contact."""
    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2", "CT1"])
    policy = il.LoggingPolicy(duplicate=il.Treatment.LEAVE_OUT)
    logged = il.BatchRun(begin.store, user_id="TESTER").log("SM1", size=size, policy=policy)
    with begin.read() as work:
        entries = work.interactions.of_logged_segment(logged.entry_no)
        assert [entry.contact_no for entry in entries] == ["CT1", "CT2"]
        (left,) = work.logged_segments.left_out(logged.entry_no)
        assert (left.line.line_no, left.reasons) == (30_000, ("duplicate",))


def test_an_incomplete_segment_is_logged_only_when_that_was_confirmed(begin):
    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
        work.segments.set("SM1", incomplete=True)
        with pytest.raises(il.StateError, match=r"change\(no, incomplete=False\)"):
            il.SegmentLogger(work).log("SM1")
        il.SegmentService(work).change("SM1", incomplete=False)
        assert il.SegmentLogger(work).log("SM1").counts["log"] == 1


@pytest.mark.every_store
def test_an_observer_does_not_undo_what_is_being_logged(begin):
    """In memory the segment was gone afterwards, a database said that a key was not unique."""

    class Undoes:
        def interactions_logged(self, work, entries):
            with pytest.raises(il.StateError, match="is being logged"):
                il.SegmentLogger(work).undo("SM1", force=True)

    with begin() as work:
        add_segment(work, "SM1", ["CT1", "CT2"])
    with begin.with_hooks([Undoes()])() as work:
        assert il.SegmentLogger(work).log("SM1").counts == {"log": 2}
    with begin() as work:
        il.SegmentLogger(work).undo("SM1")
        assert len(work.segments.lines_after("SM1", 0)) == 2


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_an_observer_does_not_undo_what_its_batch_is_logging(kind, tmp_path):
    class Undoes:
        refused = 0

        def interactions_logged(self, work, entries):
            with pytest.raises(il.StateError, match="is being logged"):
                il.SegmentLogger(work).undo("SM1", force=True)
            self.refused += 1

    hook = Undoes()
    options = {"hooks": [hook], "clock": il.FixedClock("2026-01-26T09:30")}
    place = [tmp_path / "a.db"] if kind == "sqlite" else []
    open_store = il.SqliteStore if kind == "sqlite" else il.MemoryStore
    with open_store(*place, **options) as store:
        with store.begin(user_id="TESTER") as work:
            add_segment(work, "SM1", ["CT1", "CT2", "CT3"])
        logged = il.BatchRun(store, user_id="TESTER").log("SM1", size=1)
        assert (hook.refused, logged.counts) == (3, {"log": 3})
