"""Lines written and removed for all contacts that are meant, in one statement each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from interactionlog.adapters.sql.meant import Meant
from interactionlog.adapters.sql.repositories.contacts import SqlContacts
from interactionlog.adapters.sql.repositories.segments import SqlSegments, lines_holding
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.contacts.directory import ContactDirectory
from interactionlog.enumerations import CriteriaAction
from interactionlog.segments.selection.criteria import CriteriaStep

__all__ = ["SqlMeantLines"]


class SqlMeantLines(SqlSegments):
    """
    `interactionlog.segments.selection.matching.MeantLines` over SQL.

    What a line is given is said a second time here, in SQL; a test holds it against `Inheritance`.
    """

    def reaches(self, contacts: ContactDirectory) -> bool:
        """Say whether these contacts lie in tables beside the lines, and not with a host."""
        return type(contacts) is SqlContacts

    def write_meant(self, step: CriteriaStep, meant: ContactFilter) -> int:
        """Write a line behind the last one for whoever a step that adds means; return how many."""
        found = Meant.of(self._session.tenant, meant, step.widening)
        if not step.ignore_exclusion:
            found.add("contact_not_excluded")
        if not step.allow_existing:
            found.add("contact_not_on_line")
        first = [self.last_line_no(step.segment_no), step.step_no, step.segment_no]
        return self._session.change_where("write_lines", first, found.conditions, *found.values)

    def take_out_meant(self, step: CriteriaStep, meant: ContactFilter) -> int:
        """Take out the lines that a step reduces or does not refine to; return how many."""
        tenant, no = self._session.tenant, step.segment_no
        reduces = step.action is CriteriaAction.REDUCE
        found = Meant(tenant).add("line_of_segment", no)
        found.add("line_meant" if reduces else "line_not_meant", tenant).satisfying(meant)
        found.add("end_lines_matched", tenant, no, step.entire_companies)
        removed = self._session.change_where(
            "keep_removed_lines", [step.step_no], found.conditions, *found.values
        )
        self.drop_kept(no, step.step_no)
        return removed

    def follow_date(self, no: str, holding: Mapping[str, object], to: date | None) -> None:
        """Give lines that hold these values the address of another day, unless it was picked."""
        conditions, values = lines_holding(no, holding)
        conditions.append("address_of_its_date")
        self._session.change_where("follow_addresses", [to, to], conditions, *values)
