"""Every bad argument of every public call is refused, alike on every store, and changes nothing."""

from __future__ import annotations

import inspect
import random
from datetime import UTC, date, datetime
from functools import partial
from inspect import isfunction, ismodule
from itertools import compress
from math import nan

import pytest
import walk
from failing import stored
from hypothesis import settings

import interactionlog as il
from interactionlog import interchange
from interactionlog.integrity import check_integrity, repair_integrity
from interactionlog.testing import a_contact
from interactionlog.testing.race_world import populate, rows_of
from stores import adapters, opening

REFUSED = (il.FieldInvalidError, il.UsageError)
DEEP = 100_000
NOON = datetime(2026, 1, 26, 12, tzinfo=UTC)
EXPORTS = [name for name in interchange.__all__ if name.startswith(("export_", "import_"))]


def outcomes(begin, chosen):
    """Perform cases in one unit of work, whose block goes on after each; return what they said."""
    said = []
    with begin() as work:
        known = walk.known(work)
        for case in chosen:
            try:
                case.act(work, begin.store, known)
            except Exception as error:
                said.append((case, type(error), str(error)))
            else:
                said.append((case, None, ""))
    return said


@pytest.fixture(scope="module")
def in_memory(tmp_path_factory):
    with opening("memory", tmp_path_factory.mktemp("memory")) as begin:
        with begin() as work:
            populate(work)
        return outcomes(begin, walk.cases())


@pytest.mark.every_store
@pytest.mark.parametrize(
    "adapter", adapters("memory", "sqlite", "sqlite-joined", "postgresql", "postgresql-joined")
)
def test_a_bad_argument_is_refused_alike_on_every_store_and_changes_nothing(
    adapter, tmp_path, in_memory
):
    with opening(adapter, tmp_path) as begin:
        with begin() as work:
            populate(work)
        before = stored(begin)
        said = outcomes(begin, walk.cases())
        assert stored(begin) == before
    assert [each for each in said if each[1] not in REFUSED] == []
    joined = adapter.endswith("joined")  # what owns its transactions is built on no joined store
    alike = [not (joined and case.needs_store()) for case, *_ in said]
    assert list(compress(said, alike)) == list(compress(in_memory, alike))


def test_the_walk_reaches_every_call_that_is_given_a_unit_of_work():
    cases = walk.cases()
    assert len({case.call for case in cases}) >= 150
    assert len({(case.call, case.parameter) for case in cases}) >= 700
    assert len(cases) >= 4_500
    untouched = walk.calls().keys() - {case.call for case in cases}
    assert {call for call in untouched if walk.calls()[call][2]} == SPEAK_TO_OTHERS


SPEAK_TO_OTHERS = {"NumberLedger", "NumberSeries", "NumberSeriesSetup", "SeriesChoice"}
"""What is given only calls of the host, or files."""


GIVEN_WORK = sorted(name for name, kind in walk.public().items() if walk.first_of(kind) == "work")
FILES = [*(getattr(interchange, n) for n in EXPORTS), check_integrity, repair_integrity]


@pytest.mark.parametrize("kind", [*map(walk.public().get, GIVEN_WORK), *FILES])
@pytest.mark.parametrize("opened", [lambda store: store, lambda store: store.read(), repr])
def test_a_store_or_a_block_that_was_not_entered_is_no_unit_of_work(kind, opened):
    given = opened(il.MemoryStore())
    _, *others = walk.required(walk.parameters_of(kind).values())
    named = {each.name: NOON if each.name == "before" else "SM1" for each in others}
    with pytest.raises(il.UsageError, match=r"with store\.begin") as refused:
        kind(given, **named)
    assert str(refused.value).startswith(kind.__name__)


@pytest.mark.parametrize("kind", [il.BatchRun, il.Outbox])
def test_a_unit_of_work_is_no_store(kind):
    with il.MemoryStore().begin(user_id="TESTER") as work, pytest.raises(il.UsageError):
        kind(work, user_id="TESTER")


def test_calls_with_several_bad_arguments_are_refused(begin):
    many = DEEP if settings.get_current_profile_name() == "deep" else 500
    chance, cases = random.Random(14), walk.cases()
    chosen = [chance.choice(cases) for _ in range(many)]
    with begin() as work:
        populate(work)
    before = stored(begin)
    said = outcomes(begin, [case.among(chance, cases) for case in chosen])
    assert {kind for _, kind, _ in said} <= {*REFUSED}
    assert stored(begin) == before


