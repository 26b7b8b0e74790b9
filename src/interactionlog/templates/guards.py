"""What is in use is not deleted: figures and titles of the log need it. (§8.25)"""

from __future__ import annotations

from interactionlog.errors import StateError
from interactionlog.interactions.log_filter import LogFilter
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["refuse_used_group", "refuse_used_template"]


def refuse_used_group(work: UnitOfWork, code: str) -> None:
    """Raise `StateError` when a template or an entry has the interaction group."""
    for template in work.templates.all():
        if template.interaction_group_code == code:
            raise StateError(f"group {code}", f"is used by template {template.code}")
    _refuse_logged(work, f"group {code}", LogFilter(interaction_group_code=code))


def refuse_used_template(work: UnitOfWork, code: str) -> None:
    """Raise `StateError` when setup, an open segment or an entry has the template."""
    record = f"template {code}"
    for setup in work.template_setup.all():
        if setup.interaction_template_code == code:
            raise StateError(record, f"is used by setup field {setup.purpose}")
    for segment in work.segments.all():
        last, used = 0, segment.interaction_template_code == code
        while not used and (lines := work.segments.lines_after(segment.no, last)):
            used = any(line.interaction_template_code == code for line in lines)
            last = lines[-1].line_no
        if used:
            raise StateError(record, f"is used by segment {segment.no}")
    _refuse_logged(work, record, LogFilter(interaction_template_code=code))


def _refuse_logged(work: UnitOfWork, record: str, log_filter: LogFilter) -> None:
    for entry in work.interactions.newest(log_filter, limit=1):
        raise StateError(record, f"is used by entry {entry.entry_no}")
