"""Interaction templates."""

from __future__ import annotations

from interactionlog.cli.console import Console, noun, reading, values_of

command = noun("List interaction templates.")


@command.command("list")
@reading
def list_templates(console: Console) -> None:
    """List the templates that interactions are logged with."""
    with console.read() as work:
        rows = [values_of(each) for each in work.templates.all()]
    figures = ("unit_cost_lcy", "unit_duration_min", "information_flow", "campaign_no")
    console.rows(rows, ("code", "description", "interaction_group_code", *figures))
