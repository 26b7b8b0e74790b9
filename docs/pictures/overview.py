"""Draws ``overview.svg``, the picture of the README: ``python docs/pictures/overview.py``."""

from __future__ import annotations

# ruff: noqa: ISC004, E501  # a picture is long lines of text
from pathlib import Path

FILE = Path(__file__).with_suffix(".svg")
WIDTH, HEIGHT = 860, 300
BOXES = {
    # name: left, top, first line, second line
    "contacts": (20, 40, "contacts", "yours or the store's"),
    "segment": (240, 40, "segment", "add, reduce, refine"),
    "plan": (460, 40, "plan", "writes nothing"),
    "logged": (680, 40, "logged segment", "exactly once"),
    "draft": (20, 190, "one interaction", "start, postpone, resume"),
    "log": (240, 190, "interaction log", "in your transaction"),
    "figures": (460, 190, "figures", "cost, minutes, answers"),
    "follow-up": (680, 190, "next wave", "by outcome, or undo"),
}
ARROWS = [
    ("contacts", "segment"),
    ("segment", "plan"),
    ("plan", "logged"),
    ("logged", "follow-up"),
    ("draft", "log"),
    ("log", "figures"),
]
BOX, TALL = 160, 70


def svg() -> str:
    """Return the picture."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="14">',
        "<title>From contacts to the interaction log</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
        '<path d="M0,0 L8,4 L0,8 z" fill="#555555"/></marker></defs>',
    ]
    for name, (left, top, first, second) in BOXES.items():
        fill = "#dbeafe" if name in {"log", "logged"} else "#f3f4f6"
        middle = left + BOX // 2
        parts += [
            f'<rect x="{left}" y="{top}" width="{BOX}" height="{TALL}" rx="8" fill="{fill}" '
            'stroke="#555555"/>',
            f'<text x="{middle}" y="{top + 30}" text-anchor="middle" font-weight="bold" '
            f'fill="#111111">{first}</text>',
            f'<text x="{middle}" y="{top + 52}" text-anchor="middle" fill="#333333">{second}</text>',
        ]
    for start, end in ARROWS:
        parts.append(arrow(BOXES[start], BOXES[end]))
    across = BOXES["logged"][0] + 20, BOXES["logged"][1] + TALL
    into = BOXES["log"][0] + BOX - 20, BOXES["log"][1]
    parts.append(line(*across, *into))
    return "\n".join([*parts, "</svg>", ""])


def arrow(start: tuple[int, int, str, str], end: tuple[int, int, str, str]) -> str:
    """Return a line from one box to the next one, beside it or below it."""
    if start[1] == end[1]:
        return line(start[0] + BOX, start[1] + TALL // 2, end[0], end[1] + TALL // 2)
    return line(start[0] + BOX // 2, start[1] + TALL, end[0] + BOX // 2, end[1])


def line(x1: int, y1: int, x2: int, y2: int) -> str:
    """Return a line with a tip."""
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#555555" stroke-width="1.5" '
        'marker-end="url(#tip)"/>'
    )


if __name__ == "__main__":
    FILE.write_text(svg(), encoding="utf-8")
