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
from interactionlog.cli.console import Console, listing, noun, reading, verb
from interactionlog.cli.options import settable

command = noun("Create campaigns and show what came of them.")
no_argument = click.argument("no")
number = click.option("--no", help="Its number; the next one of the series unless given.")
_COLUMNS = "no description starting_date ending_date salesperson_code activated"


@listing(command, "list", columns=_COLUMNS)
def list_campaigns(work: Any) -> Any:
    """List all campaigns."""
    return work.campaigns.all()


@command.command("show")
@no_argument
@reading
def show(console: Console, no: str) -> None:
    """Show a campaign with figures and answers by wave."""
    with console.read() as work:
        campaign, statistics = work.campaigns.get(no), CampaignStatistics(work)
        figures = statistics.of(no)._asdict()
        waves = statistics.responses_by_wave(campaign.no)
    rows = [{"segment_no": segment, **answers._asdict()} for segment, answers in waves]
    if console.as_json:
        console.json({"campaign": campaign, **figures, "responses_by_wave": rows})
        return
    console.fields(campaign, **figures)
    if rows:
        console.heading("answers by wave")
        console.rows(rows, ("segment_no", "interactions", "cost_lcy", "duration_min"))


_values = settable(Campaign, CampaignValues, leave_out=("description",))


@verb(
    command,
    "create",
    click.argument("text", metavar="DESCRIPTION"),
    number,
    _values,
    told="campaign {0.no} is created",
)
def create(work: Any, text: str, no: str | None, values: dict[str, Any]) -> Campaign:
    """Create a campaign."""
    return CampaignService(work).create(text, no=no, **values)


_values = settable(Campaign, CampaignValues, required=True)


@verb(command, "change", no_argument, _values, told="campaign {0.no} is changed")
def change(work: Any, no: str, values: dict[str, Any]) -> Campaign:
    """Change fields of a campaign."""
    return CampaignService(work).change(no, **values)


_off = click.option("--off", is_flag=True, help="Take its target group out of use.")


@verb(command, "activate", no_argument, _off, told="campaign {no} has {0[targets]} targets in use")
def activate(work: Any, no: str, off: bool) -> dict[str, Any]:
    """Put the target group of a campaign to use; --off takes it out of use."""
    service = CampaignService(work)
    (service.deactivate if off else service.activate)(no)
    return {"campaign": no, "targets": len(TargetGroup(work).of(no))}
