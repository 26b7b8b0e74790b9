"""Which entries of the log are meant."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import attrs

from interactionlog._fields import as_optional_code
from interactionlog.enumerations import Evaluation, InformationFlow, InitiatedBy
from interactionlog.interactions.log_entry import InteractionLogEntry

__all__ = ["LogFilter", "Position"]


class Position(NamedTuple):
    """Where a page of the log ended: date, then entry number."""

    date: date
    entry_no: int


@attrs.frozen(kw_only=True)
class LogFilter:
    """
    Which entries of the log are meant; all conditions must hold and ``None`` asks nothing.

    Attributes:
        contact_no: The contact itself.
        contact_company_no: The company with all its persons.
        salesperson_code, interaction_template_code, interaction_group_code, campaign_no,
            campaign_entry_no, opportunity_no, to_do_no, segment_no, logged_segment_entry_no,
            host_ref: As on the entry.
        since, until: First and last date, inclusive.
        information_flow, initiated_by, evaluation, attempt_failed: As on the entry.
        campaign_target, campaign_response: Targets of, answers to their campaign, or the others.
        canceled: Canceled entries only, or live ones only.
        postponed: Postponed entries only, or logged ones only.
    """

    contact_no: str | None = attrs.field(default=None, converter=as_optional_code)
    contact_company_no: str | None = attrs.field(default=None, converter=as_optional_code)
    salesperson_code: str | None = attrs.field(default=None, converter=as_optional_code)
    interaction_template_code: str | None = attrs.field(default=None, converter=as_optional_code)
    interaction_group_code: str | None = attrs.field(default=None, converter=as_optional_code)
    campaign_no: str | None = attrs.field(default=None, converter=as_optional_code)
    campaign_entry_no: int | None = None
    opportunity_no: str | None = attrs.field(default=None, converter=as_optional_code)
    to_do_no: str | None = attrs.field(default=None, converter=as_optional_code)
    segment_no: str | None = attrs.field(default=None, converter=as_optional_code)
    logged_segment_entry_no: int | None = None
    host_ref: str | None = None
    since: date | None = None
    until: date | None = None
    information_flow: InformationFlow | None = None
    initiated_by: InitiatedBy | None = None
    attempt_failed: bool | None = None
    evaluation: Evaluation | None = None
    campaign_target: bool | None = None
    campaign_response: bool | None = None
    canceled: bool | None = None
    postponed: bool | None = None

    def matches(self, entry: InteractionLogEntry) -> bool:
        """Judge one entry."""
        for name, wanted in self.conditions():
            if name == "since":
                fits = entry.date >= wanted  # type: ignore[operator]
            elif name == "until":
                fits = entry.date <= wanted  # type: ignore[operator]
            else:
                fits = getattr(entry, name) == wanted
            if not fits:
                return False
        return True

    def conditions(self) -> list[tuple[str, object]]:
        """Return name and value of the conditions that ask something, always in one order."""
        return [
            (field.name, value)
            for field in attrs.fields(LogFilter)
            if (value := getattr(self, field.name)) is not None
        ]
