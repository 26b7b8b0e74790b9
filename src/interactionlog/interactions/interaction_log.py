"""Reading the log: entries, timelines, postponed ones and titles."""

from __future__ import annotations

import attrs

from interactionlog.enumerations import ContactType
from interactionlog.interactions.defaults import entry_title
from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.interactions.log_filter import LogFilter, Position
from interactionlog.interactions.tables import Timeline
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["InteractionLog", "position_of"]


def position_of(entry: InteractionLogEntry) -> Position:
    """Return where a page that begins or ends with this entry goes on."""
    return Position(entry.date, entry.entry_no)


@attrs.frozen
class InteractionLog:
    """
    Reads the log, a page at a time; at any depth a page costs the same.

    Every page is newest first and holds ``limit`` entries at most. ``before``, the `position_of` a
    page's last entry, gives the page below it; ``after``, that of its first entry, the one above.
    """

    work: UnitOfWork

    def entries(
        self,
        log_filter: LogFilter | None = None,
        *,
        before: Position | None = None,
        after: Position | None = None,
        limit: int = 50,
    ) -> Timeline:
        """Return logged entries, canceled ones too; no filter means all of them. (INT-105)"""
        meant = attrs.evolve(log_filter or LogFilter(), postponed=False)
        found = self.work.interactions.newest(meant, before=before, after=after, limit=limit)
        return Timeline(found)

    def timeline(
        self,
        contact_no: str,
        *,
        before: Position | None = None,
        after: Position | None = None,
        limit: int = 50,
    ) -> Timeline:
        """
        Return the logged entries of a contact, of a company with its persons.

        Raises:
            NotFoundError: There is no such contact.
        """
        scope = scope_of(self.work, contact_no)
        return self.entries(scope, before=before, after=after, limit=limit)

    def postponed(
        self,
        log_filter: LogFilter | None = None,
        *,
        before: Position | None = None,
        after: Position | None = None,
        limit: int = 50,
    ) -> Timeline:
        """Return postponed entries; no filter means all. (INT-105)"""
        meant = attrs.evolve(log_filter or LogFilter(), postponed=True)
        found = self.work.interactions.newest(meant, before=before, after=after, limit=limit)
        return Timeline(found)

    def title(self, entry: InteractionLogEntry) -> str:
        """Return who wrote to whom; ``""`` when the template is gone. (INT-067)"""
        code = entry.interaction_template_code
        contact = self.work.contacts.find(entry.contact_no) if entry.contact_no else None
        person = entry.salesperson_code and self.work.salespeople.find(entry.salesperson_code)
        user = self.work.users.find(entry.user_id) if entry.user_id else None
        return entry_title(
            self.work.templates.find(code) if code else None,
            contact_name=contact.name if contact else "",
            salesperson_name=person.name if person else None,
            user_name=user.full_name if user else None,
        )


def scope_of(work: UnitOfWork, contact_no: str) -> LogFilter:
    """Return the filter on a contact: a company stands for all its persons."""
    contact = work.contacts.get(contact_no)
    if contact.type is ContactType.COMPANY:
        return LogFilter(contact_company_no=contact.no)
    return LogFilter(contact_no=contact.no)
