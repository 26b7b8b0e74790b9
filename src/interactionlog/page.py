"""Tables and pages in HTML: self-contained, printable, without script, everything escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from enum import Enum
from functools import cache
from html import escape
from importlib.resources import files

from interactionlog.labels import Language, label

MANY = 10
"""Columns that still lie beside each other on paper."""
_LONG = re.compile(r"\S{31}")


@cache
def style() -> str:
    """Return the style of tables and pages."""
    return (files("interactionlog") / "page.css").read_text(encoding="utf-8")


def caption(text: str, language: Language = "en") -> str:
    """Return a caption in a language, beginning with a capital."""
    found = label(text.replace(" ", "-"), language)
    return found[:1].upper() + found[1:]


def shown(value: object, language: Language = "en") -> str:
    """Return a value as people read it: amounts with separators, enumerations by words."""
    if value is None or value is False:
        return ""
    if isinstance(value, Enum):
        return label(value, language)
    if isinstance(value, Decimal):
        whole, _, cents = f"{value:,f}".partition(".")
        text = f"{whole}.{cents.ljust(2, '0')}"
        return text.translate(str.maketrans(",.", ".,")) if language == "it" else text
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y") if language == "it" else value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return str(value)


def table(
    captions: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    language: Language = "en",
    bars: int | None = None,
    off: Iterable[int] = (),
    stacked: bool = False,
) -> str:
    """
    Return rows as a table: numbers right-aligned, columns without any value left out.

    With more than `MANY` columns each row is a block, so that paper has all of them.

    Args:
        captions: Of the columns, in English.
        rows: Values.
        language: Of captions and values.
        bars: Column whose numbers are drawn as bars as well.
        off: Places of rows that no longer count.
        stacked: On a narrow screen a row becomes a block.
    """
    rows, off = [list(row) for row in rows], set(off)
    if not rows:
        return f'<p class="il-note">{escape(caption("nothing to show", language))}</p>'
    filled = [n for n in range(len(captions)) if any(row[n] not in {None, ""} for row in rows)]
    many = len(filled) > MANY
    names = {n: escape(caption(captions[n], language)) for n in filled}
    kinds = {n: _kind({type(row[n]) for row in rows if row[n] is not None}) for n in filled}
    sizes = [float(str(row[bars])) for row in rows] if bars is not None else []
    most = max(sizes, default=0.0)
    head = "".join(f"<th{kinds[n]}>{names[n]}</th>" for n in filled)
    lines: list[str] = []
    for place, row in enumerate(rows):
        cells = "".join(
            f"<td{kinds[n]}"
            + (f' data-c="{names[n]}"' if stacked or many else "")
            + f">{_text(shown(row[n], language))}</td>"
            for n in filled
        )
        if sizes:
            share = 100 * sizes[place] / most if most else 0
            cells += f'<td class="il-bar"><span style="width:{share:.1f}%"></span></td>'
        gone = ' class="il-off"' if place in off else ""
        lines.append(f"<tr{gone}>{cells}</tr>")
    more = "" if bars is None else f"<th>{names.get(bars, '')}</th>"
    style_of = ' class="il-many"' if many else ' class="il-stack"' if stacked else ""
    body = "".join(lines)
    top = f"<thead><tr>{head}{more}</tr></thead>"
    return f'<div class="il-wide"><table{style_of}>{top}<tbody>{body}</tbody></table></div>'


def _text(text: str) -> str:
    """Return a text escaped; where a word is longer than a column, lines break within words."""
    return f'<span class="il-w">{escape(text)}</span>' if _LONG.search(text) else escape(text)


def _kind(types: set[type]) -> str:
    if types and types <= {int, Decimal, float}:
        return ' class="il-n"'
    return ' class="il-d"' if types and types <= {date, time} else ""


def tiles(values: Mapping[str, object], *, language: Language = "en") -> str:
    """Return a few figures, each with its caption."""
    texts = {caption(name, language): shown(value, language) for name, value in values.items()}
    parts = (
        f"<div><dt>{escape(name)}</dt><dd>{escape(text) or '-'}</dd></div>"
        for name, text in texts.items()
    )
    return f"<dl>{''.join(parts)}</dl>"


def heading(text: str) -> str:
    """Return the heading of a section."""
    return f"<h2>{escape(text)}</h2>"


def note(text: str) -> str:
    """Return a remark."""
    return f'<p class="il-note">{escape(text)}</p>'


def fragment(*parts: str) -> str:
    """Return parts with their style, for a notebook or a page of a host."""
    return f'<style>{style()}</style><div class="il">{"".join(parts)}</div>'


def page(title: str, subtitle: str, *parts: str, language: Language = "en") -> str:
    """Return a whole document; it needs no other file."""
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>body{{margin:0}}{style()}</style></head>"
        f'<body><main class="il"><h1>{escape(title)}</h1><p class="il-sub">{escape(subtitle)}</p>'
        f"{''.join(parts)}</main></body></html>\n"
    )
