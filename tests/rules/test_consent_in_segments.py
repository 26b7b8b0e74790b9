"""Who has not agreed is not selected, not logged and not delivered to, and everybody sees why."""

from __future__ import annotations

from datetime import timedelta

import pytest

import interactionlog as il
from company import add_attachment, add_language, add_person, add_template, log_interaction, set_up
from interactionlog.errors import CheckFailedError, Problem
from interactionlog.privacy import Purpose

MAIL = il.CorrespondenceType.EMAIL


@pytest.fixture
def work(begin):
    with begin() as opened:
        prepare(opened)
        yield opened


def prepare(work, needs="opt-in"):
    """Let NEWS be mails that need consent: P1 agreed, P2 did not, the address of P3 is suppressed."""
    set_up(work)
    consents = il.Consents(work)
    consents.put_purpose(Purpose(code="NEWS", needs=needs))
    add_template(work, "NEWS", purpose_code="NEWS", correspondence_type_default=MAIL)
    for no in ("P1", "P2", "P3"):
        add_person(work, no, e_mail=f"{no}@x.example")
        if no != "P2":
            consents.record(no, "mail", "NEWS", given=True)
    consents.suppress("p3@X.example", "mail")


def selected(work, no="SM1", **values):
    segments, selection = il.SegmentService(work), il.ContactSelection(work, no)
    segments.create(no, no=no, **{"interaction_template_code": "NEWS", **values})
    preview = selection.preview(il.CriteriaAction.ADD, all_contacts=True)
    selection.add(all_contacts=True)
    lines = [each.line.contact_no for each in segments.lines(no)]
    return lines, preview


@pytest.mark.every_store
def test_who_has_not_agreed_is_not_selected_and_the_preview_says_so(work):
    il.Consents(work).record("C", "mail", "NEWS", given=False)
    lines, preview = selected(work)
    assert lines == ["P1"]
    assert (preview.coming, preview.left_out) == (1, {"no-consent": 2, "suppressed": 1})
    selection = il.ContactSelection(work, "SM1")
    reasons = [selection.explain(no).reason for no in ("P1", "P2", "P3")]
    assert reasons == ["on a line", "no-consent", "suppressed"]
    passed_over = {"C": "no-consent", "P2": "no-consent", "P3": "suppressed"}
    assert dict(selection.passed_over()) == passed_over


def test_a_segment_names_another_purpose_than_its_template(work):
    il.Consents(work).put_purpose(Purpose(code="BILLS", needs="nothing"))
    lines, preview = selected(work, purpose_code="BILLS")
    assert (sorted(lines), preview.left_out) == (["C", "P1", "P2", "P3"], {})


@pytest.mark.every_store
@pytest.mark.parametrize(
    "values", [{}, {"interaction_template_code": "T1", "purpose_code": "NEWS"}], ids=str
)
def test_nobody_is_logged_for_a_purpose_that_is_gone(work, values):
    """Nobody could be asked whether he agrees."""
    selected(work, **values)
    il.SegmentService(work).add_line("SM1", "P2")
    work.records(Purpose).remove("NEWS")
    for act in (il.SegmentLogger(work).plan, il.SegmentLogger(work).log):
        with pytest.raises(il.NotFoundError, match="purpose NEWS does not exist"):
            act("SM1")


def test_without_a_purpose_nobody_is_asked(work):
    work.__dict__["consents"] = work.__dict__["suppressions"] = None
    lines, _ = selected(work, interaction_template_code="T1")
    assert len(lines) == 4
    assert il.SegmentLogger(work).log("SM1").counts == {"log": 4}


@pytest.mark.every_store
def test_a_consent_that_is_taken_back_after_the_selection_leaves_the_line_out(work):
    selected(work)
    il.SegmentService(work).add_line("SM1", "P2")
    il.Consents(work).record("P1", "mail", "NEWS", given=False)
    il.Consents(work).record("C", given=False)
    il.SegmentService(work).create("Other", no="SM2", interaction_template_code="T1")
    il.SegmentService(work).add_line("SM2", "P2")
    plan = il.SegmentLogger(work).plan("SM2")
    assert plan.counts.logged == 1  # it has no purpose
    with pytest.raises(il.SegmentEmptyError):
        il.SegmentLogger(work).log("SM1")
    il.Consents(work).record("P2", "mail", "NEWS", given=True)
    plan = il.SegmentLogger(work).plan("SM1")
    assert (plan.counts.logged, plan.counts.reasons) == (1, {"no-consent": 1})
    logged = il.SegmentLogger(work).log("SM1", plan=plan.token)
    (left,) = il.LoggedSegments(work).left_out(logged.entry_no)
    assert (left.line.contact_no, left.reasons) == ("P1", ("no-consent",))


