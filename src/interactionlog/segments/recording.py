"""Selection steps that are taken by hand; they are recorded and undone like any other."""

from __future__ import annotations

from collections.abc import Sequence

from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.enumerations import CriteriaAction, CriteriaSource
from interactionlog.segments.content import attachments_of, drop_contents
from interactionlog.segments.segment_line import SegmentLine
from interactionlog.segments.selection.criteria import CriteriaStep
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["next_step_no", "record_by_hand", "reset_if_empty", "take_out_by_hand"]


def next_step_no(work: UnitOfWork, segment_no: str) -> int:
    """Return the number of the step that is about to be taken."""
    return len(work.segments.steps(segment_no)) + 1


def record_by_hand(
    work: UnitOfWork, segment_no: str, action: CriteriaAction, nos: Sequence[str], lines: int
) -> int:
    """Record that lines of these contacts are added or removed by hand; return the step. (D-13)"""
    step_no = next_step_no(work, segment_no)
    adds = action is CriteriaAction.ADD
    work.segments.add_step(
        CriteriaStep(
            segment_no=segment_no,
            step_no=step_no,
            action=action,
            filter=ContactFilter(nos=nos),
            source=CriteriaSource.BY_HAND,
            allow_existing=adds,
            ignore_exclusion=adds,
            lines_added=lines if adds else 0,
            lines_removed=0 if adds else lines,
            user_id=work.user_id,
            recorded_at=work.clock.now(),
        )
    )
    return step_no


def take_out_by_hand(work: UnitOfWork, segment_no: str, lines: Sequence[SegmentLine]) -> None:
    """Remove lines as one step; without a contact among them there is none. (SEG-048, SEG-050)"""
    nos = [line.contact_no for line in lines if line.contact_no is not None]
    line_nos = [line.line_no for line in lines]
    if nos:
        step_no = record_by_hand(work, segment_no, CriteriaAction.REDUCE, nos, len(lines))
        work.segments.take_out(segment_no, step_no, line_nos)
        return
    rows = [row for no in line_nos for row in work.segments.languages(segment_no, no)]
    for row in rows:
        work.segments.remove_language(row)
    work.segments.remove_lines(segment_no, line_nos)
    drop_contents(work, attachments_of(rows))


def reset_if_empty(work: UnitOfWork, segment_no: str) -> None:
    """Forget all steps of a segment that lost its last line and took more than one. (SEG-049)"""
    if work.segments.totals(segment_no).lines or len(work.segments.steps(segment_no)) < 2:
        return
    unused = attachments_of(
        row for row in work.segments.all_languages(segment_no) if row.removed_by_step
    )
    work.segments.remove_steps(segment_no)
    drop_contents(work, unused)
