"""The shortest valid objects; every field can be set by its name."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any, Protocol, cast

from interactionlog.attachments.attachment import Attachment
from interactionlog.campaigns.campaign import Campaign, CampaignEntry
from interactionlog.contacts.contact import Contact, Salesperson
from interactionlog.contacts.directory import ContactRepository, SalespersonRepository
from interactionlog.interactions.entry import InteractionLogEntry, LogComment
from interactionlog.segments.logging.logged_segment import LoggedSegment
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.segments.selection.criteria import CriteriaStep
from interactionlog.templates.template import InteractionGroup, InteractionTemplate
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import ContactType, CriteriaAction, LoggedSegmentState


class Begin(Protocol):
    """
    What the fixture ``begin`` gives: units of work on one and the same store, empty at first.

    An adapter's author writes this fixture and a subclass of each contract, and nothing else.
    """

    def __call__(self, *, user_id: str = "TESTER") -> AbstractContextManager[UnitOfWork]:
        """Open a unit of work that keeps its work when the block ends normally."""
        ...

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a unit of work that sees the last commit and writes nothing."""
        ...

    def tenant(self, name: str) -> Begin:
        """Return the same for another tenant of the same database."""
        ...


def contacts_of(work: UnitOfWork) -> ContactRepository:
    """Return the contacts of a store that keeps them itself."""
    return cast("ContactRepository", work.contacts)


def salespeople_of(work: UnitOfWork) -> SalespersonRepository:
    """Return the salespeople of a store that keeps them itself."""
    return cast("SalespersonRepository", work.salespeople)


DAY = date(2026, 1, 26)
"""A business date."""
MOMENT = datetime(2026, 1, 26, 8, 30, tzinfo=UTC)
"""An instant of that day."""

_LOGGABLE: dict[str, Any] = {
    "date": DAY,
    "salesperson_code": "HR",
    "interaction_template_code": "LETTER",
    "interaction_group_code": "LETTERS",
}


def _over(values: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    return defaults | values


def a_contact(no: str = "CT000001", **values: Any) -> Contact:
    """Return a company."""
    return Contact(no=no, **_over(values, name=f"Contact {no}", company_no=no))


def a_person(no: str = "CT000002", company_no: str | None = None, **values: Any) -> Contact:
    """Return a person, of a company or on its own."""
    defaults = _over(values, name=f"Person {no}", company_no=company_no)
    return Contact(no=no, type=ContactType.PERSON, **defaults)


def a_template(code: str = "LETTER", **values: Any) -> InteractionTemplate:
    """Return a template of the group LETTERS."""
    return InteractionTemplate(code=code, **_over(values, interaction_group_code="LETTERS"))


def an_entry(
    entry_no: int = 1, contact_no: str | None = "CT000001", **values: Any
) -> InteractionLogEntry:
    """Return a log entry of `DAY`."""
    values = _over(values, date=DAY, recorded_at=MOMENT, user_id="TESTER")
    return InteractionLogEntry(entry_no=entry_no, contact_no=contact_no, **values)


def a_comment(entry_no: int = 1, line_no: int = 10_000, **values: Any) -> LogComment:
    """Return a comment line of an entry."""
    values = _over(values, comment="called back", user_id="TESTER", recorded_at=MOMENT)
    return LogComment(entry_no=entry_no, line_no=line_no, **values)


def a_segment(no: str = "SM00001", **values: Any) -> Segment:
    """Return a header with everything that logging asks for, as `add_basics` stores it."""
    values = _over(_LOGGABLE | values, description=f"Segment {no}")
    return Segment(no=no, **values)


def a_line(
    line_no: int = 10_000,
    contact_no: str | None = "CT000001",
    segment_no: str = "SM00001",
    **values: Any,
) -> SegmentLine:
    """Return a line with everything that logging asks for, as `add_basics` stores it."""
    values = _over(_LOGGABLE | values, description=f"Segment {segment_no}")
    return SegmentLine(segment_no=segment_no, line_no=line_no, contact_no=contact_no, **values)


def a_step(step_no: int = 1, segment_no: str = "SM00001", **values: Any) -> CriteriaStep:
    """Return a selection step that adds."""
    values = _over(values, action=CriteriaAction.ADD, recorded_at=MOMENT)
    return CriteriaStep(segment_no=segment_no, step_no=step_no, **values)


def a_logged_segment(
    entry_no: int = 1, segment_no: str = "SM00001", **values: Any
) -> LoggedSegment:
    """Return the complete record of a logging."""
    values = _over(values, creation_date=DAY, recorded_at=MOMENT, state=LoggedSegmentState.COMPLETE)
    return LoggedSegment(entry_no=entry_no, segment_no=segment_no, **values)


def a_campaign(no: str = "CP1001", **values: Any) -> Campaign:
    """Return a campaign."""
    return Campaign(no=no, **values)


def a_campaign_entry(
    entry_no: int = 1, campaign_no: str = "CP1001", **values: Any
) -> CampaignEntry:
    """Return a campaign entry."""
    return CampaignEntry(entry_no=entry_no, campaign_no=campaign_no, **values)


def an_attachment(no: int = 1, digest: str = "0" * 64, **values: Any) -> Attachment:
    """Return an attachment; its content is stored separately, under the digest."""
    return Attachment(no=no, digest=digest, **_over(values, recorded_at=MOMENT))


def add_basics(work: UnitOfWork) -> None:
    """Store the salesperson HR, the group LETTERS and the template LETTER."""
    cast("SalespersonRepository", work.salespeople).put(Salesperson(code="HR", name="Helena Ray"))
    work.interaction_groups.put(InteractionGroup(code="LETTERS"))
    work.templates.put(a_template())


def add_segment(
    work: UnitOfWork, no: str, contact_nos: Iterable[str | None], **values: Any
) -> Segment:
    """
    Store a segment that can be logged, with one line for each contact, numbered 10000, 20000, …

    Contacts that are missing are stored as companies, and so is what `add_basics` stores.
    """
    add_basics(work)
    contacts = cast("ContactRepository", work.contacts)
    nos = list(contact_nos)
    for contact_no in nos:
        if contact_no is not None and contacts.find(contact_no) is None:
            contacts.put(a_contact(contact_no))
    segment = a_segment(no, **values)
    work.segments.add(segment)
    work.segments.add_lines(
        [a_line(10_000 * place, contact_no, no) for place, contact_no in enumerate(nos, 1)]
    )
    return segment