class Answers:
    """Consents that only the host knows."""

    def __init__(self):
        self.no = set()

    def refused(self, purpose, channel, contact_nos, on):
        return self.no & {*contact_nos}


def test_a_host_that_answers_for_consents_is_asked_about_each_line(tmp_path):
    answers = Answers()
    with (
        il.SqliteStore(tmp_path / "own.db", consents=answers) as store,
        store.begin(user_id="HELENA") as work,
    ):
        set_up(work)
        il.Consents(work).put_purpose(Purpose(code="NEWS"))
        add_template(work, "NEWS", purpose_code="NEWS", correspondence_type_default=MAIL)
        for no in ("P1", "P2", "P3"):
            add_person(work, no, e_mail=f"{no}@x.example")
        lines, _ = selected(work)
        answers.no = {"P2"}  # the contacts lie beside the lines, the answers do not
        logged = il.SegmentLogger(work).log("SM1")
        left_out = [each.line.contact_no for each in il.LoggedSegments(work).left_out(1)]
    assert (logged.counts["log"], left_out) == (len(lines) - 1, ["P2"])


@pytest.mark.every_store
def test_who_refuses_between_plan_and_logging_is_left_out_whatever_the_lines_date(work):
    for days in (-9, 0, 9):
        no = f"SM{days}"
        selected(work, no, date=work.clock.work_date() + timedelta(days))
        il.SegmentService(work).add_line(no, "P2")
        plan = il.SegmentLogger(work).plan(no)
        assert plan.counts.reasons == {"no-consent": 1}
    il.Consents(work).record("P1", given=False)
    for days in (-9, 0, 9):
        plan = il.SegmentLogger(work).plan(f"SM{days}")
        assert (plan.counts.logged, plan.counts.reasons) == (0, {"no-consent": 2})
        with pytest.raises(il.SegmentEmptyError):
            il.SegmentLogger(work).log(f"SM{days}")
        assert il.ContactSelection(work, f"SM{days}").explain("P2").reason


def test_a_plan_that_was_made_before_a_refusal_logs_nothing_for_who_refused(work):
    selected(work)
    il.SegmentService(work).add_line("SM1", "P1")
    plan = il.SegmentLogger(work).plan("SM1")
    il.Consents(work).record("P1", given=False)
    with pytest.raises((il.PlanOutdatedError, il.SegmentEmptyError)):
        il.SegmentLogger(work).log("SM1", plan=plan.token)


def test_a_policy_may_refuse_the_whole_logging_instead(work):
    selected(work)
    il.SegmentService(work).add_line("SM1", "P2")
    policy = il.LoggingPolicy(no_consent=il.Treatment.REFUSE)
    with pytest.raises(CheckFailedError, match="P2 has not agreed") as refused:
        il.SegmentLogger(work).log("SM1", policy=policy)
    assert refused.value.counts == {"no-consent": 1}
    with pytest.raises(il.FieldInvalidError):
        il.LoggingPolicy(no_consent=il.Treatment.LOG)


@pytest.mark.every_store
def test_a_contact_is_not_written_to_more_often_than_the_policy_allows(work):
    for days in (1, 6, 7):
        day = work.clock.work_date() - timedelta(days)
        log_interaction(work, "P1", interaction_template_code="NEWS", date=day)
    selected(work)
    pressed = {}
    for most, days in ((1, 7), (2, 7), (3, 7), (3, 8)):
        policy = il.LoggingPolicy(pressure=il.privacy.ContactPressure(most, days))
        plan = il.SegmentLogger(work).plan("SM1", policy=policy)
        pressed[most, days] = plan.counts.reasons.get("contacted-recently", 0)
    assert pressed == {(1, 7): 1, (2, 7): 1, (3, 7): 0, (3, 8): 1}
    warned = il.LoggingPolicy(
        pressure=il.privacy.ContactPressure(1, 7), contacted_recently=il.Treatment.LOG
    )
    plan = il.SegmentLogger(work).plan("SM1", policy=warned)
    logged = il.SegmentLogger(work).log("SM1", plan=plan.token)
    assert logged.counts == {"contacted-recently": 1, "log": 1}
    assert work.logged_segments.get(logged.entry_no).policy == warned


