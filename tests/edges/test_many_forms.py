"""One meaning in many forms: dates, lists, texts and generators are taken alike, or refused, on every store."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import interactionlog as il
from interactionlog.interchange import Reports
from interactionlog.testing import a_contact, a_line, add_basics, add_segment, an_entry


@pytest.fixture
def work(begin):
    with begin() as work:
        yield work


FORMS = ["2026-01-01", "20260101", "2026-W01-4", dt.date(2026, 1, 1)]


@pytest.mark.every_store
@pytest.mark.parametrize("day", FORMS)
@pytest.mark.parametrize(("bound", "entries"), [("at_least", 2), ("at_most", 2)])
def test_a_date_is_the_same_in_each_of_its_forms(work, day, bound, entries):
    for no, date in enumerate(("2025-12-31", "2026-01-01", "2026-01-02"), 1):
        work.contacts.put(a_contact(f"CT{no}"))
        work.interactions.add(an_entry(no, f"CT{no}", date=dt.date.fromisoformat(date)))
    asked = il.ContactFilter(interactions={"date": il.Condition(**{bound: day})})
    assert asked == il.ContactFilter(
        interactions={"date": il.Condition(**{bound: dt.date(2026, 1, 1)})}
    )
    assert len(work.contacts.matching(asked)) == entries


@pytest.mark.every_store
@pytest.mark.parametrize("nothing", [[], (), set(), frozenset()])
def test_a_condition_with_one_of_nothing_is_satisfied_by_nobody(work, nothing):
    work.contacts.put(a_contact("CT1", city="Merano", country_code="IT"))
    work.contacts.put(a_contact("CT2", country_code="IT"))
    asked = il.ContactFilter(country_codes=["IT"], where={"city": nothing})
    assert work.contacts.matching(asked) == []
    assert not asked.matches(work.contacts.get("CT1"), [], [])


@pytest.mark.parametrize("once", [list, iter, tuple, lambda given: (each for each in given)])
@pytest.mark.parametrize(
    ("name", "given"),
    [("where", ["abc"]), ("interactions", ["abc"]), ("memberships", [5]), ("elsewhere", [5])],
)
def test_a_field_of_another_form_is_named_also_where_it_can_be_read_once(once, name, given):
    with pytest.raises(il.FieldInvalidError, match=f"ContactFilter.{name} has another form"):
        il.ContactFilter(**{name: once(given)})


@pytest.mark.parametrize("once", [list, iter, lambda given: (each for each in given)])
def test_what_can_be_read_once_is_read_once(once):
    assert il.ContactFilter(nos=once(["a", "b"])) == il.ContactFilter(nos={"A", "B"})
    with pytest.raises(il.FieldInvalidError, match="must not be empty"):
        il.ContactFilter(nos=once([]))


@pytest.mark.parametrize("given", ["COMPANY", ["COMPANY"], il.ContactType.COMPANY, b"COMPANY"])
def test_one_value_is_a_set_of_one_and_not_its_letters(given):
    company = il.ContactFilter(types={il.ContactType.COMPANY})
    if given == "COMPANY" or isinstance(given, list):
        assert il.ContactFilter(types=given) == company
    else:
        with pytest.raises(il.FieldInvalidError, match=r"ContactFilter\.types .*COMPANY"):
            il.ContactFilter(types=given)


@pytest.mark.every_store
@pytest.mark.parametrize("length", [1_001, 60_000, 1_000_000])
@pytest.mark.parametrize("sign", ["x", "%", "\u00e4"])
def test_a_name_that_nobody_can_have_is_nobodys_on_every_store(work, length, sign):
    add_basics(work)
    work.contacts.put(a_contact("CT1", name="xxx"))
    assert work.contacts.find_by_name(sign * length) is None


@pytest.mark.every_store
@pytest.mark.parametrize("day", [dt.date(1, 1, 1), dt.date(26, 1, 26), dt.date(9999, 12, 31)])
@pytest.mark.parametrize("days", [1, 30, 36_500])
def test_who_was_written_to_lately_is_known_on_every_day_that_there_is(work, day, days):
    hard_copy = il.CorrespondenceType.HARD_COPY
    add_segment(work, "SM1", [])
    work.contacts.put(a_contact("CT1"))
    work.interactions.add(an_entry(1, "CT1", date=day, correspondence_type=hard_copy))
    line = a_line(10_000, "CT1", "SM1", date=day, correspondence_type=hard_copy)
    work.segments.add_lines([line])
    pressure = il.privacy.ContactPressure(most=1, days=days)
    policy = il.LoggingPolicy(contacted_recently=il.Treatment.LEAVE_OUT, pressure=pressure)
    assert il.SegmentLogger(work).plan("SM1", policy=policy).counts.left_out == 1


@pytest.mark.parametrize("timeout", [float("inf"), float("nan"), 2**31, -1, True, "x"])
@pytest.mark.parametrize("make", [il.SqliteStore, il.PostgresStore, il.delivery.SmtpTransport])
def test_a_time_to_wait_that_nothing_can_wait_is_refused(make, timeout, tmp_path):
    more = {"sender": "a@b.example"} if make is il.delivery.SmtpTransport else {}
    with pytest.raises(il.UsageError, match=r"timeout must be a number from 0 to 2,000,000"):
        make(str(tmp_path / "x.db"), timeout=timeout, **more)


@pytest.mark.parametrize("clock", ["x", 5, 0, object(), dt.datetime, il.FixedClock])
@pytest.mark.parametrize("make", [il.MemoryStore, il.HostStore])
def test_a_clock_is_one(make, clock):
    with pytest.raises(il.UsageError, match="must be a Clock"):
        make(clock=clock)


@pytest.mark.every_store
@pytest.mark.parametrize("kind", [int, str, "campaign", None, il.LogFilter])
def test_records_of_a_kind_that_is_not_stored_are_refused(work, kind):
    with pytest.raises(il.UsageError, match="there are no records of"):
        work.records(kind)


@pytest.mark.parametrize("language", ["xx", "EN", "", "de"])
def test_there_are_words_in_two_languages(language):
    with il.MemoryStore().read() as work, pytest.raises(il.UsageError, match="one of en, it"):
        Reports(work, language)


@pytest.mark.parametrize("given", [None, 7, "plan.jsonl", Path("plan.jsonl"), b"x"])
def test_a_plan_is_saved_to_what_is_open_and_compared_with_what_has_lines(given):
    with il.MemoryStore().begin(user_id="HELENA") as work:
        add_segment(work, "SM1", ["CT1"])
        with pytest.raises(il.UsageError, match=r"^SegmentPlan\.save: file must be a file"):
            il.SegmentLogger(work).plan("SM1").save(given)
    with pytest.raises(il.UsageError):
        next(il.SegmentPlan.diff(given, given))


@pytest.mark.parametrize(
    ("page", "given"),
    [
        *(("plan", given) for given in (None, "SM1", 1, b"x", [], object(), il.MemoryStore)),
        *(("timeline", given) for given in (None, "", 1, b"x", [])),
        *(("logged_segment", given) for given in (None, "SM1", -1, True, 1.5)),
        *(("statistics", given) for given in ("2026-01-01", 2026, b"x", [])),
    ],
)
def test_what_no_page_can_be_made_of_is_refused(page, given):
    store = il.MemoryStore()
    refused = (il.UsageError, il.FieldInvalidError)
    with store.read() as work, pytest.raises(refused, match=rf"^Reports\.{page}"):
        getattr(Reports(work), page)(given)
    with pytest.raises(il.UsageError, match="work must be what"):
        Reports(store)


@pytest.mark.parametrize(
    "digest",
    [10**5000, 7, b"x" * 64, ["x"], "x" * 64],
    ids=["long", "int", "bytes", "list", "text"],
)
def test_a_digest_is_text(work, digest):
    with pytest.raises(il.FieldInvalidError, match="digest must be 64 digits"):
        il.Seals(work).verify(digest=digest)


def test_an_export_has_a_name_that_a_file_can_have(work, tmp_path):
    no = il.AttachmentService(work).store(b"x", name="a.txt").no
    with pytest.raises(il.UsageError, match="file name"):
        il.AttachmentService(work).export(no, tmp_path, file_name="\ud800.txt")
    assert list(tmp_path.glob("*.txt")) == []
