"""Salespeople, and the users of the application."""

from __future__ import annotations

import attrs

from interactionlog._fields import as_code, as_optional_code, flag, length, optional_code

__all__ = ["Salesperson", "User"]


@attrs.frozen(kw_only=True, weakref_slot=False)
class Salesperson:
    """
    Who is responsible for contacts, segments and interactions.

    Attributes:
        code: Key; 1 to 20 characters, upper case.
        name: At most 50 characters.
        e_mail: At most 80 characters; ``""`` for none. Finds the salesperson of a user.
        blocked: Takes part in nothing new; nothing is logged for them.
        privacy_blocked: Must not be contacted.

    Source: table 13 Salesperson/Purchaser.
    """

    code: str = attrs.field(converter=as_code, validator=length(1, 20))
    name: str = attrs.field(default="", validator=length(0, 50))
    e_mail: str = attrs.field(default="", validator=length(0, 80))
    blocked: bool = attrs.field(default=False, validator=flag)
    privacy_blocked: bool = attrs.field(default=False, validator=flag)


@attrs.frozen(kw_only=True, weakref_slot=False)
class User:
    """
    Who uses the application.

    Attributes:
        user_id: Key; 1 to 50 characters, upper case.
        full_name: At most 80 characters.
        e_mail: At most 250 characters; ``""`` for none.
        salesperson_code: The user's own salesperson; ``None`` when the setup names none.

    Source: tables 91 User Setup and 2000000120 User.
    """

    user_id: str = attrs.field(converter=as_code, validator=length(1, 50))
    full_name: str = attrs.field(default="", validator=length(0, 80))
    e_mail: str = attrs.field(default="", validator=length(0, 250))
    salesperson_code: str | None = attrs.field(
        default=None, converter=as_optional_code, validator=optional_code(20)
    )
