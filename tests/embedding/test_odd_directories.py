"""A host's directory that answers in another form is named, and nothing is made of its answer."""

from __future__ import annotations

import sqlite3

import pytest

import interactionlog as il
from interactionlog.integrity import check_integrity
from interactionlog.ports import ContactDirectory, ContactSummary
from interactionlog.testing import a_contact, add_segment

KNOWN = {no: a_contact(no, salesperson_code="HR") for no in ("CT1", "CT2")}
SUMMARIES = {no: ContactSummary.of(each) for no, each in KNOWN.items()}
HELENA = il.User(user_id="HELENA", e_mail="h@x.example", salesperson_code="HR")


class Contacts(ContactDirectory):
    def find(self, no, /):
        return KNOWN.get(no)

    def summaries(self, nos):
        return {no: SUMMARIES[no] for no in nos if no in KNOWN}

    def matching(self, contact_filter, *, widening=None, among=None):
        return [no for no in KNOWN if among is None or no in among]

    def colour(self):
        return "red"

    def __repr__(self):
        return "what the shop has"


class Salespeople:
    def find(self, code, /):
        return il.Salesperson(code=code)

    def with_e_mail(self, e_mail):
        return []

    def __repr__(self):
        return "what the shop has"


class Users(Salespeople):
    def find(self, user_id, /):
        return HELENA


def _start(work):
    return il.InteractionService(work).start("CT1", interaction_template_code="LETTER")


def _finish(work):
    draft = _start(work)
    return il.InteractionService(work).finish(draft)


def _add_line(work):
    return il.SegmentService(work).add_line("SM1", "CT1")


def _add(work):
    return il.ContactSelection(work, "SM9").add(all_contacts=True)


def _plan(work):
    return il.SegmentLogger(work).plan("SM1")


def _log(work):
    return il.SegmentLogger(work).log("SM1")


def _targets(work):
    return il.TargetGroup(work).of("CP1", before_activation=True)


_NOBODY = ({"no": "CT1"}, "CT1", 7, True, object(), SUMMARIES["CT1"], [KNOWN["CT1"]])
_NO_MAPPING = (None, ["CT1"], 7, "CT1")
ANSWERS = {
    "contacts.find": ((*_NOBODY, KNOWN["CT2"]), (_finish, _add_line)),
    "contacts.summaries": (
        (
            *_NO_MAPPING,
            {"CT1": None},
            {"CT1": tuple(SUMMARIES["CT1"])},
            {"CT1": KNOWN["CT1"]},
            {"CT1": SUMMARIES["CT1"]._replace(privacy_blocked=None)},
            {"CT1": SUMMARIES["CT1"]._replace(exclude_from_segment=1)},
            {"CT1": SUMMARIES["CT1"]._replace(e_mail=None)},
            {7: SUMMARIES["CT1"]},
            *(
                {"CT1": SUMMARIES["CT1"]._replace(**wrong)}
                for wrong in (
                    {"salesperson_code": 7},
                    {"salesperson_code": ["HR"]},
                    {"salesperson_code": "X" * 21},
                    {"language_code": b"DAN"},
                    {"language_code": "DANISH-LONG"},
                    {"correspondence_type": 2},
                    {"correspondence_type": "EMAIL"},
                )
            ),
        ),
        (_plan, _log),
    ),
    "contacts.many": (
        (*_NO_MAPPING, {"CT1": SUMMARIES["CT1"]}, {7: KNOWN["CT1"]}, {"CT1": KNOWN["CT2"]}),
        (_add,),
    ),
    "contacts.matching": (
        (None, "CT1", 7, {"CT1"}, iter(["CT1"]), [1], [None], [KNOWN["CT1"]]),
        (_add,),
    ),
    "contacts.active_addresses": (
        (*_NO_MAPPING, {"CT1": 7}, {"CT1": "X" * 99}, {"CT1": ""}, {7: "SUMMER"}),
        (_start, _add_line, _add),
    ),
    "contacts.customers": ((*_NO_MAPPING, {"CT1": 7}, {"CT1": "X" * 21}, {7: "C10"}), (_targets,)),
    "salespeople.find": (("HR", 7, True, HELENA), (_finish, _plan, _log)),
    "salespeople.with_e_mail": ((None, 7, iter(()), "HR", ["HR"]), (_start,)),
    "users.find": (("HELENA", 7, il.Salesperson(code="HR")), (_start,)),
}


