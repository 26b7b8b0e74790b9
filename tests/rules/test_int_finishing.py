"""INT-037 to INT-055: finishing, postponing, resuming and deleting what is postponed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import attrs
import pytest

from company import (
    add_attachment,
    add_company,
    add_language,
    add_salesperson,
    add_template,
    log_interaction,
    set_up,
)
from interactionlog.contacts.contact import AlternativeAddress
from interactionlog.errors import (
    CheckFailedError,
    EntryNotFoundError,
    IdempotencyConflictError,
    NotFoundError,
    PrivacyBlockedError,
    Problem,
    StateError,
)
from interactionlog.events import (
    InteractionLogged,
    InteractionPostponed,
    InteractionsDeleted,
)
from interactionlog.interactions.draft import DraftComment, InteractionDraft
from interactionlog.interactions.entry_service import LogEntryService
from interactionlog.interactions.log import InteractionLog, Statistics
from interactionlog.interactions.repository import LogFilter
from interactionlog.interactions.rules import raise_for
from interactionlog.interactions.service import InteractionService
from interactionlog.templates.service import TemplateService
from interactionlog.testing import a_campaign, an_entry
from interactionlog.values import CorrespondenceType, DeliveryStatus, Evaluation, WizardAction

EMAIL = CorrespondenceType.EMAIL


def codes(problems):
    return [(problem.code, problem.field) for problem in problems]


GOES = {
    "contact": lambda work: work.contacts.remove("D"),
    "template": lambda work: work.templates.remove("T1"),
    "salesperson": lambda work: work.salespeople.remove("SP1"),
    "campaign": lambda work: work.campaigns.remove("CP1"),
    "content that is replaced": lambda work: TemplateService(work).set_content(
        "T1", "DAN", add_attachment(work, b"new")
    ),
    "content that is removed": lambda work: TemplateService(work).set_content("T1", "DAN", None),
    "language": lambda work: TemplateService(work).delete_language("T1", "DAN"),
    "address": lambda work: work.records(AlternativeAddress).remove("D", "HOME"),
}


@pytest.mark.rule("INT-037", "INT-045")
@pytest.mark.parametrize("deliver", [False, True])
@pytest.mark.parametrize("what", GOES)
def test_what_goes_before_a_draft_is_finished_is_found_by_its_check(begin, what, deliver):
    with begin() as work:
        set_up(work)
        work.campaigns.put(a_campaign("CP1"))
        add_company(work, "D", language_code="DAN", e_mail="d@d.example")
        work.contacts.put_address(
            AlternativeAddress(contact_no="D", code="HOME", e_mail="home@d.example")
        )
        add_language(work, "T1", "DAN", attachment_no=add_attachment(work))
        service = InteractionService(work)
        draft = service.start("D", interaction_template_code="T1", campaign_no="CP1")
        draft = service.change(draft, contact_alt_address_code="HOME", correspondence_type=EMAIL)
        assert service.check(draft, deliver=deliver) == []
        GOES[what](work)
        found = service.check(draft, deliver=deliver)
        if not found:
            assert what == "address"
            assert not deliver
            assert service.finish(draft).contact_alt_address_code == "HOME"
            return
        assert what not in {"contact", "address"} or codes(found)[0][0] == f"unknown-{what}"
        with pytest.raises(CheckFailedError) as refused:
            service.finish(draft, deliver=deliver)
        assert list(refused.value.problems) == found
        if draft.attachment_no and work.attachments.find(draft.attachment_no) is None:
            with pytest.raises(CheckFailedError, match="choose other content, or none"):
                service.postpone(draft)
            without = service.change(draft, attachment_no=None)
            assert service.finish(without).attachment_no is None


@pytest.mark.rule("INT-037")
def test_a_check_reports_everything_at_once_in_the_order_of_the_rules(begin):
    with begin() as work:
        add_salesperson(work, "GONE", blocked=True)
        empty = InteractionDraft(dials=True)
        wrong = InteractionDraft(
            contact_no="X",
            interaction_template_code="X",
            salesperson_code="GONE",
            campaign_no="X",
            date=date(2026, 1, 26),
            description="D",
        )
        check = InteractionService(work).check
        assert codes(check(empty)) == [
            ("no-contact", "contact_no"),
            ("template-missing", "interaction_template_code"),
            ("salesperson-missing", "salesperson_code"),
            ("date-missing", "date"),
            ("description-missing", "description"),
            ("contact-via-missing", "contact_via"),
        ]
        assert codes(check(wrong)) == [
            ("unknown-contact", "contact_no"),
            ("unknown-template", "interaction_template_code"),
            ("unknown-campaign", "campaign_no"),
            ("salesperson-blocked", "salesperson_code"),
        ]
        assert [problem.record for problem in check(wrong)] == ["X", "X", "X", "GONE"]
        assert {problem.record for problem in check(empty)} == {None}  # nothing blank is named


def test_a_refusal_shows_the_first_thousand_problems_and_counts_all():
    problems = [Problem(code="date-missing", message=f"{n}", field="date") for n in range(1_001)]
    with pytest.raises(CheckFailedError) as refused:
        raise_for("many drafts", problems)
    assert refused.value.problems == tuple(problems[:1_000])
    assert refused.value.counts == {"date-missing": 1_001}


@pytest.mark.rule("INT-037")
def test_a_contact_that_was_blocked_meanwhile_is_not_logged(begin):
    with begin() as work:
        set_up(work)
        interactions = InteractionService(work)
        draft = interactions.start("C", interaction_template_code="T1")
        add_company(work, privacy_blocked=True)
        for refuse in (interactions.finish, interactions.postpone):
            with pytest.raises(CheckFailedError) as refused:
                refuse(draft)
            assert codes(refused.value.problems) == [("privacy-blocked", "contact_no")]
        assert not work.interactions.newest(LogFilter())


@pytest.mark.rule("INT-038")
@pytest.mark.rule("INT-043")
@pytest.mark.rule("INT-044")
def test_a_finished_draft_is_in_the_log_with_all_its_values_and_an_event(begin):
    with begin() as work:
        set_up(work)
        work.campaigns.put(a_campaign("CP1"))
        work.contacts.put_address(AlternativeAddress(contact_no="C", code="ALT"))
        no = add_attachment(work)
        interactions = InteractionService(work)
        draft = interactions.start(
            "C",
            interaction_template_code="T1",
            description="Asked for a quote",
            campaign_no="CP1",
            campaign_response=True,
            campaign_target=True,
            evaluation=Evaluation.NEUTRAL,
            interaction_successful=False,
            opportunity_no="OP1",
            to_do_no="TD1",
            contact_via="123",
            contact_alt_address_code="ALT",
            word_template_code="W",
            attachment_no=no,
            host_ref="sale.order,7",
        )
        entry = interactions.finish(draft)
        assert work.interactions.get(entry.entry_no) == entry
        assert work.events == (InteractionLogged(entry.entry_no),)
        assert InteractionLog(work).entries(LogFilter(host_ref="sale.order,7")) == [entry]
    same = {field.name for field in attrs.fields(InteractionDraft)} & {
        field.name for field in attrs.fields(type(entry))
    }
    differing = {name for name in same if getattr(draft, name) != getattr(entry, name)}
    assert differing <= {"subject", "user_set"}
    assert (entry.subject, entry.user_id) == ("Asked for a quote", "TESTER")
    assert entry.attempt_failed
    assert not entry.postponed
    assert not entry.canceled


@pytest.mark.rule("INT-011")
def test_an_alternative_address_is_one_that_the_contact_has(begin):
    with begin() as work:
        set_up(work)
        add_company(work, "C2")
        work.contacts.put_address(AlternativeAddress(contact_no="C", code="ALT"))
        interactions = InteractionService(work)
        for wrong in ({"contact_no": "C2"}, {"contact_no": None}, {"contact_no": "C"}):
            code = "NONE" if wrong["contact_no"] == "C" else "ALT"
            with pytest.raises(NotFoundError, match=f"alternative address {code} of"):
                interactions.change(
                    interactions.start_from_context(), contact_alt_address_code=code, **wrong
                )
        draft = interactions.start_from_context(contact_no="C", contact_alt_address_code="ALT")
        draft = interactions.change(draft, contact_no="C2")
        assert draft.contact_alt_address_code is None, "it was somebody else's"


@pytest.mark.rule("INT-028", "INT-034")
@pytest.mark.parametrize("offered", [True, False])
def test_a_language_that_was_chosen_stays_where_the_new_template_offers_it(begin, offered):
    with begin() as work:
        set_up(work)
        for language in ("ENU", "FRA"):
            add_language(work, "T1", language)
        add_template(work, "T2", language_code_default="ENU")
        content = add_attachment(work)
        add_language(work, "T2", "ENU", attachment_no=content)
        if offered:
            add_language(work, "T2", "FRA")
        interactions = InteractionService(work)
        draft = interactions.start("C", interaction_template_code="T1", language_code="FRA")
        draft = interactions.change(draft, interaction_template_code="T2")
        assert draft.language_code == ("FRA" if offered else "ENU")
        assert draft.attachment_no == (None if offered else content)


@pytest.mark.rule("INT-039")
def test_the_checks_of_the_application_are_asked_and_refuse(begin):
    class NoMondays:
        def check_draft(self, work, draft):
            if draft.date.weekday() == 0:
                yield Problem(code="monday", message="not on Mondays", field="date")

    with begin.with_hooks([NoMondays()])() as work:
        set_up(work)
        with pytest.raises(CheckFailedError) as refused:
            log_interaction(work)
        assert codes(refused.value.problems) == [("monday", "date")]
        assert log_interaction(work, date=date(2026, 1, 27)).date == date(2026, 1, 27)


@pytest.mark.rule("INT-040")
@pytest.mark.rule("INT-041")
@pytest.mark.parametrize("own", ["c@x.example", ""])
@pytest.mark.parametrize("alternative", ["alt@x.example", "", None])
@pytest.mark.parametrize("deliver", [True, False])
def test_a_mail_without_address_keeps_its_type_with_a_warning_and_is_not_delivered(
    begin, own, alternative, deliver
):
    with begin() as work:
        set_up(work, correspondence_type_default=EMAIL)
        add_company(work, e_mail=own)
        if alternative is not None:
            address = AlternativeAddress(contact_no="C", code="ALT", e_mail=alternative)
            work.contacts.put_address(address)
        interactions = InteractionService(work)
        draft = interactions.start(
            "C",
            interaction_template_code="T1",
            attachment_no=add_attachment(work),
            contact_alt_address_code=None if alternative is None else "ALT",
        )
        if deliver and not (own or alternative):
            with pytest.raises(CheckFailedError) as refused:
                interactions.finish(draft, deliver=True)
            assert codes(refused.value.problems) == [("undeliverable", "e_mail")]
            return
        entry = interactions.finish(draft, deliver=deliver)
        (event,) = work.events
    assert entry.correspondence_type is EMAIL
    assert event.warnings == (() if own or alternative else ("no-e-mail",))


@pytest.mark.rule("INT-051")
@pytest.mark.rule("INT-085")
def test_delivery_is_asked_for_explicitly_and_stored_as_requested(begin):
    with begin() as work:
        set_up(work, correspondence_type_default=EMAIL)
        add_company(work, e_mail="c@x.example")
        interactions = InteractionService(work)
        draft = interactions.start("C", interaction_template_code="T1")
        assert codes(interactions.check(draft, deliver=True)) == [
            ("content-missing", "attachment_no")
        ]
        draft = interactions.change(draft, attachment_no=add_attachment(work))
        assert interactions.finish(draft).delivery_status is None
        requested = interactions.finish(draft, deliver=True)
        assert requested.delivery_status is DeliveryStatus.REQUESTED
        assert work.events[-1] == InteractionLogged(requested.entry_no, delivery_requested=True)
        draft = interactions.change(draft, correspondence_type=None)
        assert codes(interactions.check(draft, deliver=True)) == [
            ("correspondence-type-missing", "correspondence_type")
        ]


@pytest.mark.rule("INT-045")
@pytest.mark.rule("INT-070")
def test_an_entry_has_content_of_its_own_that_is_read_only(begin):
    with begin() as work:
        set_up(work)
        template_content = add_attachment(work)
        add_language(work, attachment_no=template_content)
        first, second = log_interaction(work), log_interaction(work)
        numbers = {template_content, first.attachment_no, second.attachment_no}
        attachments = [work.attachments.get(no) for no in sorted(numbers)]
        own = add_attachment(work, b"own")
        third = log_interaction(work, attachment_no=own)
        fourth = log_interaction(work, attachment_no=own)
    assert len(numbers) == 3
    assert len({attachment.digest for attachment in attachments}) == 1
    assert [attachment.read_only for attachment in attachments] == [False, True, True]
    assert third.attachment_no == own != fourth.attachment_no


@pytest.mark.rule("INT-048")
def test_comments_are_numbered_dated_once_and_stamped(begin):
    with begin() as work:
        set_up(work)
        comments = (
            DraftComment(comment="one\ntwo"),
            DraftComment(comment="x", date=date(2025, 1, 1), code="c"),
            DraftComment(comment="three"),
        )
        entry = log_interaction(work, comments=comments)
        stored = work.interactions.comments(entry.entry_no)
    assert [line.line_no for line in stored] == [10_000, 20_000, 30_000]
    assert [line.date for line in stored] == [date(2026, 1, 26), date(2025, 1, 1), None]
    assert [line.comment for line in stored] == ["one\ntwo", "x", "three"]
    assert {(line.user_id, line.recorded_at) for line in stored} == {
        ("TESTER", datetime(2026, 1, 26, 9, 30, tzinfo=UTC))
    }


@pytest.mark.rule("INT-049")
@pytest.mark.rule("INT-050")
def test_single_interactions_of_a_campaign_share_a_campaign_entry_until_it_is_canceled(begin):
    with begin() as work:
        set_up(work)
        work.campaigns.put(a_campaign("CP1"))
        first, second = (log_interaction(work, campaign_no="CP1") for _ in range(2))
        parent = work.campaign_entries.get(first.campaign_entry_no)
        work.campaign_entries.replace(attrs.evolve(parent, cancel_state=1, closed=True))
        third = log_interaction(work, campaign_no="CP1")
        postponed = InteractionService(work).postpone(
            InteractionService(work).start("C", campaign_no="CP1")
        )
        assert log_interaction(work).campaign_entry_no is None
    assert first.campaign_entry_no == second.campaign_entry_no != third.campaign_entry_no
    assert postponed.campaign_entry_no is None
    assert (parent.campaign_no, parent.segment_no, parent.register_no) == ("CP1", None, None)
    assert (parent.date, parent.user_id, parent.description) == (
        date(2026, 1, 26),
        "TESTER",
        "Interaction",
    )


@pytest.mark.rule("INT-042")
def test_to_be_postponed_an_interaction_needs_a_contact_or_a_salesperson(begin):
    with begin() as work:
        set_up(work, correspondence_type_default=EMAIL, wizard_action=WizardAction.OPEN)
        interactions = InteractionService(work)
        by_contact = interactions.postpone(
            interactions.start("C", interaction_template_code="T1", description="")
        )
        by_salesperson = interactions.postpone(interactions.start_from_salesperson("SP1"))
        assert (by_contact.postponed, by_contact.correspondence_type) == (True, EMAIL)
        assert by_salesperson.contact_no is None
        assert work.events == (
            InteractionPostponed(by_contact.entry_no),
            InteractionPostponed(by_salesperson.entry_no),
        )
        assert Statistics(work).of_contact("C").interactions == 0
        assert InteractionLog(work).entries() == []
        assert len(InteractionLog(work).postponed()) == 2
        with pytest.raises(CheckFailedError) as refused:
            interactions.postpone(InteractionDraft(dials=True))
    assert codes(refused.value.problems) == [
        ("no-contact", "contact_no"),
        ("date-missing", "date"),
        ("phone-call-postponed", "dials"),
    ]


@pytest.mark.rule("INT-046")
@pytest.mark.rule("INT-047")
@pytest.mark.rule("INT-052")
def test_a_resumed_interaction_loses_nothing_and_keeps_number_and_creator(begin):
    with begin(user_id="ANNA") as work:
        set_up(work)
        interactions = InteractionService(work)
        draft = interactions.start(
            "C",
            interaction_template_code="T1",
            date=date(2026, 1, 20),
            description="Mine",
            word_template_code="W",
            interaction_successful=False,
            attachment_no=add_attachment(work),
            comments=(DraftComment(comment="first", date=date(2026, 1, 20)),),
        )
        postponed = interactions.postpone(draft)
    begin.clock.move(days=2)
    with begin(user_id="BERT") as work:
        interactions = InteractionService(work)
        resumed = interactions.resume(postponed.entry_no)
        assert {
            field.name
            for field in attrs.fields(InteractionDraft)
            if getattr(resumed, field.name) != getattr(draft, field.name)
        } == {"origin", "locked_fields", "resumed_state", "resumes_entry_no", "subject"}
        again = interactions.postpone(interactions.change(resumed, comments=()))
        assert (again.entry_no, again.created_by) == (postponed.entry_no, "ANNA")
        content = add_attachment(work, b"other")
        resumed = interactions.resume(postponed.entry_no)
        assert resumed.user_set == draft.user_set
        entry = interactions.finish(interactions.change(resumed, attachment_no=content))
        assert work.attachments.find(postponed.attachment_no) is None
        assert work.interactions.comments(entry.entry_no) == []
    assert entry.entry_no == postponed.entry_no
    assert (entry.user_id, entry.created_by) == ("BERT", "ANNA")
    assert entry.created_at == postponed.recorded_at < entry.recorded_at
    assert (entry.date, entry.user_set, entry.attachment_no) == (date(2026, 1, 20), 0, content)


@pytest.mark.rule("INT-052")
def test_only_a_live_postponed_entry_of_a_contact_that_may_be_contacted_is_resumed(begin):
    with begin() as work:
        set_up(work)
        interactions = InteractionService(work)
        logged = log_interaction(work)
        postponed = interactions.postpone(interactions.start("C"))
        draft = interactions.resume(postponed.entry_no)
        with pytest.raises(StateError, match="not postponed"):
            interactions.resume(logged.entry_no)
        with pytest.raises(EntryNotFoundError):
            interactions.resume(99)
        LogEntryService(work).cancel(postponed.entry_no)
        with pytest.raises(StateError, match="canceled"):
            interactions.resume(postponed.entry_no)
        draft = interactions.change(draft, interaction_template_code="T1")
        before = work.interactions.get(postponed.entry_no)
        for refuse in (interactions.finish, interactions.postpone):
            with pytest.raises(StateError, match="canceled"):
                refuse(draft)
        assert work.interactions.get(postponed.entry_no) == before
        LogEntryService(work).uncancel(postponed.entry_no)
        add_company(work, privacy_blocked=True)
        with pytest.raises(PrivacyBlockedError):
            interactions.resume(postponed.entry_no)
        add_company(work)
        assert interactions.finish(draft).entry_no == postponed.entry_no
        with pytest.raises(StateError, match="not postponed"):
            interactions.finish(draft)


@pytest.mark.rule("INT-053")
@pytest.mark.rule("INT-055")
def test_a_deleted_postponed_entry_takes_comments_and_its_own_content_along(begin):
    with begin() as work:
        set_up(work)
        interactions = InteractionService(work)
        shared = add_attachment(work)
        add_language(work, attachment_no=shared)
        comments = (DraftComment(comment="x"),)
        postponed = interactions.postpone(
            interactions.start("C", interaction_template_code="T1", comments=comments)
        )
        logged = log_interaction(work)
        interactions.delete_postponed(postponed.entry_no)
        assert work.events[-1] == InteractionsDeleted((postponed.entry_no,))
        assert work.interactions.find(postponed.entry_no) is None
        assert work.interactions.comments(postponed.entry_no) == []
        assert work.attachments.find(postponed.attachment_no) is None
        assert work.attachments.get(shared).no == shared
        with pytest.raises(StateError, match="cancel it instead"):
            interactions.delete_postponed(logged.entry_no)
        with pytest.raises(EntryNotFoundError):
            interactions.delete_postponed(99)
        # content that a template has as well stays
        work.interactions.add(an_entry(50, postponed=True, attachment_no=shared))
        interactions.delete_postponed(50)
        assert work.attachments.get(shared).no == shared


def test_an_idempotency_key_finishes_an_interaction_once(begin):
    with begin() as work:
        set_up(work)
        interactions = InteractionService(work)
        entry = interactions.finish(
            interactions.start("C", interaction_template_code="T1", duration_min=5),
            idempotency_key="k1",
        )
    begin.clock.move(minutes=10)
    with begin() as work:
        interactions = InteractionService(work)
        LogEntryService(work).evaluate(Evaluation.POSITIVE, entry.entry_no)
        draft = interactions.start("C", interaction_template_code="T1", duration_min=5)
        again = interactions.finish(draft, idempotency_key="k1")
        assert again == attrs.evolve(entry, evaluation=Evaluation.POSITIVE)
        assert len(InteractionLog(work).entries()) == 1
        with pytest.raises(IdempotencyConflictError):
            interactions.finish(interactions.change(draft, duration_min=6), idempotency_key="k1")
        with pytest.raises(IdempotencyConflictError):
            interactions.finish(draft, idempotency_key="k1", deliver=True)
        assert interactions.finish(draft, idempotency_key="k2").entry_no != entry.entry_no
        LogEntryService(work).cancel(entry.entry_no)
        LogEntryService(work).delete_canceled()
        with pytest.raises(StateError, match="deleted"):
            interactions.finish(draft, idempotency_key="k1")


def test_an_idempotency_key_postpones_an_interaction_once(begin):
    with begin() as work:
        set_up(work)
        interactions = InteractionService(work)
        draft = interactions.start("C", interaction_template_code="T1", duration_min=5)
        entry = interactions.postpone(draft, idempotency_key="k1")
    begin.clock.move(minutes=10)
    with begin() as work:
        interactions = InteractionService(work)
        draft = interactions.start("C", interaction_template_code="T1", duration_min=5)
        assert interactions.postpone(draft, idempotency_key="k1") == entry
        assert [each.entry_no for each in InteractionLog(work).postponed()] == [entry.entry_no]
        for other, act in ((6, interactions.postpone), (5, interactions.finish)):
            with pytest.raises(IdempotencyConflictError):
                act(interactions.change(draft, duration_min=other), idempotency_key="k1")
        finished = interactions.finish(interactions.resume(entry.entry_no))
        assert interactions.postpone(draft, idempotency_key="k1") == finished


def test_a_refused_interaction_leaves_its_idempotency_key_free(begin):
    with begin() as work:
        set_up(work)
        interactions = InteractionService(work)
        draft = interactions.start("C")
        with pytest.raises(CheckFailedError):
            interactions.finish(draft, idempotency_key="k1")
        draft = interactions.change(draft, interaction_template_code="T1")
        assert interactions.finish(draft, idempotency_key="k1").contact_no == "C"


def test_many_drafts_are_finished_together_or_not_at_all(begin):
    class Observer:
        seen = ()

        def interactions_logged(self, work, entries):
            self.seen += (len(entries),)

    observer = Observer()
    with begin.with_hooks([observer])() as work:
        set_up(work)
        interactions = InteractionService(work)
        good = interactions.start("C", interaction_template_code="T1")
        bad = interactions.change(good, description="", salesperson_code=None)
        with pytest.raises(CheckFailedError) as refused:
            interactions.finish_many([good, bad, bad])
        assert refused.value.counts == {"salesperson-missing": 2, "description-missing": 2}
        assert [problem.line_no for problem in refused.value.problems] == [2, 2, 3, 3]
        postponed = interactions.postpone(good)
        twice = interactions.resume(postponed.entry_no)
        with pytest.raises(StateError):
            interactions.finish_many([good, twice, twice])
        assert InteractionLog(work).entries() == []
        entries = interactions.finish_many([good, twice])
        assert InteractionLog(work).entries(LogFilter(contact_no="C"))[::-1] == sorted(
            entries, key=lambda entry: entry.entry_no
        )
    assert observer.seen == (2,)
    assert entries[1].entry_no == postponed.entry_no


def test_an_observer_that_fails_takes_everything_back(begin):
    class Failing:
        def interactions_logged(self, work, entries):
            raise LookupError

    with begin.with_hooks([Failing()])() as work:
        set_up(work)
        add_template(work, "T2")
        with pytest.raises(LookupError):
            log_interaction(work)
        assert InteractionLog(work).entries() == []
        assert work.events == ()
