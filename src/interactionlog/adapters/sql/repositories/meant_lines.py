"""Lines written and removed for all contacts that are meant, in one statement each."""

from __future__ import annotations

from interactionlog.adapters.sql.meant import Meant
from interactionlog.adapters.sql.repositories.contacts import SqlContacts
from interactionlog.adapters.sql.repositories.segments import SqlSegments
from interactionlog.contacts.contact_filter import ContactFilter, Widening
from interactionlog.contacts.directory import ContactDirectory

__all__ = ["SqlMeantLines"]


class SqlMeantLines(SqlSegments):
    """
    `interactionlog.segments.selection.matching.MeantLines` over SQL.

    What a line is given is said a second time here, in SQL; a test holds it against `Inheritance`.
    """

    def reaches(self, contacts: ContactDirectory) -> bool:
        """Say whether these contacts lie in tables beside the lines, and not with a host."""
        return type(contacts) is SqlContacts

    def write_meant(
        self,
        no: str,
        step_no: int,
        contact_filter: ContactFilter,
        widening: Widening,
        *,
        allow_existing: bool,
        ignore_exclusion: bool,
    ) -> int:
        """Write a line behind the last one for every contact that is meant; return how many."""
        meant = Meant.of(self._session.tenant, contact_filter, widening)
        if not ignore_exclusion:
            meant.add("contact_not_excluded")
        if not allow_existing:
            meant.add("contact_not_on_line")
        first = [self.last_line_no(no), step_no, no]
        return self._session.change_where("write_lines", first, meant.conditions, *meant.values)

    def take_out_meant(
        self,
        no: str,
        step_no: int,
        contact_filter: ContactFilter,
        *,
        entire_companies: bool,
        keep: bool,
    ) -> int:
        """As `take_out` for lines of all who are meant, or with ``keep`` for all others."""
        tenant = self._session.tenant
        meant = Meant(tenant).add("line_of_segment", no)
        meant.add("line_not_meant" if keep else "line_meant", tenant).satisfying(contact_filter)
        meant.add("end_lines_matched", tenant, no, entire_companies)
        removed = self._session.change_where(
            "keep_removed_lines", [step_no], meant.conditions, *meant.values
        )
        self.drop_kept(no, step_no)
        return removed
