"""Content that templates, segments and entries refer to."""

from __future__ import annotations

from datetime import datetime

import attrs

from interactionlog._fields import as_utc, entry_number, flag, instant, length, whole

__all__ = ["Attachment"]


@attrs.frozen(kw_only=True, weakref_slot=False)
class Attachment:
    """
    A piece of content: what it is called and which bytes it has. The bytes lie once per digest.

    Attributes:
        no: Key; rising and never used again.
        name: File name without a path, at most 250 characters; shown, never followed.
        media_type: Such as ``text/html``; at most 100 characters.
        extension: Of the file, without the dot; at most 20 characters, ``""`` for none.
        size: Bytes, >= 0.
        digest: SHA-256 of the bytes in hexadecimal.
        read_only: Used by a logged entry: neither replaced nor imported over.
        recorded_at: When it was stored; UTC.

    Source: table 5062 Attachment.
    """

    no: int = attrs.field(validator=entry_number)
    name: str = attrs.field(default="", validator=length(0, 250))
    media_type: str = attrs.field(default="", validator=length(0, 100))
    extension: str = attrs.field(default="", validator=length(0, 20))
    size: int = attrs.field(default=0, validator=whole(0, 2**63 - 1))
    digest: str = attrs.field(validator=length(64, 64))
    read_only: bool = attrs.field(default=False, validator=flag)
    recorded_at: datetime = attrs.field(converter=as_utc, validator=instant)

    @property
    def is_html(self) -> bool:
        """Whether the content is the body of an HTML mail, whatever the case of the extension."""
        return self.extension.casefold() in {"html", "htm"}