@pytest.mark.parametrize("key", [7, "", " ", "A\x00", "\ud800", "x" * 40, "A\u200b", ["CT1"], True])
def test_a_key_that_is_none_is_refused_by_every_lookup(begin, key):
    with begin() as work:
        for records in (work.contacts, work.campaigns, work.segments, work.salespeople):
            for act in (records.get, records.find, records.lock, records.remove):
                with pytest.raises(REFUSED):
                    act(key)
            with pytest.raises(REFUSED):
                records.set(key, salesperson_code="HR")


@pytest.mark.parametrize("entry_no", [-1, 0, True, 2**70, "1", 1.0])
def test_a_number_of_an_entry_that_is_none_is_refused_by_every_lookup(begin, entry_no):
    with begin() as work:
        for records in (work.interactions, work.logged_segments, work.attachments):
            for act in (records.get, records.find, records.lock):
                with pytest.raises(REFUSED):
                    act(entry_no)


def test_a_record_is_found_by_its_number_in_any_case_and_spelling(begin):
    with begin() as work:
        work.contacts.put(a_contact("MÜLLER"))
        for no in ("müller", " Müller ", "MU\u0308LLER", "\u00a0mu\u0308ller\t"):
            assert work.contacts.find(no).no == "MÜLLER"
            assert work.contacts.get(no).no == "MÜLLER"
        work.contacts.remove("mu\u0308ller")
        assert work.contacts.find("MÜLLER") is None


def test_an_enumeration_is_given_by_member_or_name(begin):
    with begin() as work:
        work.contacts.put(a_contact("CT1"))
        draft = il.InteractionService(work).start("CT1", evaluation="POSITIVE")
        assert draft.evaluation is il.Evaluation.POSITIVE
        by = il.Statistics(work).by("CONTACT")
        assert by == il.Statistics(work).by(il.Dimension.CONTACT)


@pytest.mark.parametrize("tenant", [7, None, "A\x00", "\ud800", "x" * 101, "A\u200bB"])
@pytest.mark.parametrize("kind", [il.MemoryStore, il.HostStore])
def test_a_store_refuses_a_tenant_that_is_none(kind, tenant):
    with pytest.raises(REFUSED):
        kind(tenant=tenant)


@pytest.mark.parametrize("prefix", [7, None, "A", "a-b", "1", "a b", "a;drop", "x" * 40])
def test_a_store_refuses_a_prefix_that_is_no_identifier(prefix, tmp_path):
    with pytest.raises(REFUSED):
        il.SqliteStore(tmp_path / "crm.db", prefix=prefix)
    with pytest.raises(REFUSED):
        il.HostStore(prefix=prefix)
    assert not (tmp_path / "crm.db").exists()


@pytest.mark.parametrize("user_id", [7, None, "", " ", "A\x00", "x" * 51, ["A"], "A\u200bB"])
def test_who_writes_is_named(begin, user_id):
    with pytest.raises(REFUSED), begin(user_id=user_id):
        pass


@pytest.mark.parametrize(
    "arguments",
    [
        {"moment": "yesterday"},
        {"moment": 7},
        {"moment": date(2026, 1, 26)},
        {"zone": "Nowhere/At_All"},
        {"zone": 7},
        {"work_date": "26.01.2026"},
        {"work_date": datetime(2026, 1, 26, tzinfo=UTC)},
        {"work_date": 20260126},
        {"moment": "9999-12-31T23:59", "zone": "America/New_York"},  # it is the year 10000 in UTC
        {"moment": "9999-12-31T23:59+00:00", "zone": "Europe/Rome"},
    ],
)
def test_a_clock_refuses_what_is_no_time(arguments):
    with pytest.raises(il.UsageError):
        il.FixedClock(**{"moment": "2026-01-26T09:30", **arguments})


def test_a_clock_honours_an_offset_and_takes_an_instant():
    for moment in ("2026-01-26T09:30+05:00", datetime.fromisoformat("2026-01-26T09:30+05:00")):
        clock = il.FixedClock(moment, zone="Europe/Rome")
        assert clock.now() == datetime(2026, 1, 26, 4, 30, tzinfo=UTC)
        assert clock.local().hour == 5


