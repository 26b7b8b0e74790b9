"""Reading the log: entries, timelines, postponed ones and titles."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from interactionlog.enumerations import ContactType
from interactionlog.interactions.defaults import entry_title
from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.interactions.log_filter import LogFilter, Position
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["InteractionLog", "position_of"]


def position_of(entry: InteractionLogEntry) -> Position:
    """Return where a page that ends with this entry goes on."""
    return Position(entry.date, entry.entry_no)


@attrs.frozen
class InteractionLog:
    """Reads the log, a page at a time; at any depth a page costs the same."""

    work: UnitOfWork

    def entries(
        self,
        log_filter: LogFilter | None = None,
        *,
        before: Position | None = None,
        limit: int = 50,
    ) -> Sequence[InteractionLogEntry]:
        """
        Return logged entries, canceled ones too, newest first.

        Args:
            log_filter: Which entries; ``None`` means all of them.
            before: Where the last page ended, `position_of` its last entry; ``None`` begins.
            limit: Entries a page.

        Source: INT-105.
        """
        meant = attrs.evolve(log_filter or LogFilter(), postponed=False)
        return self.work.interactions.newest(meant, before=before, limit=limit)

    def timeline(
        self, contact_no: str, *, before: Position | None = None, limit: int = 50
    ) -> Sequence[InteractionLogEntry]:
        """
        Return the entries of a contact, of a company with its persons, newest first.

        Raises:
            NotFoundError: There is no such contact.
        """
        return self.entries(scope_of(self.work, contact_no), before=before, limit=limit)

    def postponed(
        self,
        log_filter: LogFilter | None = None,
        *,
        before: Position | None = None,
        limit: int = 50,
    ) -> Sequence[InteractionLogEntry]:
        """Return postponed entries, newest first; the arguments are those of `entries`."""
        meant = attrs.evolve(log_filter or LogFilter(), postponed=True)
        return self.work.interactions.newest(meant, before=before, limit=limit)

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