@pytest.fixture
def connection():
    opened = sqlite3.connect(":memory:", isolation_level=None)
    opened.execute("BEGIN IMMEDIATE")
    il.HostStore().migrate(opened)
    with il.HostStore().join(opened, user_id="HELENA") as work:
        for no in ("SM1", "SM9"):
            add_segment(work, no, ["CT1"] if no == "SM1" else [])
        work.campaigns.put(il.Campaign(no="CP1"))
    yield opened
    opened.close()


def _host(**methods):
    kinds = {"contacts": Contacts, "salespeople": Salespeople, "users": Users}
    return il.HostStore(
        **{
            name: type(kind.__name__, (kind,), methods.get(name, {}))()
            for name, kind in kinds.items()
        }
    )


@pytest.mark.parametrize("asked", ANSWERS)
def test_an_answer_in_another_form_is_refused_with_the_name_of_its_directory(connection, asked):
    name, method = asked.split(".")
    answers, calls = ANSWERS[asked]
    before = [*connection.iterdump()]
    for answer in answers:
        host = _host(**{name: {method: lambda *_, answer=answer, **__: answer}})
        for call in calls:
            with host.join(connection, user_id="HELENA") as work:
                with pytest.raises(il.UsageError, match=r"^what the shop has returned") as told:
                    call(work)
                asked_of = {method, *({"get", "hold"} if method == "find" else ())}
                assert any(f": {each} must return " in str(told.value) for each in asked_of)
            assert [*connection.iterdump()] == before


def test_codes_and_numbers_are_understood_in_any_spelling(connection):
    codes = {"active_addresses": lambda *_: {"CT1": " summer "}}
    host = _host(contacts={**codes, "matching": lambda *_, **__: ("ct1", " ct2")})
    with host.join(connection, user_id="HELENA") as work:
        _add(work)
        lines = work.segments.lines_after("SM9", 0)
        faults = [fault.code for fault in check_integrity(work)]
    assert [line.contact_no for line in lines] == ["CT1", "CT2"]
    assert [line.contact_alt_address_code for line in lines] == ["SUMMER", None]
    assert "invalid" not in faults


def test_numbers_and_codes_by_number_are_understood_in_any_spelling(connection):
    lower = {
        f" {no.lower()}": each._replace(salesperson_code="hr ", language_code=" ")
        for no, each in SUMMARIES.items()
    }
    known = {no.lower(): each for no, each in KNOWN.items()}
    methods = {"summaries": lambda *_: lower, "many": lambda *_: known}
    methods["customers"] = lambda *_: {"ct1": "c10", "ct2": " "}
    with _host(contacts=methods).join(connection, user_id="HELENA") as work:
        _add(work)
        il.SegmentService(work).change("SM9", salesperson_code="XX", update_lines=True)
        lines = work.segments.lines_after("SM9", 0)
        assert [(each.contact_no, each.salesperson_code) for each in lines] == [
            ("CT1", "XX"),
            ("CT2", "XX"),
        ]
        assert _plan(work).counts.refused == 0
        assert work.contacts.customers(["CT1", "CT2"]) == {"CT1": "C10"}


def test_what_a_directory_raises_and_has_besides_comes_out_unchanged(connection):
    def fail(*_):
        raise KeyError("the shop is closed")

    with _host(contacts={"find": fail}).join(connection, user_id="HELENA") as work:
        assert work.contacts.colour() == "red"
        with pytest.raises(KeyError, match="the shop is closed"):
            _add_line(work)
