"""Texts of which nothing says how they are written: their encoding, and what separates cells."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

from interactionlog.errors import extra

SAMPLE = 256 * 1024
"""Bytes that are looked at."""
_ENCODINGS = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257"]
"""What a text that is not UTF-8 may be, the likeliest first."""
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def encoding_of(head: bytes) -> str:
    """Return the encoding of a text by its first bytes."""
    known = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    if known is None and (head[1:400:2].count(0) > 100 or head[1:4:2] == b"\0\0"):
        known = "utf-16-le"
    if known is None:
        lines = head[: head.rfind(b"\n") + 1 or None].decode("utf-8", "replace")
        wrong = lines.count("\ufffd")
        if wrong > sum(sign > "\x7f" for sign in lines) // 2:  # else most of it can be nothing else
            found = extra("charset_normalizer", "encodings", "a text that is not UTF-8")
            matches = found.from_bytes(head, cp_isolation=_ENCODINGS)
            likely = [name for each in matches for name in each.could_be_from_charset]
            # other letters than Latin ones are told for certain, which Latin ones is a guess
            other = next((each for each in likely[:1] if each in {"cp1251", "cp1253"}), None)
            known = other or min(likely, key=_ENCODINGS.index, default="cp1252")
    return known or "utf-8-sig"


def delimiter_of(text: str) -> str:
    """Return what separates the cells of a text: what gives most rows of one width."""

    def score(delimiter: str) -> int:
        widths = [
            len(row) for row in csv.reader(text.splitlines(keepends=True)[:50], delimiter=delimiter)
        ]
        width = max(set(widths), key=widths.count, default=1)
        return widths.count(width) * (width - 1)

    try:
        guess = csv.Sniffer().sniff(text, ",;\t|").delimiter
    except csv.Error:
        guess = ","
    return max((guess, ",", ";", "\t", "|"), key=score)


def line_not_in(path: Path, encoding: str) -> int:
    """Return the first line that is not in an encoding."""
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    with path.open("rb") as file:
        try:
            while piece := file.read(SAMPLE):
                line += decoder.decode(piece).count("\n")
        except UnicodeDecodeError as error:
            line += error.object[: error.start].decode(error.encoding, "ignore").count("\n")
        except UnicodeError:  # it has not even the mark at its begin
            line = 1
    return line
