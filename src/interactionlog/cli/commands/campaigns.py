"""Campaigns."""

from __future__ import annotations

from typing import Any

import click

from interactionlog.campaigns.campaign import Campaign
from interactionlog.campaigns.service import (
    CampaignService,
    CampaignStatistics,
    CampaignValues,
    TargetGroup,
)
from interactionlog.cli.console import Console, Noun, listing, verb, with_console
from interactionlog.cli.options import settable

campaign = Noun(help="Create campaigns and show what came of them.")
_no = click.argument("no")
_number = click.option("--no", help="Its number; the next one of the series unless given.")
_COLUMNS = "no description starting_date ending_date salesperson_code activated"


@listing(campaign, "list", columns=_COLUMNS)
def list_campaigns(work: Any) -> Any:
    """List all campaigns."""
    return work.campaigns.all()


@campaign.command("show")
@_no
@with_console
def show(console: Console, no: str) -> None:
    """Show a campaign with figures and answers by wave."""
    with console.read() as work:
        found, statistics = work.campaigns.get(no), CampaignStatistics(work)
        figures = statistics.of(no)._asdict()
        waves = statistics.responses_by_wave(found.no)
    rows = [{"segment_no": segment, **answers._asdict()} for segment, answers in waves]
    console.json({"campaign": found, **figures, "responses_by_wave": rows})
    console.fields(found, **figures)
    if rows:
        console.heading("answers by wave")
        console.rows(rows, "segment_no interactions cost_lcy duration_min")


_values = settable(Campaign, CampaignValues, leave_out=("description",))


@verb(
    campaign,
    "create",
    click.argument("text", metavar="DESCRIPTION"),
    _number,
    _values,
    told="campaign {0.no} is created",
)
def create(work: Any, text: str, no: str | None, values: dict[str, Any]) -> Campaign:
    """Create a campaign."""
    return CampaignService(work).create(text, no=no, **values)


_values = settable(Campaign, CampaignValues, required=True)


@verb(campaign, "change", _no, _values, told="campaign {0.no} is changed")
def change(work: Any, no: str, values: dict[str, Any]) -> Campaign:
    """Change fields of a campaign."""
    return CampaignService(work).change(no, **values)


_off = click.option("--off", is_flag=True, help="Take its target group out of use.")


@verb(campaign, "activate", _no, _off, told="campaign {no} has {0[targets]} targets in use")
def activate(work: Any, no: str, off: bool) -> dict[str, Any]:
    """Put the target group of a campaign to use; --off takes it out of use."""
    service = CampaignService(work)
    (service.deactivate if off else service.activate)(no)
    return {"campaign": no, "targets": len(TargetGroup(work).of(no))}
