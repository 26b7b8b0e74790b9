"""
What a mail says in plain text, for who reads no HTML.

Each pattern ends at the next tag, so that the work grows with the length of any text, also of a
wrong one: `html.parser` looks from each comment that is not closed through all the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

_HIDDEN = re.compile(r"<!--|<(script|style|template|title)\b", re.IGNORECASE)
_TAG = re.compile(
    r"""<(/?)([a-z][a-z0-9]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>|<[!?/][^<>]*>""", re.IGNORECASE
)
_GIVEN = re.compile(r"""\b(?:href|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_BEGIN_LINES = """
    address article blockquote br dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr main ol p pre
    section table tr ul
"""
_IN_PLACE = dict.fromkeys(_BEGIN_LINES.split(), ("\n", "\n"))
_IN_PLACE |= {"p": ("\n", "\n\n"), "li": ("\n- ", ""), "td": (" ", ""), "th": (" ", "")}
"""What stands in plain text where an element begins and ends."""


def plain_text(html: str) -> str:
    """Return what a page says, with the targets of its links."""
    text, parts, links, at = "".join(_shown(html)), [], [""], 0
    for tag in _TAG.finditer(text):
        ends, name = tag[1] == "/", (tag[2] or "").lower()
        given = _GIVEN.search(tag[3]) if name in {"a", "img"} else None
        value = unescape("".join(filter(None, given.groups()))) if given else ""
        parts.append(_words(text[at : tag.start()]))
        at = tag.end()
        if name == "a" and not ends:
            links.append(value)
        elif name == "a" and (link := links.pop() if links else ""):
            parts.append(f" <{link}>")
        parts.append(value if name == "img" else _IN_PLACE.get(name, ("", ""))[ends])
    parts.append(_words(text[at:]))
    lines = [re.sub(" +", " ", line).strip() for line in "".join(parts).split("\n")]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _words(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"\s+", " ", text)))


def _shown(html: str) -> Iterator[str]:
    """Give the parts that browsers show, with their tags."""
    at = 0
    while hidden := _HIDDEN.search(html, at):
        yield html[at : hidden.start()]
        end = rf"</{hidden[1]}\b[^<>]*>?" if hidden[1] else "-->"
        found = re.compile(end, re.IGNORECASE).search(html, hidden.end())
        if found is None:
            return
        at = found.end()
    yield html[at:]
