"""What a mail says in plain text, for who reads no HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_HIDDEN = frozenset({"head", "script", "style", "template", "title"})
_BEGIN_LINES = """
    address article blockquote br dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr li main ol p pre
    section table tr ul
"""
_BLOCKS = frozenset(_BEGIN_LINES.split())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden: list[str] = []
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _HIDDEN:
            self._hidden.append(tag)
        elif tag == "a":
            self._links.append(given.get("href", ""))
        self.parts += (
            ["\n"] * (tag in _BLOCKS) + ["- "] * (tag == "li") + [" "] * (tag in {"td", "th"})
        )
        if tag == "img" and not self._hidden:
            self.parts.append(given.get("alt", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            del self._hidden[self._hidden.index(tag) :]
        elif tag == "a" and self._links and (link := self._links.pop()):
            self.parts.append(f" <{link}>")
        self.parts += ["\n"] * (tag in _BLOCKS) + ["\n"] * (tag == "p")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain_text(html: str) -> str:
    """Return what a page says, with the targets of its links."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = [re.sub(" +", " ", line).strip() for line in "".join(reader.parts).split("\n")]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
