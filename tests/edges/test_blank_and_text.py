"""Blank is a value or an error, a text has one identity, a date goes with its time."""

from __future__ import annotations

from datetime import date, time

import pytest

import interactionlog as il
from interactionlog.interactions.idempotency import IdempotencyKey
from interactionlog.testing import a_contact, add_segment
from interactionlog.testing.race_world import populate
from interactionlog.values import as_code, folded

REFUSED = (il.FieldInvalidError, il.UsageError)


def matching(work, **asked):
    return sorted(work.contacts.matching(il.ContactFilter(**asked)))


@pytest.mark.parametrize(
    "asked",
    [
        {"nos": set()},
        {"nos": [""]},
        {"types": frozenset()},
        {"country_codes": []},
        {"salesperson_codes": {" "}},
        {"business_relation_codes": ()},
        {"mailing_group_codes": {"\u00a0"}},
        {"profile_answers": {"": [1]}},
        {"where": {"name": il.Condition(contains="x"), "": "x"}},
        {"elsewhere": {"": {"x": 1}}},
        {"within": [""]},
    ],
)
def test_a_filter_refuses_what_is_blank(asked):
    with pytest.raises(REFUSED):
        il.ContactFilter(**asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"prefix": ""},
        {"contains": ""},
        {},
        {"contains": "\x00"},
        {"any_of": {"\ud800"}},
        {"at_least": 1.5},
        {"contains": "x" * 300},
        {"negated": "no", "prefix": "a"},
        {"at_most": 2**70},
        {"any_of": {b"x"}},
        {"prefix": 7},
    ],
)
def test_a_condition_refuses_what_compares_with_nothing(asked):
    with pytest.raises(REFUSED):
        il.Condition(**asked)


@pytest.mark.parametrize("text", [" ", "\u00a0", "\u200b", "\u00ad"])
def test_a_search_for_blank_text_is_refused(text):
    with pytest.raises(REFUSED):
        il.ContactFilter(where={"name": il.Condition(contains=text)})


def test_who_asks_within_nobody_finds_nobody(begin):
    with begin() as work:
        work.contacts.put(a_contact("CT1"))
        assert matching(work, within=()) == []
        assert matching(work) == ["CT1"]


@pytest.mark.parametrize("outcome", [{"evaluations": set()}, {"delivery_statuses": []}])
def test_a_filter_on_outcomes_refuses_an_empty_set(outcome):
    with pytest.raises(REFUSED):
        il.OutcomeFilter(**outcome)


@pytest.mark.parametrize("name", ["", " ", "\u00a0\t"])
def test_a_draft_whose_contact_name_is_blank_has_no_contact(begin, name):
    with begin() as work:
        work.contacts.put(a_contact("CT1", name="Cannon"))
        interactions = il.InteractionService(work)
        draft = interactions.start_from_context(contact_no="CT1")
        assert interactions.change(draft, contact_name="cann").contact_no == "CT1"
        assert interactions.change(draft, contact_name=name).contact_no is None


@pytest.mark.parametrize(
    "log_filter", [{"contact_no": ""}, {"segment_no": " "}, {"host_ref": "a\x00"}, {"since": ""}]
)
def test_deleting_with_a_blank_condition_deletes_nothing(begin, log_filter):
    with begin() as work:
        with pytest.raises(REFUSED):
            il.LogEntryService(work).delete_canceled(il.LogFilter(**log_filter))
        with pytest.raises(REFUSED):
            il.LoggedSegments(work).delete_canceled(segment_no="")
        with pytest.raises(REFUSED):
            il.CampaignService(work).delete_canceled_entries("CP1", salesperson_code=" ")


def test_a_logged_segment_is_found_by_its_number_as_an_open_one_is(begin):
    with begin() as work:
        add_segment(work, "SM1", ["C"])
        logged = il.SegmentLogger(work).log("SM1")
        assert work.logged_segments.current(" sm1 ") == logged
        for odd in ("", " ", "\udcff", "a\x00", "x" * 21):
            for find in (work.logged_segments.current, work.segments.find):
                with pytest.raises(REFUSED):
                    find(odd)


