"""Lists that a notebook shows as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeVar

from interactionlog.interactions.log_entry import InteractionLogEntry
from interactionlog.interactions.repository import Figures

__all__ = ["FiguresTable", "Timeline"]

K = TypeVar("K", bound="str | None")


class Timeline(list[InteractionLogEntry]):
    """A page of entries, newest first: a list that a notebook shows as a table."""

    def __repr__(self) -> str:
        if not self:
            return "<Timeline: no entries>"
        return f"<Timeline: {len(self)} entries, {self[-1].date} to {self[0].date}>"

    def _repr_html_(self) -> str:
        captions = ("No.", "Date", "Contact", "Template", "Description", "Cost", "Minutes", "State")
        return _table(captions, (_cells(entry) for entry in self))


class FiguresTable(list[tuple[K, Figures]]):
    """Figures by key: a list that a notebook shows as a table."""

    def __repr__(self) -> str:
        return f"<FiguresTable: {len(self)} keys>"

    def _repr_html_(self) -> str:
        rows = ((key, *figures) for key, figures in self)
        return _table(("Key", "Interactions", "Cost", "Minutes"), rows)


def _cells(entry: InteractionLogEntry) -> Sequence[object]:
    states = {
        "postponed": entry.postponed,
        "canceled": entry.canceled,
        "attempt failed": entry.attempt_failed,
    }
    return (
        entry.entry_no,
        entry.date,
        entry.contact_no,
        entry.interaction_template_code,
        entry.description,
        entry.cost_lcy,
        entry.duration_min,
        ", ".join(state for state, holds in states.items() if holds),
    )


def _table(captions: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    def line(cells: Sequence[object], tag: str) -> str:
        texts = ("" if cell is None else escape(str(cell)) for cell in cells)
        return "<tr>" + "".join(f"<{tag}>{text}</{tag}>" for text in texts) + "</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table><thead>{line(captions, 'th')}</thead><tbody>{body}</tbody></table>"
