"""The database finds exactly the lines that have findings, and copies the others as Python would."""

from __future__ import annotations

import re
from contextlib import ExitStack

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import interactionlog as il
from interactionlog.contacts.contact import AlternativeAddress
from interactionlog.hooks import Hooks
from interactionlog.interactions.repository import LineRange
from interactionlog.interactions.rules import FINDINGS
from interactionlog.segments.logging import chunks
from interactionlog.segments.logging.chunks import LineDecider, Tally
from interactionlog.segments.logging.decision import LineFacts, LoggingPolicy, kinds_of
from interactionlog.segments.logging.logged_segments import LeftOutLine, LoggedSegments
from interactionlog.segments.segment import SegmentLanguage
from interactionlog.segments.selection.steps import add_logged, set_based
from interactionlog.testing import a_contact, a_line, add_segment
from interactionlog.testing.builders import DAY, MOMENT, a_segment, an_entry
from interactionlog.testing.strategies import entities
from stores import throw_away_works

MAIL, PAPER = il.CorrespondenceType.EMAIL, il.CorrespondenceType.HARD_COPY
LATER = DAY.replace(day=30)
CONTACTS = {
    "CT1": {"e_mail": "ct1@example.com", "correspondence_type": MAIL, "language_code": "DAN"},
    "CT2": {"salesperson_code": "HR", "language_code": "DE-AT"},
    "BLOCKED": {"e_mail": "b@example.com", "privacy_blocked": True},
    "EXCLUDED": {"e_mail": "e@example.com", "exclude_from_segment": True},
    "EARLIER": {"e_mail": "f@example.com", "salesperson_code": "OLD"},
}
"""Besides them there is CT9, who is unknown; CT2 has an e-mail at HOME only, EARLIER was logged."""
REACHED = {"CT1", "EARLIER"}
CODES = {
    "contact_no": [*CONTACTS, "CT9", None, "CT1"],
    "contact_alt_address_code": [None, "HOME", "WORK", "NONE"],
    "salesperson_code": ["HR", "HR", "OLD", "XX", None],
    "interaction_template_code": ["LETTER", "LETTER", "XX", None],
    "campaign_no": [None, "CP1", "CP2", "CP9"],
    "date": [DAY, DAY, LATER, None],
    "correspondence_type": [None, MAIL, PAPER],
    "attachment_no": [None, None, 7, 8],
    "word_template_code": [None, None, "W"],
    "language_code": [None, "DAN", "ITA", "DE", "DE-AT"],
    "subject": ["", "Spring", "Forår"],
    "evaluation": [None, il.Evaluation.POSITIVE],
}
lines = st.lists(
    entities(
        il.SegmentLine,
        segment_no="SM1",
        line_no=1,
        added_by_step=0,
        **{name: st.sampled_from(values) for name, values in CODES.items()},
    ),
    min_size=1,
    max_size=6,
)
"""Lines in which each field is, or differs from, what header, template and contact give."""
headers = st.fixed_dictionaries(
    {
        "campaign_no": st.sampled_from([None, "CP1"]),
        "salesperson_code": st.sampled_from([None, "HR"]),
        "correspondence_type_default": st.sampled_from([None, MAIL, PAPER]),
        "ignore_contact_corres_type": st.booleans(),
        "interaction_template_code": st.sampled_from([None, "LETTER"]),
        "language_code_default": st.sampled_from([None, "ITA"]),
        "subject_default": st.sampled_from(["", "Spring"]),
        "word_template_code": st.sampled_from([None, "W"]),
    }
)
languages = st.lists(
    st.builds(
        SegmentLanguage,
        segment_no=st.just("SM1"),
        language_code=st.sampled_from([None, "DAN", "ITA", "D", "DE", "DE-AT"]),
        attachment_no=st.sampled_from([None, 7]),
        subject=st.sampled_from(["", "Forår"]),
        word_template_code=st.sampled_from([None, "W"]),
    ),
    max_size=3,
    unique_by=lambda row: row.language_code,
)


