"""Interaction templates."""

from __future__ import annotations

from typing import Any

from interactionlog.cli.console import listing, noun

command = noun("List interaction templates.")
_COLUMNS = "code description interaction_group_code unit_cost_lcy unit_duration_min"


@listing(command, "list", columns=f"{_COLUMNS} information_flow campaign_no")
def list_templates(work: Any) -> Any:
    """List the templates that interactions are logged with."""
    return work.templates.all()