SPELLINGS = [
    ("Mu\u0308ller", "MÜLLER"),
    ("\u0130stanbul", "istanbul"),
    ("Straße", "STRASSE"),
    ("Cafe\u0301 \u00a0Zürich", "café zürich"),
    ("Soft\u00adware", "software"),
    ("Zero\u200bwidth", "ZEROWIDTH"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
]


@pytest.mark.parametrize(("stored", "asked"), SPELLINGS)
def test_a_name_is_found_in_every_spelling(begin, stored, asked):
    with begin() as work:
        work.contacts.put(a_contact("CT1", name=stored))
        for text in (asked, stored, f" {asked}\u00a0"):
            condition = il.Condition(contains=text)
            assert matching(work, where={"name": condition}) == ["CT1"]
            assert work.contacts.find_by_name(text).no == "CT1"


@pytest.mark.parametrize("text", ["ŉ", "ǰ", "ΐ", "ß", "ﬃ", "ᾳ\u0301", "\u0344", "A\u030a", "İ"])
def test_the_form_of_a_text_stays_when_it_is_taken_again(text):
    assert as_code(as_code(text)) == as_code(text)
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("003Xx00000Cz30U", "003Xx00000Cz30u"),
        ("aB1", "Ab1"),
        ("rec8fKq", "Rec8FKQ"),
        ("ÄöÜ", "äÖü"),
        ("a-B", "A-b"),
        ("MüLLER1", "mÜller1"),
    ],
)
@pytest.mark.parametrize("kind", il.ContactType)
def test_of_two_numbers_that_differ_by_case_only_one_at_least_is_refused(begin, kind, one, other):
    refused = 0
    with begin() as work:
        for no in (one, other):
            try:
                work.contacts.put(il.Contact(no=no, type=kind, company_no=no, name=no))
            except il.FieldInvalidError:
                refused += 1
        assert refused >= 1
        assert len(work.contacts.all()) == 2 - refused


@pytest.mark.parametrize(
    ("no", "stored"),
    [
        (" ct1", "CT1"),
        ("Müller", "MÜLLER"),
        ("mu\u0308ller", "MÜLLER"),
        ("STRAßE", "STRASSE"),
        ("1st", "1ST"),
        ("12Ab", "12AB"),
        ("550E8400-E29b-41d4-A716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
    ],
)
def test_a_number_in_one_case_or_with_a_capital_is_upper_case_whoever_writes_it(no, stored):
    assert il.Contact(no=no, type=il.ContactType.PERSON).no == stored


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\ufeff", "\u202e", "\u2066", "\u2028"])
def test_codes_of_every_record_refuse_invisible_characters(sign):
    code = f"A{sign}B"
    for make in (
        lambda: il.Contact(no=code),
        lambda: il.Salesperson(code=code),
        lambda: il.Campaign(no=code),
        lambda: il.Contact(no="A", company_no="A", salesperson_code=code),
        lambda: il.InteractionDraft(campaign_no=code),
        lambda: il.InteractionGroup(code=code),
        lambda: il.numbering.NoSeries(code=code),
    ):
        with pytest.raises(il.FieldInvalidError, match="invisible"):
            make()


@pytest.mark.parametrize(
    ("moment", "day", "at"),
    [
        ("2026-01-26T23:59:30", date(2026, 1, 27), time(0, 0)),
        ("2026-12-31T23:59:59", date(2027, 1, 1), time(0, 0)),
        ("2028-02-28T23:59:01", date(2028, 2, 29), time(0, 0)),
        ("2026-01-26T23:58:59", date(2026, 1, 26), time(23, 59)),
    ],
)
def test_a_time_that_is_rounded_over_midnight_takes_the_date_along(moment, day, at):
    store = il.MemoryStore(clock=il.FixedClock(moment))
    with store.begin(user_id="TESTER") as work:
        work.contacts.put(a_contact("CT1"))
        draft = il.InteractionService(work).start("CT1")
        assert (draft.date, draft.time_of_interaction) == (day, at)


def test_a_draft_of_another_day_has_no_time_unless_it_is_given(begin):
    with begin() as work:
        work.contacts.put(a_contact("CT1"))
        interactions = il.InteractionService(work)
        assert interactions.start("CT1").time_of_interaction is not None
        assert interactions.start("CT1", date=date(2026, 1, 1)).time_of_interaction is None
        draft = interactions.start("CT1", date=date(2026, 1, 1), time_of_interaction=time(8))
        assert draft.time_of_interaction == time(8)
        assert interactions.change(draft, date=date(2026, 1, 2)).time_of_interaction == time(8)


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "\u200b", "\u00ad \t"])
def test_a_name_of_which_nothing_is_seen_finds_nobody(begin, text):
    with begin() as work:
        work.contacts.put(a_contact("CT1", name="Cannon"))
        assert work.contacts.find_by_name(text) is None
        assert work.contacts.find_by_name(f"can{text.strip()}non").no == "CT1"


