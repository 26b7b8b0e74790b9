"""Steps that are saved under a code and taken again; contacts of logged segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from interactionlog._fields import as_code
from interactionlog.enumerations import CriteriaAction, CriteriaSource
from interactionlog.errors import StateError
from interactionlog.segments.adding import LineWriter
from interactionlog.segments.logging.logged_segment import LoggedSegment
from interactionlog.segments.recording import next_step_no
from interactionlog.segments.segment import Segment
from interactionlog.segments.selection.criteria import (
    CriteriaStep,
    SavedCriteria,
    SavedCriteriaStep,
)
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["SavedSelections", "add_logged", "save_steps", "saved_steps"]

_SAVED = tuple(
    field.name for field in attrs.fields(SavedCriteriaStep) if field.name not in {"code", "step_no"}
)


@attrs.frozen
class SavedSelections:
    """Lists and deletes saved steps; `ContactSelection` saves and takes them."""

    work: UnitOfWork

    def all(self) -> Sequence[SavedCriteria]:
        """Return all saved criteria by code."""
        return self.work.segments.saved_criteria.all()

    def steps(self, code: str) -> Sequence[SavedCriteriaStep]:
        """Return the steps saved under a code by number, or raise `NotFoundError`."""
        return self.work.segments.saved_steps.all(
            self.work.segments.saved_criteria.get(as_code(code)).code
        )

    def delete(self, code: str) -> None:
        """Delete saved criteria with their steps, or raise `NotFoundError`. (SEG-083)"""
        with self.work.atomic():
            for step in self.steps(code):
                self.work.segments.saved_steps.remove(step.code, step.step_no)
            self.work.segments.saved_criteria.remove(as_code(code))


def save_steps(work: UnitOfWork, segment_no: str, code: str, description: str) -> None:
    """Copy the steps of a segment under a code. (SEG-080)"""
    saved = SavedCriteria(code=code, description=description, user_id=work.user_id)
    steps = work.segments.steps(segment_no)
    if not steps:
        raise StateError(f"segment {segment_no}", "has taken no step that could be saved")
    work.segments.saved_criteria.add(saved)
    for step in steps:
        values = {name: getattr(step, name) for name in _SAVED}
        work.segments.saved_steps.add(
            SavedCriteriaStep(code=saved.code, step_no=step.step_no, **values)
        )


def saved_steps(work: UnitOfWork, segment_no: str, code: str) -> Iterator[CriteriaStep]:
    """Yield the saved steps as steps that are about to be taken in a segment. (SEG-081)"""
    for saved in SavedSelections(work).steps(code):
        values: dict[str, Any] = {name: getattr(saved, name) for name in _SAVED}
        if saved.source is not CriteriaSource.SELECTION:
            # what was written line by line must not come twice by accident (D-05)
            values["allow_existing"] = False
        yield CriteriaStep(
            segment_no=segment_no,
            step_no=next_step_no(work, segment_no),
            user_id=work.user_id,
            recorded_at=work.clock.now(),
            **values,
        )


def add_logged(
    work: UnitOfWork,
    segment: Segment,
    logged: LoggedSegment,
    *,
    canceled: bool,
    duplicates: bool,
) -> CriteriaStep:
    """Write lines for the interactions of a logged segment as one step. (SEG-090)"""
    step_no, writer, added, last = next_step_no(work, segment.no), LineWriter(work, segment), 0, 0

    def write(campaigns: dict[str, str | None]) -> int:
        return writer.add(
            list(campaigns),
            step_no=step_no,
            allow_existing=duplicates,
            ignore_exclusion=True,
            campaigns=campaigns,
        )

    while entries := work.interactions.of_logged_segment(logged.entry_no, after=last):
        campaigns: dict[str, str | None] = {}
        for entry in entries:
            if entry.contact_no is None or (entry.canceled and not canceled):
                continue
            if duplicates and entry.contact_no in campaigns:
                added += write(campaigns)
                campaigns = {}
            campaigns.setdefault(entry.contact_no, entry.campaign_no)
        added += write(campaigns)
        last = entries[-1].entry_no
    step = CriteriaStep(
        segment_no=segment.no,
        step_no=step_no,
        action=CriteriaAction.ADD,
        allow_existing=duplicates,
        ignore_exclusion=True,
        source=CriteriaSource.LOGGED_SEGMENT,
        source_entry_no=logged.entry_no,
        lines_added=added,
        user_id=work.user_id,
        recorded_at=work.clock.now(),
    )
    work.segments.add_step(step)
    return step