@pytest.mark.parametrize("by", [{"days": 10**9}, {"minutes": "5"}, {"months": 1}, {"days": nan}])
def test_a_clock_that_cannot_be_moved_stays_where_it_is(by):
    clock = il.FixedClock("2026-01-26T09:30")
    with pytest.raises(il.UsageError, match="not moved by"):
        clock.move(**by)
    assert clock.local() == datetime(2026, 1, 26, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"work_date": datetime(2026, 1, 26, tzinfo=UTC)}, "without time"),
        ({"today": datetime(2026, 1, 26, tzinfo=UTC)}, "without time"),
        ({"today": None}, "without time"),
        ({"today": "2026-01-26"}, "no text"),
        ({"work_date": "2026-01-26"}, "no text"),
        ({"now": datetime(2026, 1, 26, 9, 30)}, "in UTC"),  # noqa: DTZ001  # what is refused
        ({"now": datetime.fromisoformat("2026-01-26T09:30+02:00")}, "in UTC"),
        ({"now": None}, "in UTC"),
        ({"local": date(2026, 1, 26)}, "with its time"),
    ],
)
def test_a_store_refuses_a_clock_that_answers_in_another_form(answers, reason):
    kinds = {name: lambda _, answer=answer: answer for name, answer in answers.items()}
    with pytest.raises(il.UsageError, match=reason):
        il.MemoryStore(clock=type("Host", (il.SystemClock,), kinds)())


@pytest.mark.parametrize("adapter", ["memory", "sqlite"])
def test_a_clock_that_answers_in_another_form_later_stores_nothing(adapter, tmp_path):
    its, answers = il.FixedClock("2026-01-26T09:30"), {}

    def tells(name):
        return lambda _: answers[name] if name in answers else getattr(its, name)()

    clock = type(
        "Host", (), {each: tells(each) for each in ("now", "local", "today", "work_date")}
    )()
    stores = {"memory": il.MemoryStore, "sqlite": partial(il.SqliteStore, tmp_path / "crm.db")}
    with stores[adapter](clock=clock) as store:
        with store.begin(user_id="TESTER") as work:
            populate(work)
            before = rows_of(work, set())
        calls = {
            "now": lambda work: il.SegmentLogger(work).log("SM1"),
            "today": lambda work: il.SegmentLogger(work).log("SM1"),
            "local": lambda work: il.InteractionService(work).start("CT1"),
            "work_date": lambda work: il.numbering.NumberSeries(work).next("INV"),
        }
        odd = {
            **dict.fromkeys(("today", "work_date"), (clock.now(), None, "2026-01-26")),
            "now": (clock.now().replace(tzinfo=None), None, clock.today()),
            "local": (None, clock.today(), "2026-01-26"),
        }
        for name, call in calls.items():
            for answer in odd[name]:
                answers[name] = answer
                with store.begin(user_id="TESTER") as work, pytest.raises(il.UsageError) as told:
                    call(work)
                assert "clock" in str(told.value) or "without time" in str(told.value)
            del answers[name]
        with store.read() as work:
            assert rows_of(work, set()) == before


def _functions():
    spaces = [il, *(each for name in il.__all__ if ismodule(each := getattr(il, name)))]
    for space in spaces:
        for name in space.__all__ if space is not il.testing else ():
            if isfunction(function := getattr(space, name)):
                yield f"{space.__name__}.{name}", function


def test_a_function_that_is_given_no_unit_of_work_refuses_what_it_does_not_take():
    escaped = []
    for name, function in _functions():
        given = inspect.signature(function).parameters
        for parameter in given.keys() - {"work", "store"}:
            for bad in (None, 5, 1.5, "no such", b"x", [], {}, object()):
                try:
                    function(**{**dict.fromkeys(given, "x"), parameter: bad})
                except il.InteractionLogError:
                    pass
                except Exception as error:
                    escaped.append((name, parameter, bad, error))
    assert escaped == []
    assert {"interactionlog.results.label", "interactionlog.position_of"} < dict(
        _functions()
    ).keys()


def test_whole_seconds_serve_as_well_as_parts_of_one(tmp_path):
    il.SqliteStore(tmp_path / "crm.db", timeout=60).close()
    for bad in (-1, -0.5, True, float("nan"), "60"):
        with pytest.raises(il.UsageError, match="timeout"):
            il.SqliteStore(tmp_path / "crm.db", timeout=bad)
