"""How a logged line becomes an entry, and an entry a line again: said once for every store."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import attrs

from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.interactions.repository import LoggedLine, Logging
from interactionlog.segments.segment import SegmentLine
from interactionlog.values import trusted

LINE_TO_ENTRY: tuple[tuple[str, str], ...] = (
    ("contact_no", "contact_no"),
    ("contact_company_no", "contact_company_no"),
    ("date", "date"),
    ("time_of_interaction", "time_of_interaction"),
    ("description", "description"),
    ("subject", "subject"),
    ("information_flow", "information_flow"),
    ("initiated_by", "initiated_by"),
    ("correspondence_type", "correspondence_type"),
    ("evaluation", "evaluation"),
    ("cost_lcy", "cost_lcy"),
    ("duration_min", "duration_min"),
    ("interaction_group_code", "interaction_group_code"),
    ("interaction_template_code", "interaction_template_code"),
    ("language_code", "interaction_language_code"),
    ("campaign_no", "campaign_no"),
    ("campaign_response", "campaign_response"),
    ("campaign_target", "campaign_target"),
    ("segment_no", "segment_no"),
    ("line_no", "segment_line_no"),
    ("attempt_failed", "attempt_failed"),
    ("to_do_no", "to_do_no"),
    ("salesperson_code", "salesperson_code"),
    ("attachment_no", "attachment_no"),
    ("contact_alt_address_code", "contact_alt_address_code"),
    ("contact_via", "contact_via"),
    ("send_word_doc_as_attmt", "send_word_docs_as_attmt"),
    ("word_template_code", "word_template_code"),
    ("merged", "merged"),
    ("opportunity_no", "opportunity_no"),
)
"""
Field of a line, field of the entry that it becomes. (SEG-102)

What an entry of a segment has besides comes from `Logging` and `LoggedLine`; its other fields keep
their defaults.
"""


_OF_LOGGING = ("logged_segment_entry_no", "user_id", "recorded_at")


@cache
def entry_of_line() -> Callable[[Logging, LoggedLine, SegmentLine], InteractionLogEntry]:
    """Return the function that builds an entry; it is generated: it runs for each line."""
    source = {entry: f"line.{line}" for line, entry in LINE_TO_ENTRY}
    source |= {name: f"logged.{name}" for name in LoggedLine._fields if name != "line_no"}
    source |= {name: f"logging.{name}" for name in _OF_LOGGING}
    return _generated(InteractionLogEntry, "logging, logged, line", source)  # type: ignore[no-any-return]


@cache
def line_of_entry() -> Callable[[InteractionLogEntry], SegmentLine]:
    """Return the function that builds the line an entry came from; no step added it."""
    source = {line: f"entry.{entry}" for line, entry in LINE_TO_ENTRY}
    return _generated(SegmentLine, "entry", source | {"added_by_step": "0"})  # type: ignore[no-any-return]


def _generated(entity: Any, parameters: str, source: dict[str, str]) -> Any:
    names = [field.name for field in attrs.fields(entity) if field.name in source]
    scope: dict[str, Any] = {"new": trusted(entity)}
    values = ", ".join(source[name] for name in names)  # the others stand last, with defaults
    exec(f"def build({parameters}):\n    return new({values})", scope)  # noqa: S102  # names of fields
    return scope["build"]