class _LeavesOut:
    """A check of a host: persons with an open case are not written to, a wrong one refuses."""

    def __init__(self, refuses=""):
        self.refuses = refuses

    def check_line(self, work, line, contact):
        if line.contact_no == "P1":
            yield Problem(code="open-case", message="there is an open case", leave_out=True)
        if line.contact_no == self.refuses:
            yield Problem(code="wrong", message="this must not be")


def test_a_check_may_leave_a_line_out_with_a_reason_of_its_own(begin):
    begin = begin.with_hooks([_LeavesOut()])
    with begin() as work:
        prepare(work, needs="nothing")
        selected(work)
        logged = il.SegmentLogger(work).log("SM1")
        assert logged.counts == {"leave-out": 1, "log": 3, "no-e-mail": 1, "open-case": 1}
        (left,) = il.LoggedSegments(work).left_out(logged.entry_no)
        assert (left.line.contact_no, left.reasons) == ("P1", ("open-case",))


def test_a_problem_that_leaves_nothing_out_refuses_all(begin):
    begin = begin.with_hooks([_LeavesOut(refuses="P2")])
    with begin() as work:
        prepare(work, needs="nothing")
        selected(work)
        with pytest.raises(CheckFailedError, match="must not be"):
            il.SegmentLogger(work).log("SM1")


def test_an_interaction_is_not_delivered_to_who_has_not_agreed_but_may_be_logged(work):
    add_language(work, "NEWS", attachment_no=add_attachment(work, name="mail.html"))
    interactions = il.InteractionService(work)
    for no, code in (("P2", "no-consent"), ("P3", "suppressed")):
        draft = interactions.start(no, interaction_template_code="NEWS")
        with pytest.raises(CheckFailedError) as refused:
            interactions.finish(draft, deliver=True)
        assert refused.value.counts == {code: 1}
        interactions.finish(draft)
    interactions.finish(interactions.start("P1", interaction_template_code="NEWS"), deliver=True)


class _Sent:
    def __init__(self):
        self.messages = []

    def send(self, message):
        self.messages.append(message)
        return il.delivery.accepted()


def test_a_delivery_is_withheld_from_who_took_the_consent_back_since(store):
    with store.begin(user_id="TESTER") as work:
        prepare(work)
        add_language(work, "NEWS", attachment_no=add_attachment(work, name="mail.html"))
        interactions = il.InteractionService(work)
        entries = []
        for no in ("P1", "P2"):
            il.Consents(work).record(no, "mail", "NEWS", given=True)
            draft = interactions.start(no, interaction_template_code="NEWS")
            entries.append(interactions.finish(draft, deliver=True).entry_no)
        il.Consents(work).record("P2", given=False)
    sent = _Sent()
    run = il.Outbox(store, transports={"mail": sent}, user_id="TESTER").run()
    assert (run.sent, run.withheld, len(sent.messages)) == (1, 1, 1)
    with store.read() as work:
        assert work.deliveries.get(entries[1]).reason == "no-consent"


