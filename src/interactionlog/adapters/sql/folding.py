"""What `as_code`, `as_channel` and `folded` say, as expressions over the columns of a host."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from interactionlog.contacts.consent import BETWEEN_WORDS, CHANNEL_OF

WHITE = "".join(filter(str.isspace, map(chr, range(0x3001))))
"""What Python takes for white space."""
FAR = "@ GLOB '*[^ -~]*'"
"""Tells a text of which SQLite does not know what is upper and lower case, or white."""
_HIDDEN = (
    "\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U00013438"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
"""Invisible characters, as a bracket expression has them."""
_MORE = ["ss", "\u02bcn", "եւ", "a\u02be", "ff", "fi", "fl", "ffi", "ffl", "st", "st"]
_MORE += ["մն", "մե", "մի", "վն", "մխ"]
_LONGER = dict(zip("ßŉևẚﬀﬁﬂﬃﬄﬅﬆﬓﬔﬕﬖﬗ", _MORE, strict=True))
_LONGER_CAPITALS = [(each, each.upper()) for each in _LONGER]
_LIKE = (
    "\xb5\u017f\u0345\u03c2\u03d0\u03d1\u03d5\u03d6\u03f0\u03f1\u03f5\u1c80\u1c81\u1c82\u1c83\u1c84\u1c85\u1c86\u1c87\u1c88",
    "\u03bcs\u03b9\u03c3\u03b2\u03b8\u03c6\u03c0\u03ba\u03c1\u03b5\u0432\u0434\u043e\u0441\u0442\u0442\u044a\u0463\ua64b",
)
"""What `str.casefold` takes for more, or for another, than PostgreSQL's lower()."""

_BY_CODE_POINT = '({}) COLLATE "C"'
"""A text as it is: where a column takes letters for others PostgreSQL replaces nothing."""

_DOT = "\N{COMBINING DOT ABOVE}"


def replaced(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return an expression that replaces texts by others, in order."""
    return reduce(lambda made, pair: f"replace({made}, '{pair[0]}', '{pair[1]}')", pairs, text)


def _folded_on_postgresql() -> str:
    """Return the steps of `folded`, each over the one before."""
    text = replaced(_BY_CODE_POINT.format("lower(normalize(@, NFD))"), _LONGER.items())
    text = f"translate({text}, '{_LIKE[0]}', '{_LIKE[1]}')"
    text = f"normalize({replaced(text, [('i' + _DOT, 'i')])}, NFC)"
    text = f"regexp_replace({text}, '[{_HIDDEN}]', '', 'g')"
    return f"btrim(regexp_replace({text}, '[{WHITE}]+', ' ', 'g'))"


FOLDED = {
    "sqlite": "interactionlog_folded(@)",  # its lower() knows ASCII only
    "postgresql": f"CASE WHEN {_BY_CODE_POINT.format('@')} ~ '^([!-~]+( [!-~]+)*)?$' THEN lower(@)"
    f" ELSE {_folded_on_postgresql()} END",
}
"""A text as it is searched."""
_CAPITALS = _BY_CODE_POINT.format(f"upper(btrim(normalize(@), '{WHITE}'))")
CODE = {
    "sqlite": f"CASE WHEN {FAR} THEN interactionlog_code(@) ELSE upper(trim(@)) END",
    "postgresql": f"CASE WHEN octet_length(@) = length(@) THEN upper(btrim(@, '{WHITE}'))"
    f" ELSE normalize({replaced(_CAPITALS, _LONGER_CAPITALS)}) END",
}
"""A code in its one form; blank is for the caller to judge."""


def _channel(code: str) -> str:
    """Return the steps of `as_channel` after those of a code."""
    named = " ".join(f"WHEN '{name}' THEN '{channel}'" for name, channel in CHANNEL_OF.items())
    return f"CASE {replaced(code, ((each, '') for each in BETWEEN_WORDS))} {named} ELSE {code} END"


CHANNEL = {dialect: _channel(code) for dialect, code in CODE.items()}
"""A channel in its one form."""
