"""Campaigns: their numbers, their entries, whether they are in use, and their figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypedDict, Unpack

import attrs

from interactionlog.arguments import judged
from interactionlog.campaigns.campaign import Campaign, CampaignEntry
from interactionlog.contacts.directory import current_user, require_salesperson
from interactionlog.errors import DuplicateEntryError, NotFoundError, StateError
from interactionlog.events import (
    CampaignActivated,
    CampaignDeactivated,
    CampaignEntriesCanceled,
    CampaignEntriesDeleted,
    CampaignEntriesUncanceled,
)
from interactionlog.interactions.entry import CancelState
from interactionlog.interactions.log_changes import delete_entries, refuse_in_use
from interactionlog.interactions.repository import Dimension, Figures, LogFilter
from interactionlog.numbering.service import record_number
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import ROUNDED


class Target(NamedTuple):
    """
    One target of a campaign: a customer, or a contact that is none.

    ``no`` is a customer number or the number of a company contact; ``None`` stands for lines
    without contact and for persons without company, as BC has it.
    """

    is_customer: bool
    no: str | None


def target_group(work: UnitOfWork, campaign_no: str) -> frozenset[Target]:
    """
    Return the targets of a campaign: of its target lines and its live target interactions.

    The company's first customer counts where it has one, else the company itself.

    Source: SEG-139 over SEG-135, with D-10: neither activation nor a line or entry stores a row.
    """
    companies = {
        *work.segments.target_companies(campaign_no),
        *work.interactions.target_companies(campaign_no),
    }
    customers = work.contacts.customers({no for no in companies if no is not None})
    return frozenset(
        Target(is_customer=True, no=customers[no])
        if no is not None and no in customers
        else Target(is_customer=False, no=no)
        for no in companies
    )


@judged
@attrs.frozen
class TargetGroup:
    """Answers who is a target of a campaign that is activated."""

    work: UnitOfWork

    def of(self, campaign_no: str, *, before_activation: bool = False) -> frozenset[Target]:
        """
        Return the target group of a campaign, or raise `NotFoundError`.

        It is empty while the campaign is not activated, unless asked for.
        """
        campaign = self.work.campaigns.get(campaign_no)
        in_use = campaign.activated or before_activation
        return target_group(self.work, campaign.no) if in_use else frozenset()


class CampaignValues(TypedDict, total=False):
    """What may be set on a campaign; the meaning of each is `Campaign`'s."""

    description: str
    starting_date: dt.date | None
    ending_date: dt.date | None
    salesperson_code: str | None
    status_code: str | None