@pytest.mark.every_store
@pytest.mark.parametrize(
    ("suppressed", "kept"),
    [
        ("Eva@X.example", "eVA@x.EXAMPLE"),
        (" eva@x.example\t", "eva@x.example"),
        ("eva@b\u00fccher.example", "eva@B\u00dcCHER.example"),
        ("eva@b\u00fccher.example", "eva@xn--bcher-kva.example"),
        ("eva@xn--bcher-kva.example", "eva@bu\u0308cher.example"),
        ("eva@x.example", "eva@\uff58\u3002example"),
        ("eva@x.example", "Eva <Eva@X.example>"),
        ("eva@x.example", "adam@x.example, eva@x.example"),
        ("eva@x.example", "eva@x.example;adam@x.example"),
    ],
)
@pytest.mark.parametrize("where", ["contact", "alternative"])
def test_an_address_is_suppressed_however_it_is_written(work, suppressed, kept, where):
    selected(work)
    add_person(work, "P1", e_mail=kept if where == "contact" else "p1@x.example")
    line = next(each.line for each in il.SegmentService(work).lines("SM1"))
    if where == "alternative":
        work.contacts.put_address(il.AlternativeAddress(contact_no="P1", code="A", e_mail=kept))
        work.segments.set_lines("SM1", [line.line_no], contact_alt_address_code="A")
    assert il.SegmentLogger(work).plan("SM1").counts.logged == 1
    il.Consents(work).suppress(suppressed, "mail")
    assert il.SegmentLogger(work).plan("SM1").counts.reasons == {"suppressed": 1}
    il.Consents(work).release(suppressed, "mail")
    assert il.SegmentLogger(work).plan("SM1").counts.logged == 1


@pytest.mark.every_store
def test_a_selection_asks_for_the_address_that_is_in_use_on_the_day_as_the_plan_does(work):
    own = {"P1": "old@x.example", "P2": "new@x.example", "P3": "old@x.example"}
    other = {"P1": "new@x.example", "P2": "old@x.example", "P3": ""}
    today = work.clock.work_date()
    for no, e_mail in own.items():
        add_person(work, no, e_mail=e_mail)
        address = il.AlternativeAddress(contact_no=no, code="A", e_mail=other[no])
        work.contacts.put_address(address)
        work.contacts.put_address_period(
            il.AlternativeAddressPeriod(contact_no=no, code="A", starting_date=today)
        )
    il.Consents(work).record("P2", "mail", "NEWS", given=True)
    il.Consents(work).suppress("old@x.example", "mail")
    lines, preview = selected(work)
    assert (lines, preview.left_out) == (["P1"], {"no-consent": 1, "suppressed": 2})
    selection = il.ContactSelection(work, "SM1")
    assert [selection.explain(no).reason for no in own] == ["on a line", *["suppressed"] * 2]
    assert il.SegmentLogger(work).plan("SM1").counts.logged == 1
    before = {"date": today - timedelta(days=1)}  # when the address was not yet in use
    assert selected(work, "SM2", **before)[0] == ["P2"]


@pytest.mark.parametrize("checked", [False, True])
def test_each_line_of_a_contact_is_asked_for_its_own_address(checked):
    class Check:
        def check_line(self, work, line, contact):
            return ()

    with il.MemoryStore(hooks=[Check()] if checked else []).begin(user_id="TESTER") as work:
        prepare(work)
        selected(work)
        work.contacts.put_address(il.AlternativeAddress(contact_no="P1", code="A", e_mail="a@x.it"))
        il.SegmentService(work).add_line("SM1", "P1", contact_alt_address_code="A")
        il.Consents(work).suppress("a@x.it", "mail")
        counts = il.SegmentLogger(work).plan("SM1").counts
        assert (counts.logged, counts.reasons) == (1, {"duplicate": 1, "suppressed": 1})
        il.Consents(work).release("a@x.it", "mail")
        il.Consents(work).suppress("p1@x.example", "mail")
        counts = il.SegmentLogger(work).plan("SM1").counts
        assert (counts.logged, counts.reasons) == (1, {"duplicate": 1, "suppressed": 1})


def test_another_address_is_not_suppressed(work):
    selected(work)
    for other in (
        "p1+news@x.example",
        "p.1@x.example",
        "\u0440" + "1@x.example",
        "p1@x.example.it",
    ):
        il.Consents(work).suppress(other, "mail")
    assert il.SegmentLogger(work).plan("SM1").counts.logged == 1


@pytest.mark.parametrize(("most", "days"), [(0, 7), (1, 0), (1, 36_501)])
def test_a_contact_may_be_written_to_at_least_once_in_at_least_a_day(most, days):
    for within in (1, 36_500):
        il.privacy.ContactPressure(1, within)
    with pytest.raises(il.FieldInvalidError, match="most" if most < 1 else "days"):
        il.privacy.ContactPressure(most, days)