def set_up(work, values, header=None, rows=()):
    """Store a segment of these lines with everything that they name, but for what is unknown."""
    add_segment(work, "SM0", [])
    for no, fields in CONTACTS.items():
        work.contacts.put(a_contact(no, **fields))
    for code, e_mail in (("HOME", "ct2@example.com"), ("WORK", "")):
        work.contacts.put_address(AlternativeAddress(contact_no="CT2", code=code, e_mail=e_mail))
    work.salespeople.put(il.Salesperson(code="OLD", blocked=True))
    for no in ("CP1", "CP2"):
        work.campaigns.put(il.Campaign(no=no))
    work.segments.add(a_segment("SM1", **header or {}))
    for row in rows:
        work.segments.put_language(row)
    numbered = [attrs.evolve(line, line_no=n) for n, line in enumerate(values, 1)]
    work.segments.add_lines(numbered)
    return numbered


def works_in_sql():
    """Give an empty unit of work of each database."""
    return throw_away_works()[1:]


@given(values=lines, deliver=st.booleans(), in_batches=st.booleans())
def test_lines_that_are_not_plain_in_sql_are_those_with_findings(values, deliver, in_batches):
    for store in works_in_sql():
        with store as work:
            numbered = set_up(work, values)
            kinds = work.segments.kinds_of_lines(LineRange("SM1", 0, len(values)), len(values))
            assert kinds == kinds_of(numbered)
            batch_of = 4 if in_batches else None
            if in_batches:  # their contacts are on lines that were moved
                work.interactions.add(
                    an_entry(1, "EARLIER", logged_segment_entry_no=4, segment_no="SM1")
                )
                left_out = LeftOutLine(line=a_line(900, "CT2", "SM1"), reasons=("excluded",))
                work.logged_segments.add_left_out(4, [left_out])
            segment, found = work.segments.get("SM1"), {}
            for every in (False, True):
                tally = found[every] = Tally()
                decider = LineDecider(
                    work,
                    segment,
                    LoggingPolicy(),
                    deliver=deliver,
                    batch_of=batch_of,
                    every=every,
                )
                read = [line for part in decider.parts(tally) for line in part.read]
                if not every:  # nothing is read in vain
                    assert [line.line_no for line in read] == [no for no, *_ in tally.findings]
            assert found[False].findings == found[True].findings
            assert found[False].counts == found[True].counts


ONE_EACH = {
    "no-contact": {"contact_no": None},
    "privacy-blocked": {"contact_no": "BLOCKED"},
    "unknown-contact": {"contact_no": "CT9"},
    "date-missing": {"date": None},
    "salesperson-missing": {"salesperson_code": None},
    "unknown-salesperson": {"salesperson_code": "XX"},
    "salesperson-blocked": {"salesperson_code": "OLD"},
    "template-missing": {"interaction_template_code": None},
    "unknown-template": {"interaction_template_code": "XX"},
    "unknown-campaign": {"campaign_no": "CP9"},
    "excluded": {"contact_no": "EXCLUDED"},
    "duplicate": {"contact_no": "CT1"},
    "no-e-mail": {"contact_no": "CT2", "correspondence_type": MAIL},
    "undeliverable": {
        "contact_no": "CT2",
        "correspondence_type": MAIL,
        "contact_alt_address_code": "WORK",
        "word_template_code": "W",
    },
    "content-missing": {"contact_no": "CT2", "correspondence_type": PAPER},
    "content-invalid": {"contact_no": "CT2", "correspondence_type": PAPER, "attachment_no": 66},
}
"""A line for each finding that has this one only."""


def test_a_finding_of_lines_has_a_condition_and_an_example():
    told = {code for code, each in FINDINGS.items() if each.group and not each.asked}
    assert set(ONE_EACH) == told  # those that are asked for: test_lines_asked.py
    assert all(bool(each.group) == bool(each.condition) for each in FINDINGS.values())