@judged
@attrs.frozen
class CampaignService:
    """Keeps campaigns and their entries. Each call happens whole or not at all."""

    work: UnitOfWork

    def create(
        self,
        description: str = "",
        /,
        *,
        no: str | None = None,
        no_series: str | None = None,
        **values: Unpack[CampaignValues],
    ) -> Campaign:
        """
        Create a campaign with the given number or the next one of the series.

        The salesperson is the user's own unless given.

        Raises:
            SetupMissingError, NumberSeriesError: It gets no number.
            DuplicateEntryError: A campaign has the number.
            FieldInvalidError: It ends before it starts.
            NotFoundError: The salesperson does not exist.

        Source: SEG-130, SEG-131.
        """
        with self.work.atomic():
            user = current_user(self.work)
            given: dict[str, Any] = {
                "salesperson_code": user.salesperson_code if user else None,
                "description": description,
                **values,
            }
            number, series = record_number(self.work, "campaign", no, no_series)
            if self.work.campaigns.find(number) is not None:
                raise DuplicateEntryError("campaign", number)
            campaign = Campaign(**{**given, "no": number, "no_series": series})
            require_salesperson(self.work, campaign.salesperson_code, blocked=True)
            self.work.campaigns.add(campaign)
        return campaign

    def change(self, no: str, **values: Unpack[CampaignValues]) -> Campaign:
        """
        Change a campaign and return it; the date of the change is today.

        Raises:
            NotFoundError: The campaign or the salesperson does not exist.
            FieldInvalidError: It ends before it starts.

        Source: SEG-130.
        """
        with self.work.atomic():
            before = self.work.campaigns.lock(no)
            campaign = attrs.evolve(before, **values, last_date_modified=self.work.clock.today())
            require_salesperson(self.work, values.get("salesperson_code"), blocked=True)
            self.work.campaigns.replace(campaign)
        return campaign

    def delete(self, no: str, *, force: bool = False) -> None:
        """
        Delete a campaign.

        Args:
            force: Delete it although it is used: its campaign entries go with it, interactions,
                segments and templates keep its number.

        Raises:
            NotFoundError: There is no such campaign.
            StateError: A segment, a line, a template or an interaction names it.

        Source: SEG-132 with D-24.
        """
        with self.work.atomic():
            campaign = self.work.campaigns.lock(no)
            self.work.segments.lock_all()  # nobody logs a line of this campaign
            if not force:
                refuse_in_use(self.work, f"campaign {campaign.no}", campaign_no=campaign.no)
            for entry in self.work.campaign_entries.of_campaign(campaign.no):
                if self._locked(entry.entry_no) is not None:
                    self.work.interactions.leave_campaign_entry(campaign.no, entry.entry_no)
                    self.work.campaign_entries.remove(entry.entry_no)
            self.work.campaigns.remove(campaign.no)

    def activate(self, no: str, *, has_prices: bool = True, without_prices: bool = True) -> bool:
        """
        Put the target group of a campaign to use; return whether it was.

        The group itself is not stored: `TargetGroup` computes it whenever it is asked for.

        Args:
            has_prices: The host has prices or discounts for the campaign.
            without_prices: Activate it although it has none; ``False`` does nothing then.

        Raises:
            NotFoundError: There is no such campaign.
            StateError: No line of a segment and no interaction is a target of it.

        Source: SEG-135.
        """
        with self.work.atomic():
            campaign = self.work.campaigns.lock(no)
            if not has_prices and not without_prices:
                return False
            if not target_group(self.work, campaign.no):
                raise StateError(
                    f"campaign {campaign.no}",
                    "has no target: segment lines with campaign_target are required",
                )
            self.work.campaigns.set(campaign.no, activated=True)
            self.work.record(CampaignActivated(campaign.no))
        return True

    def deactivate(self, no: str) -> None:
        """Take the target group of a campaign out of use, if it is in use. (SEG-136)"""
        with self.work.atomic():
            self.work.campaigns.set(no, activated=False)
            self.work.record(CampaignDeactivated(no))

    def cancel_entries(self, *entry_nos: int) -> None:
        """
        Cancel campaign entries with all their interactions, or raise `NotFoundError`.

        They take no new ones from then on.

        Source: SEG-133 with D-21, D-22 and D-23.
        """
        with self.work.atomic():
            self._set_canceled(entry_nos, canceled=True)
            self.work.record(CampaignEntriesCanceled(entry_nos))

    def uncancel_entries(self, *entry_nos: int) -> None:
        """
        Take back that campaign entries were canceled: exactly what was live before is live again.

        Raises:
            NotFoundError: One does not exist; none is changed.
            StateError: Its logging was undone, which is for good.

        Source: SEG-133 with D-21 and D-22.
        """
        with self.work.atomic():
            self._set_canceled(entry_nos, canceled=False)
            self.work.record(CampaignEntriesUncanceled(entry_nos))

    def delete_canceled_entries(
        self,
        campaign_no: str,
        *,
        entry_no: int | None = None,
        salesperson_code: str | None = None,
        since: dt.date | None = None,
        until: dt.date | None = None,
    ) -> Sequence[int]:
        """
        Delete canceled entries of a campaign with all they have; return their entry numbers.

        Interactions, comments and content go with them.

        Args:
            entry_no, salesperson_code: Which entries; ``None`` asks nothing.
            since, until: First and last date of the entry, inclusive.

        Raises:
            NotFoundError: There is no such campaign.

        Source: SEG-134 with D-24.
        """
        salesperson = salesperson_code
        with self.work.atomic():
            campaign_no = self.work.campaigns.lock(campaign_no).no
            matching = [
                entry
                for entry in self.work.campaign_entries.of_campaign(campaign_no)
                if entry.cancel_state
                and entry_no in {None, entry.entry_no}
                and salesperson in {None, entry.salesperson_code}
                and (since is None or (entry.date is not None and entry.date >= since))
                and (until is None or (entry.date is not None and entry.date <= until))
            ]
            deleted = tuple(entry.entry_no for entry in matching if self._delete(entry.entry_no))
            self.work.record(CampaignEntriesDeleted(deleted))
        return deleted

    def _set_canceled(self, entry_nos: Sequence[int], *, canceled: bool) -> None:
        own, below = int(CancelState.OWN), int(CancelState.CAMPAIGN_ENTRY)
        self.work.campaign_entries.set_cancel_reason(entry_nos, own, canceled=canceled)
        for entry_no in entry_nos:
            entry = self.work.campaign_entries.get(entry_no)
            if entry.cancel_state & CancelState.UNDONE and not canceled:
                reason = "belongs to a logging that was undone, which is for good"
                raise StateError(f"campaign entry {entry_no}", reason)
            self.work.interactions.set_canceled(_entries_of(entry), below, canceled=canceled)

    def _delete(self, entry_no: int) -> bool:
        """Delete a campaign entry unless it is live again; return whether it was deleted."""
        entry = self._locked(entry_no)
        if entry is None or not entry.cancel_state:
            return False
        delete_entries(self.work, _entries_of(entry))
        self.work.campaign_entries.remove(entry_no)
        return True

    def _locked(self, entry_no: int) -> CampaignEntry | None:
        """Lock a campaign entry that was read; ``None`` if somebody deleted it meanwhile."""
        try:
            return self.work.campaign_entries.lock(entry_no)
        except NotFoundError:
            return None


