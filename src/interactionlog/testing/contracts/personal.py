"""What is promised about everything that is held about persons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs

import interactionlog as il
from interactionlog.interactions.entry import LogComment
from interactionlog.privacy.records import EntrySeal
from interactionlog.segments.logging.logged_segments import LeftOutLine
from interactionlog.testing.builders import (
    DAY,
    a_comment,
    a_contact,
    a_line,
    a_logged_segment,
    a_membership,
    an_entry,
    contacts_of,
)
from interactionlog.testing.contracts import Contract, Work

_OLD = DAY - timedelta(1)


def _two_contacts(work: Work) -> None:
    for no, contact_no in ((1, "CT1"), (2, "CT2")):
        contacts_of(work).put(a_contact(contact_no, name=f"Somebody {no}"))
        member = a_membership(contact_no, il.MembershipKind.MAILING_GROUP, "NEWS")
        contacts_of(work).put_membership(member)
        values: dict[str, Any] = {"contact_company_no": contact_no, "cost_lcy": "7.25"}
        work.interactions.add(an_entry(no, contact_no, subject="personal", **values))
        work.records(LogComment).add(a_comment(no))


class PersonalRecordsContract(Contract):
    """What every `PersonalRecords` promises. Needs a ``begin`` fixture."""

    def test_rows_about_a_contact_are_forgotten_and_those_of_others_stay(self, work: Work) -> None:
        _two_contacts(work)
        rows = {name: some for name, some in work.personal.rows("contact", ["CT1"]).items() if some}
        assert {row["contact_no"] for row in rows["contact_membership"]} == {"CT1"}
        assert [row["no"] for row in rows["contact"]] == ["CT1"]
        assert [row["entry_no"] for row in rows["log_entry"]] == [1]
        others = work.personal.rows("contact", ["CT2"])
        counts = work.personal.forget("contact", ["CT1"])
        assert {name: count for name, count in counts.items() if count} == {
            name: len(some) for name, some in rows.items()
        }
        assert not any(work.personal.rows("contact", ["CT1"]).values())
        assert work.personal.rows("contact", ["CT2"]) == others

    def test_an_entry_stays_for_the_figures_without_what_is_personal(self, work: Work) -> None:
        _two_contacts(work)
        before = work.interactions.figures(il.LogFilter())
        for of, numbers in (("contact", ["CT1"]), ("company", ["CT1"]), ("entry", [1])):
            work.personal.forget(of, numbers)  # type: ignore[arg-type]  # one of them
        entry = work.interactions.get(1)
        assert (entry.contact_no, entry.contact_company_no, entry.subject) == (None, None, "")
        assert work.interactions.figures(il.LogFilter()) == before
        assert work.interactions.comments(1) == []
        assert work.interactions.comments(2) == [a_comment(2)]
        assert work.interactions.get(2).subject == "personal"

    def test_aged_entries_are_those_about_contacts_from_before_a_day(self, work: Work) -> None:
        letter: dict[str, Any] = {"date": _OLD, "interaction_template_code": "LETTER"}
        others: tuple[dict[str, Any], ...] = (
            {"date": DAY},
            {"interaction_template_code": "CALL"},
            {"contact_no": None},
        )
        for no, values in enumerate(({}, {}, *others), 1):
            work.interactions.add(an_entry(no, **(letter | values)))
        assert list(work.personal.aged(DAY, None, 0)) == [1, 2, 4]
        assert list(work.personal.aged(DAY, None, 1)) == [2, 4]
        assert list(work.personal.aged(DAY, {"LETTER"}, 0)) == [1, 2]
        assert list(work.personal.aged(_OLD, None, 0)) == []

    def test_aged_left_out_lines_are_blanked(self, work: Work) -> None:
        work.logged_segments.add(a_logged_segment(7, creation_date=_OLD))
        lines = [
            a_line(1, "CT1", date=_OLD),
            a_line(2, "CT2", date=DAY),
            a_line(3, "CT3", date=None),
            a_line(4, None, date=_OLD),
        ]
        left_out = [LeftOutLine(line=line, reasons=("privacy-blocked",)) for line in lines]
        work.logged_segments.add_left_out(7, left_out)

        def aged(after: int = 0) -> list[Any]:
            return [row["line_no"] for row in work.personal.left_out(DAY, None, (7, after))]

        assert (aged(), aged(1)) == ([1, 3], [3])
        assert work.personal.forget_left_out(DAY, {"CALL"}) == 0
        assert work.personal.forget_left_out(DAY, {"LETTER"}) == 2
        kept = [left.line for left in work.logged_segments.left_out(7)]
        assert [line.contact_no for line in kept] == [None, "CT2", None, None]
        assert (kept[1], kept[3]) == (lines[1], lines[3])
        assert aged() == []

    def test_entries_comments_and_seals_come_by_number(self, work: Work) -> None:
        for no in (3, 1, 2):
            work.interactions.add(an_entry(no))
            for line_no in (20_000, 10_000):
                work.records(LogComment).add(a_comment(no, line_no))
        expected = [(no, an_entry(no)) for no in (1, 2, 3)]
        for lock in (False, True):
            assert list(work.personal.entries_after(0, lock=lock)) == expected
            assert list(work.personal.entries_after(1, limit=1, lock=lock)) == expected[1:2]
        assert list(work.personal.comments([3, 1])) == [
            (no, a_comment(no, line_no)) for no in (1, 3) for line_no in (10_000, 20_000)
        ]

    def test_seals_are_stored_in_place_of_those_of_the_same_entries(self, work: Work) -> None:
        first, second, third = (EntrySeal(entry_no=no, salt="ab", seal_no=1) for no in (1, 2, 3))
        still_open = attrs.evolve(second, seal_no=0)
        work.personal.put_seals([third, still_open, first])
        assert list(work.personal.open_seals()) == [still_open]
        work.personal.put_seals([second])
        assert list(work.personal.open_seals()) == []
        work.personal.mark_seals([3, 9], erasure_no=4, salt="")
        third = attrs.evolve(third, erasure_no=4, salt="")
        assert list(work.personal.seals_after(0)) == [first, second, third]
        assert list(work.personal.seals_after(1, limit=1)) == [second]
