"""What a selection step would do, and why a contact is in a segment or not; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import attrs

from interactionlog.segments.segment import SegmentLine
from interactionlog.segments.selection.criteria import CriteriaStep
from interactionlog.segments.selection.matches import lines_going, meant_by, meant_lines
from interactionlog.segments.selection.steps import CHUNK
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CriteriaAction


@attrs.frozen(kw_only=True)
class SelectionPreview:
    """
    What a step would do now.

    Attributes:
        coming, going, staying: Lines that it would add, remove, and leave as they are.
        left_out: Contacts that are meant and would not come, by reason: ``privacy-blocked``,
            ``excluded`` or ``present``.
    """

    coming: int = 0
    going: int = 0
    staying: int
    left_out: Mapping[str, int] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class StepTrace:
    """
    What one step had to do with a contact.

    Attributes:
        step: The step.
        means: The contact is meant by its filter today.
        added, removed: It added, or removed, a line of the contact.
    """

    step: CriteriaStep
    means: bool
    added: bool
    removed: bool


@attrs.frozen(kw_only=True)
class Explanation:
    """
    Why a contact is in a segment or not.

    Attributes:
        contact_no: The contact.
        line_nos: Its lines.
        reason: ``on a line``, ``removed by step 2``, ``unknown contact``, ``privacy-blocked``,
            ``excluded`` or ``never meant``; ``meant by step 1 now`` when data changed since.
        steps: Every step and what it had to do with the contact.
    """

    contact_no: str
    line_nos: tuple[int, ...]
    reason: str
    steps: tuple[StepTrace, ...]


def previewed(work: UnitOfWork, segment_no: str, step: CriteriaStep) -> SelectionPreview:
    """Say what a step would do. (D-15)"""
    lines = work.segments.totals(segment_no).lines
    if step.action is not CriteriaAction.ADD:
        going = sum(len(chunk) for chunk in lines_going(work, segment_no, step))
        return SelectionPreview(going=going, staying=lines - going)
    nos = work.contacts.matching(meant_by(work, step), widening=step.widening)
    left_out: Counter[str] = Counter()
    for begin in range(0, len(nos), CHUNK):
        chunk = nos[begin : begin + CHUNK]
        present = (
            set() if step.allow_existing else work.segments.contacts_present(segment_no, chunk)
        )
        for no, contact in work.contacts.summaries(chunk).items():
            if contact.privacy_blocked:
                left_out["privacy-blocked"] += 1
            elif contact.exclude_from_segment and not step.ignore_exclusion:
                left_out["excluded"] += 1
            elif no in present:
                left_out["present"] += 1
    coming = len(nos) - left_out.total()
    return SelectionPreview(coming=coming, staying=lines, left_out=dict(left_out))


def explained(work: UnitOfWork, segment_no: str, contact_no: str) -> Explanation:
    """Say why a contact is in a segment or not."""
    contact, found = (
        work.contacts.find(contact_no),
        work.segments.with_contact(segment_no, contact_no),
    )
    current = tuple(line.line_no for removed_by, line in found if not removed_by)
    line = SegmentLine(
        segment_no=segment_no,
        line_no=1,
        contact_no=contact_no,
        contact_company_no=contact.company_no if contact else None,
    )
    traces = tuple(
        StepTrace(
            step=step,
            means=_means(work, step, line),
            added=any(line.added_by_step == step.step_no for _, line in found),
            removed=any(removed_by == step.step_no for removed_by, _ in found),
        )
        for step in work.segments.steps(segment_no)
    )
    removing = [trace.step.step_no for trace in traces if trace.removed]
    meaning = [
        trace.step.step_no
        for trace in traces
        if trace.means and trace.step.action is CriteriaAction.ADD
    ]
    if current:
        reason = "on a line"
    elif removing:
        reason = f"removed by step {removing[-1]}"
    elif contact is None:
        reason = "unknown contact"
    elif contact.privacy_blocked:
        reason = "privacy-blocked"
    elif contact.exclude_from_segment:
        reason = "excluded"
    else:
        reason = f"meant by step {meaning[-1]} now" if meaning else "never meant"
    return Explanation(contact_no=contact_no, line_nos=current, reason=reason, steps=traces)


def _means(work: UnitOfWork, step: CriteriaStep, line: SegmentLine) -> bool:
    meant = meant_by(work, step)
    if step.action is CriteriaAction.ADD:
        among = [line.contact_no or ""]
        return bool(work.contacts.matching(meant, widening=step.widening, among=among))
    return bool(meant_lines(work, meant, [line], entire_companies=step.entire_companies))