def _entries_of(entry: CampaignEntry) -> LogFilter:
    return LogFilter(campaign_no=entry.campaign_no, campaign_entry_no=entry.entry_no)


class CampaignFigures(NamedTuple):
    """
    Figures of the live interactions of a campaign.

    Attributes:
        target_contacts_contacted, contacts_responded: BC's figures: interactions that are targets
            of, answers to the campaign.
        distinct_contacts_contacted, distinct_contacts_responded: Their contacts, each
            once (D-33).
        cost_lcy, duration_min: Of all its interactions.
        cost_per_response: Cost for each answer; ``None`` while there is none.
    """

    target_contacts_contacted: int
    contacts_responded: int
    distinct_contacts_contacted: int
    distinct_contacts_responded: int
    cost_lcy: Decimal
    duration_min: int
    cost_per_response: Decimal | None


@judged
@attrs.frozen
class CampaignStatistics:
    """
    Counts what came of campaigns; canceled and postponed entries never count.

    Attributes:
        since, until: First and last date that count, inclusive; ``None`` means open.

    Source: segments 3.4 and 3.5.
    """

    work: UnitOfWork
    since: dt.date | None = None
    until: dt.date | None = None

    def of(self, campaign_no: str) -> CampaignFigures:
        """Return the figures of a campaign, or raise `NotFoundError`."""
        no = self.work.campaigns.get(campaign_no).no
        log = self.work.interactions
        all_of_it = self._counted(no)
        targets = self._counted(no, campaign_target=True)
        answers = self._counted(no, campaign_response=True)
        ((_, figures),) = log.figures(all_of_it)
        ((_, contacted),) = log.figures(targets)
        ((_, responded),) = log.figures(answers)
        responses, per_response = responded.interactions, None
        if responses:
            exact = ROUNDED.divide(figures.cost_lcy, responses)
            per_response = ROUNDED.quantize(exact, Decimal("0.00001"))
        return CampaignFigures(
            contacted.interactions,
            responses,
            log.count_contacts(targets),
            log.count_contacts(answers),
            figures.cost_lcy,
            figures.duration_min,
            per_response,
        )

    def responses_by_wave(self, campaign_no: str) -> Sequence[tuple[str | None, Figures]]:
        """
        Return the answers by segment number, single interactions first under ``None``.

        Raises `NotFoundError` for an unknown campaign.
        """
        no = self.work.campaigns.get(campaign_no).no
        answers = self._counted(no, campaign_response=True)
        return self.work.interactions.figures(answers, Dimension.SEGMENT)

    def of_entry(self, entry_no: int) -> Figures:
        """
        Return the figures of a campaign entry, or raise `NotFoundError`.

        A live one counts its live interactions, a canceled one all of them.
        """
        entry = self.work.campaign_entries.get(entry_no)
        matching = LogFilter(
            campaign_no=entry.campaign_no,
            campaign_entry_no=entry_no,
            canceled=None if entry.cancel_state else False,
        )
        ((_, figures),) = self.work.interactions.figures(matching)
        return figures

    def _counted(self, campaign_no: str, **flags: Any) -> LogFilter:
        flags |= {"canceled": False, "postponed": False}
        return LogFilter(campaign_no=campaign_no, since=self.since, until=self.until, **flags)
