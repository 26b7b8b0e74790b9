"""Who agreed, who refused, and who may be written to on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import interactionlog as il
from company import add_company, set_up
from interactionlog.contacts.consent import as_address
from interactionlog.errors import FieldInvalidError, NotFoundError, UsageError
from interactionlog.privacy import Purpose

TODAY = date(2026, 1, 26)


@pytest.fixture
def work(begin):
    with begin() as opened:
        set_up(opened)
        consents = il.Consents(opened)
        consents.put_purpose(Purpose(code="news"))
        consents.put_purpose(Purpose(code="OFFERS", needs="opt-out"))
        consents.put_purpose(Purpose(code="INVOICES", needs="nothing"))
        yield opened


def test_a_contact_is_written_to_after_it_agreed_and_no_longer_after_it_refused(work):
    consents = il.Consents(work)
    assert not consents.current("C", "mail", "NEWS").allowed
    given = consents.record("c", "mail", "news", given=True, on=date(2026, 1, 10), source="form")
    taken = consents.record("C", "mail", "NEWS", given=False, evidence="letter of 26 January")
    assert consents.current("C", "MAIL", "NEWS", on=date(2026, 1, 9)).fact is None
    before = consents.current("C", "mail", "NEWS", on=date(2026, 1, 25))
    assert (before.allowed, before.fact) == (True, given)
    now = consents.current("C", "mail", "NEWS")
    assert (now.allowed, now.fact, now.on) == (False, taken, TODAY)
    assert list(consents.history("C")) == [given, taken]


def test_a_fact_says_who_recorded_it_when_and_from_where(work):
    fact = il.Consents(work).record("C", "letter", "OFFERS", given=False, source="telephone")
    assert (fact.channel, fact.date, fact.source) == ("LETTER", TODAY, "telephone")
    assert (fact.user_id, fact.recorded_at) == ("TESTER", work.clock.now())


def test_nobody_is_asked_for_a_purpose_that_needs_nothing(work):
    il.Consents(work).record("C", given=False)
    assert il.Consents(work).current("C", "mail", "INVOICES").allowed
    assert not il.Consents(work).current("C", "mail", "OFFERS").allowed


def test_an_agreement_names_its_purpose(work):
    with pytest.raises(FieldInvalidError, match="needs a purpose"):
        il.Consents(work).record("C", "mail", given=True)
    assert il.Consents(work).history("C") == []


@pytest.mark.parametrize(
    ("contact_no", "purpose", "named"), [("NOBODY", "NEWS", "NOBODY"), ("C", "TIPS", "TIPS")]
)
def test_a_fact_names_a_contact_and_a_purpose_that_exist(work, contact_no, purpose, named):
    with pytest.raises(NotFoundError, match=named):
        il.Consents(work).record(contact_no, "mail", purpose, given=True)
    assert work.records(il.privacy.Consent).all() == []


@pytest.mark.parametrize("needs", ["", "opt in", "OPT-IN", None])
def test_what_a_purpose_needs_is_one_of_three(needs):
    with pytest.raises(FieldInvalidError, match="opt-in, opt-out, nothing"):
        Purpose(code="NEWS", needs=needs)


def test_a_suppressed_address_is_told_apart_from_a_refusal(work):
    consents = il.Consents(work)
    add_company(work, "D")
    consents.suppress(" Info@C.example ", "mail", reason="bounced", source="list of January")
    consents.record("D", given=False)
    addresses = {"C": "info@c.EXAMPLE", "D": "d@d.example"}
    asked = {"contact_nos": ["C", "D"], "addresses": addresses}
    assert consents.refused("OFFERS", "mail", **asked) == {"C": "suppressed", "D": "no-consent"}
    assert consents.refused("OFFERS", "letter", **asked) == {"D": "no-consent"}
    assert consents.refused("INVOICES", "mail", **asked) == {}
    lower = {
        "contact_nos": ["c"],
        "addresses": {"c": "Info <info@c.example>", "Z": "info@c.example"},
    }
    assert consents.refused("OFFERS", "mail", **lower) == {"C": "suppressed"}
    consents.release("INFO@c.example", "mail")
    assert consents.refused("OFFERS", "mail", **asked) == {"D": "no-consent"}
    with pytest.raises(NotFoundError):
        consents.release("info@c.example", "mail")


def test_a_template_and_a_segment_name_a_purpose_that_exists(work):
    templates, segments = il.TemplateService(work), il.SegmentService(work)
    assert templates.change("T1", purpose_code="news").purpose_code == "NEWS"
    with pytest.raises(NotFoundError, match="TIPS"):
        templates.change("T1", purpose_code="TIPS")
    segment = segments.create("Spring", no="SM1", purpose_code="OFFERS")
    assert segments.change("SM1", purpose_code=None).purpose_code is None
    with pytest.raises(NotFoundError, match="TIPS"):
        segments.change("SM1", purpose_code="TIPS")
    assert segment.purpose_code == "OFFERS"
    plain = segments.create("Summer", no="SM2", interaction_template_code="T1")
    assert plain.purpose_code is None  # the template of each line says it


def test_who_is_not_there_is_not_said_to_be_allowed(work):
    with pytest.raises(NotFoundError, match="contact NOBODY does not exist"):
        il.Consents(work).current("NOBODY", "mail", "OFFERS")


@pytest.mark.parametrize("blank", ["", " ", "\u00a0\t"])
def test_a_blank_channel_or_purpose_is_not_every_one(work, blank):
    consents = il.Consents(work)
    calls = [
        lambda: consents.record("C", blank, "NEWS", given=True),
        lambda: consents.record("C", "mail", blank, given=False),
        lambda: consents.current("C", blank, "NEWS"),
        lambda: consents.refused("NEWS", blank, ["C"]),
        lambda: consents.suppress("c@c.example", blank),
        lambda: consents.release("c@c.example", blank),
    ]
    for call in calls:
        with pytest.raises(FieldInvalidError, match=r"(channel|purpose) must"):
            call()
    assert consents.history("C") == work.suppressions.all() == []


@pytest.mark.parametrize(
    ("address", "channel"),
    [
        ("Ida <ida@moser.example>", "mail"),
        ("Ida <ida@moser.example>", None),
        ("ida@moser.example, max@moser.example", "mail"),
        ("ida@moser.example;max@moser.example", None),
        ("ida @moser.example", "mail"),
        ("mailto:ida@moser.example", "mail"),
        ("ida@moser.example.", None),
    ],
)
def test_an_address_that_no_mail_is_sent_to_is_not_suppressed_in_vain(work, address, channel):
    with pytest.raises(FieldInvalidError, match="must be one address such as"):
        il.Consents(work).suppress(address, channel)
    il.Consents(work).suppress("+39 0471 1")
    il.Consents(work).suppress("+39 0471 1", "phone")


@pytest.mark.parametrize(
    "said",
    ["+39 (0471) 97-24.1", "+39\u00a00471 97 24/1", "+39 0471\u201397241", "+39\u200b047197241"],
)
def test_a_number_is_suppressed_however_its_digits_are_grouped(work, said):
    consents = il.Consents(work)
    consents.suppress("+39047197241", "sms")
    asked = {"contact_nos": ["C"], "addresses": {"C": ["x@y.example", said, ""]}}
    assert consents.refused("OFFERS", "sms", **asked) == {"C": "suppressed"}
    assert consents.refused("OFFERS", "phone", **asked) == {}
    consents.release(said, "sms")
    assert work.suppressions.all() == []


class _Register:
    """A host that knows by itself who refused."""

    def refused(self, purpose, channel, contact_nos, on):
        return {no for no in contact_nos if no == "C" and on >= TODAY}


def test_a_host_answers_itself(work):
    work.__dict__["consents"] = _Register()
    consents = il.Consents(work)
    assert consents.refused("NEWS", "mail", ["C", "D"]) == {"C": "no-consent"}
    state = consents.current("C", "mail", "NEWS", on=TODAY - timedelta(1))
    assert (state.allowed, state.fact) == (True, None)
    with pytest.raises(UsageError, match="host answers"):
        consents.record("C", "mail", "NEWS", given=True)


class _Says(_Register):
    def __init__(self, told):
        self.told = told

    def refused(self, purpose, channel, contact_nos, on):
        return self.told

    def __repr__(self):
        return "the register of the shop"


@pytest.mark.parametrize(
    "told", ["C", b"C", None, True, 7, {1}, {"C": False}, [None], {"E"}, {"C", "E"}, ["0C"]]
)
def test_an_answer_from_which_nobody_is_refused_by_mistake_is_refused(work, told):
    work.__dict__["consents"] = _Says(told)
    with pytest.raises(UsageError, match="the register of the shop returned"):
        il.Consents(work).refused("NEWS", "mail", ["C", "D"])


@pytest.mark.parametrize("told", [["c"], {" c "}, ("C", "C"), {"C": 1}.keys()])
def test_who_refuses_is_understood_in_any_spelling(work, told):
    work.__dict__["consents"] = _Says(told)
    assert il.Consents(work).refused("NEWS", "mail", ["C", "D"]) == {"C": "no-consent"}


@pytest.mark.parametrize("said", ["email", "E-Mail", "e_mail", "EMAIL", "mail"])
def test_who_refuses_mails_is_understood_whichever_word_names_them(work, said):
    consents = il.Consents(work)
    assert consents.record("C", said, "OFFERS", given=False).channel == "MAIL"
    for asked in ("mail", said):
        assert not consents.current("C", asked, "OFFERS").allowed
    assert consents.current("C", "letter", "OFFERS").allowed
    consents.suppress("x@y.example", said)
    consents.release("x@y.example", "mail")
    assert work.suppressions.all() == []


@pytest.mark.parametrize(("said", "known"), [("hard copy", "LETTER"), ("phone", "PHONE")])
def test_a_channel_is_that_of_its_correspondence_type_or_of_the_application(work, said, known):
    fact = il.Consents(work).record("C", said, given=False)
    assert fact.channel == known


@pytest.mark.parametrize("address", ["ª 0", "Tür 4", "Gebäude 5"])
def test_an_address_that_is_no_mail_keeps_its_letters(address):
    """Only the domain of a mail becomes what the network knows it as."""
    assert as_address(address) == address.lower()