BLANK = ["", " ", "\u00a0\t", "\u2003", "\u200b", " \u00ad\ufeff "]
KEYED = {
    "finish": lambda w, key: il.InteractionService(w).finish(_draft(w), idempotency_key=key),
    "postpone": lambda w, key: il.InteractionService(w).postpone(_draft(w), idempotency_key=key),
    "log": lambda w, key: il.SegmentLogger(w).log("SM1", idempotency_key=key),
}
REFERRED = {
    "draft": lambda w, ref: il.InteractionService(w).change(_draft(w), host_ref=ref),
    "context": lambda w, ref: il.InteractionService(w).start("CT1", host_ref=ref),
    "document": lambda w, ref: il.DocumentLogger(w).log(
        il.Document(
            type=il.DocumentType.SALES_INVOICE,
            no="1",
            account_kind="Customer",
            account_no="C1",
            host_ref=ref,
        )
    ),
    "segment": lambda w, ref: il.SegmentService(w).create("New", no="NEW", host_ref=ref),
    "header": lambda w, ref: il.SegmentService(w).change("SM1", host_ref=ref),
    "log": lambda w, ref: il.InteractionLog(w).entries(il.LogFilter(host_ref=ref)),
    "purge": lambda w, ref: il.LogEntryService(w).delete_canceled(il.LogFilter(host_ref=ref)),
    "drawn for": lambda w, key: il.numbering.NumberSeries(w).next("FREE", record_key=key),
}


def _draft(work):
    return il.InteractionService(work).start("CT1", interaction_template_code="MAIL")


def test_a_blank_key_or_reference_is_refused_and_nothing_is_done(begin):
    with begin() as work:
        populate(work)

        def kept():
            keys = list(work.records(IdempotencyKey).all())
            drawn = il.numbering.NumberSeries(work).peek("FREE")
            return work.interactions.newest(il.LogFilter()), work.segments.get("SM1"), keys, drawn

        before, taken = kept(), []
        for name, call in {**KEYED, **REFERRED}.items():
            for blank in BLANK:
                try:
                    call(work, blank)
                except il.FieldInvalidError as error:
                    field = error.field
                else:
                    field = "taken"
                if field not in {"idempotency_key", "host_ref", "record_key"}:
                    taken.append((name, blank, field))
        assert taken == []
        assert kept() == before


def test_no_key_and_no_reference_is_none_asked(begin):
    with begin() as work:
        populate(work)
        service = il.InteractionService(work)
        nos = {service.finish(_draft(work), idempotency_key=None).entry_no for _ in range(2)}
        assert len(nos) == 2
        assert il.SegmentService(work).create("New", no="NEW", host_ref=None).host_ref is None
        assert il.InteractionLog(work).entries(il.LogFilter(host_ref=None)) != []


@pytest.mark.every_store
def test_an_address_without_a_visible_sign_is_nobodys(begin):
    with begin() as work:
        work.salespeople.put(il.Salesperson(code="JO", e_mail="\u200b"))
        assert [list(work.salespeople.with_e_mail(text)) for text in ("", "\u200b")] == [[], []]