@pytest.mark.parametrize("code", ONE_EACH)
def test_each_condition_finds_its_line_and_without_it_nothing_does(code):
    """A mutant of each finding: its condition is never true, or always."""
    deliver = code in {"undeliverable", "content-missing", "content-invalid"}
    plain = a_line(1, "CT1", "SM1", correspondence_type=MAIL, word_template_code="W")
    mailed = {"contact_no": "CT2", "contact_alt_address_code": "HOME"}
    values = [plain, attrs.evolve(plain, contact_no="EARLIER"), attrs.evolve(plain, **mailed)]
    values.append(a_line(1, **{"contact_no": "EARLIER"} | ONE_EACH[code], segment_no="SM1"))
    if ONE_EACH[code].get("contact_no") == "CT2":
        del values[2]
    if "contact_no" not in ONE_EACH[code]:
        del values[1]
    for store in works_in_sql():
        with store as work:
            set_up(work, values)
            people = {each.code: each for each in work.salespeople.all()}
            facts = LineFacts(
                contacts={},
                repeated=(),
                templates={"LETTER"},
                campaigns={"CP1"},
                salespeople=people,
                e_mails={},
                deliver=deliver,
                unmergeable={66},
            )
            at_once, part = set_based(work), LineRange("SM1", 0, 99)
            found = at_once.lines_with_findings(part, facts, repeats=True, batch_of=None)
            assert [line.line_no for line in found] == [len(values)], code
            session = at_once._session
            texts = dict(session.statements)
            for mutant, expected in (("1 = 0", 0), ("1 = 1", len(values))):
                condition = f"({FINDINGS[code].condition})"
                changed = texts["lines_with_findings"].replace(condition, f"({mutant})")
                assert changed != texts["lines_with_findings"]
                session.statements = texts | {"lines_with_findings": changed}
                found = at_once.lines_with_findings(part, facts, repeats=True, batch_of=None)
                assert len(found) == expected, code


def stored(work):
    """Return what a logging of SM1 left, with numbers that begin with 1."""
    (logged,) = [each for each in work.logged_segments.all() if each.segment_no == "SM1"]
    entries = [
        attrs.evolve(entry, recorded_at=MOMENT)
        for entry in work.interactions.of_logged_segment(logged.entry_no)
    ]
    parents = work.campaign_entries.of_logged_segment(logged.entry_no)
    left_out = list(LoggedSegments(work).left_out(logged.entry_no))
    return entries, parents, left_out, logged.counts, logged.first_entry_no, logged.last_entry_no


class Sees:
    """An observer that keeps what it sees, and a check that has nothing against any line."""

    def __init__(self):
        self.entries = []

    def interactions_logged(self, work, entries):
        self.entries += entries


class SeesAndChecks(Sees):
    def check_line(self, work, line, contact):
        return ()


@given(
    values=lines,
    header=headers,
    rows=languages,
    deliver=st.booleans(),
    size=st.integers(1, 4),
    hook=st.sampled_from([None, Sees, SeesAndChecks]),
)
def test_what_the_database_copies_is_what_python_builds(values, header, rows, deliver, size, hook):
    """Entries, personal fields, campaign entries, left-out lines, counts; and what an undo opens."""
    policy = LoggingPolicy(
        invalid=il.Treatment.LEAVE_OUT,
        undeliverable=il.Treatment.LEAVE_OUT,
        duplicate=il.Treatment.LEAVE_OUT,
    )
    results = []
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "PART", size)  # as if there were very many lines
        patch.setattr(chunks, "CHUNK", 3)
        for store in throw_away_works():
            work = stack.enter_context(store)
            set_up(work, values, header, rows)
            seen = hook and hook()
            work.hooks = Hooks([seen] if seen else [])
            logger = il.SegmentLogger(work)
            try:
                logger.log("SM1", policy=policy, deliver=deliver)
            except il.SegmentEmptyError as error:
                results.append(str(error))
                continue
            found = stored(work)
            if seen:
                observed = [attrs.evolve(entry, recorded_at=MOMENT) for entry in seen.entries]
                assert observed == found[0]
            logger.undo("SM1")
            results.append((found, work.segments.lines_after("SM1", 0)))
    for result in results[1:]:
        assert result == results[0]


