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
from interactionlog.cli.console import Console, noun, reading, values_of, writing
from interactionlog.cli.options import settable

command = noun("Create campaigns and show what came of them.")
no_argument = click.argument("no")


@command.command("list")
@reading
def list_campaigns(console: Console) -> None:
    """List all campaigns."""
    with console.read() as work:
        rows = [values_of(each) for each in work.campaigns.all()]
    dates = ("starting_date", "ending_date", "salesperson_code", "activated")
    console.rows(rows, ("no", "description", *dates))


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


@command.command("create")
@click.argument("description")
@click.option("--no", help="Its number; the next one of the series unless given.")
@settable(Campaign, CampaignValues, leave_out=("description",))
@writing
def create(console: Console, description: str, no: str | None, values: dict[str, Any]) -> None:
    """Create a campaign."""
    made = console.write(lambda work: CampaignService(work).create(description, no=no, **values))
    console.tell(made, f"campaign {made.no} is created")


@command.command("change")
@no_argument
@settable(Campaign, CampaignValues)
@writing
def change(console: Console, no: str, values: dict[str, Any]) -> None:
    """Change fields of a campaign."""
    changed = console.write(lambda work: CampaignService(work).change(no, **values))
    console.tell(changed, f"campaign {changed.no} is changed")


@command.command("activate")
@no_argument
@click.option("--off", is_flag=True, help="Take its target group out of use.")
@writing
def activate(console: Console, no: str, off: bool) -> None:
    """Put the target group of a campaign to use; --off takes it out of use."""

    def act(work: Any) -> int:
        service = CampaignService(work)
        (service.deactivate if off else service.activate)(no)
        return len(TargetGroup(work).of(no))

    targets = console.write(act)
    state = "not in use" if off else f"in use, {targets} targets"
    console.tell({"campaign": no, "targets": targets}, f"campaign {no} is {state}")