def test_on_sqlite_neither_the_log_nor_contacts_are_read_whole(tmp_path):
    """Each is looked up by a key or an index of which more than the tenant is given."""
    with il.SqliteStore(tmp_path / "crm.db") as store, store.read() as work:
        session = work.session
        for name, tail in (
            ("lines_with_findings", ""),
            ("findings_and_masks_of_lines", ""),
            ("add_entries_of_lines", "end_entries_of_lines"),
        ):
            text = session._narrowed(name, [], tail)
            parameters = ["[]"] * text.count("?")
            plan = session.cursor.execute(f"EXPLAIN QUERY PLAN {text}", parameters).fetchall()
            steps = [step for *_, step in plan]
            assert len(steps) > 4
            for step in steps:
                assert not re.match(
                    r"SCAN (log_entry|entry|theirs|c|contact|line|earlier|interactionlog_\w+)\b",
                    step,
                )
                assert "(tenant=?)" not in step, step
        # what is unfolded has no index: thousands of campaigns would be compared with each line;
        # masks are unfolded once, and get one
        unfolded = [place for place, step in enumerate(steps) if "json_each" in step]
        assert [steps[place - 1] for place in unfolded] == ["MATERIALIZE our_masks"]
        masks = [step for step in steps if re.match("(SCAN|SEARCH) our_masks", step)]
        assert masks == ["SEARCH our_masks USING AUTOMATIC COVERING INDEX (line_no=?)"]
        assert any(re.match("SEARCH parent .*_campaign_entry_open .*register_no", x) for x in steps)


@given(
    values=lines,
    header=headers,
    where=st.sampled_from(
        [
            None,
            il.OutcomeFilter(evaluations={None}),
            il.OutcomeFilter(evaluations={il.Evaluation.POSITIVE}),
            il.OutcomeFilter(attempt_failed=False, campaign_response=False),
            il.OutcomeFilter(delivery_statuses={None, il.DeliveryStatus.REQUESTED}),
        ]
    ),
    canceled=st.booleans(),
    duplicates=st.booleans(),
)
def test_a_wave_has_the_lines_that_python_writes(values, header, where, canceled, duplicates):
    """Follow-up and reuse: each contact once or not, with the campaign of its entry."""
    policy, results = LoggingPolicy(invalid=il.Treatment.LEAVE_OUT), []
    values = [*values, a_line(1, "CT1", "SM1"), a_line(1, "CT2", "SM1", campaign_no="CP1")]
    for store in throw_away_works():
        with store as work:
            set_up(work, values)
            logged = il.SegmentLogger(work).log("SM1", policy=policy)
            il.LogEntryService(work).cancel(logged.last_entry_no)
            work.segments.add(a_segment("SM2", **header))
            work.segments.add_lines([a_line(1, "EARLIER", "SM2")])
            segment = work.segments.lock("SM2")
            options = {"where": where, "canceled": canceled, "duplicates": duplicates}
            step = add_logged(work, segment, logged, **options)
            results.append((step.lines_added, work.segments.lines_after("SM2", 0)))
    for result in results[1:]:
        assert result == results[0]


def test_on_sqlite_lines_of_a_chunk_are_not_looked_through_for_each_line(tmp_path):
    """What a check has read is copied at a cost by line, also where each has personal fields."""
    steps = {}
    for count in (250, 1_000):
        store = il.SqliteStore(tmp_path / f"{count}.db", hooks=[SeesAndChecks()])
        with store, store.begin(user_id="TESTER") as work:
            add_segment(work, "SM1", ["CT1"] * count)
            nos = [line.line_no for line in work.segments.lines_after("SM1", 0)]
            work.segments.set_lines("SM1", nos, description="Personal")
            done = steps[count] = []
            work.session.connection.set_progress_handler(lambda done=done: done.append(1), 100)
            il.SegmentLogger(work).log("SM1")
            work.session.connection.set_progress_handler(None, 0)
    assert len(steps[1_000]) < 6 * len(steps[250])
