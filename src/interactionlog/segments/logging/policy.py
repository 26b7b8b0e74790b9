"""What each finding about a line leads to when a segment is logged."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import attrs

from interactionlog._fields import refuse

__all__ = ["LoggingPolicy", "Treatment"]


class Treatment(Enum):
    """What is done with a line that has a finding."""

    LOG = "log"
    LEAVE_OUT = "leave out"
    REFUSE = "refuse"


def _among(*allowed: Treatment) -> Callable[[object, attrs.Attribute[Treatment], object], None]:
    def check(instance: object, attribute: attrs.Attribute[Treatment], value: object) -> None:
        if value not in allowed:
            names = " or ".join(f"Treatment.{member.name}" for member in allowed)
            refuse(instance, attribute, value, f"must be {names}")

    return check


@attrs.frozen(kw_only=True)
class LoggingPolicy:
    """
    How findings are treated; ``LOG`` means "log with a warning".

    Attributes:
        no_contact: The line has no contact. Leave out, or refuse.
        privacy_blocked: The contact is blocked for privacy. Leave out, or refuse; never logged.
        invalid: Unknown code, missing date, template or salesperson, blocked salesperson. Refuse,
            or leave out.
        excluded: The contact is excluded from segments. Any treatment.
        duplicate: An earlier line has the same contact. Any treatment.
        no_e_mail: The line asks for e-mail, there is no address, nothing is delivered. Any.
        undeliverable: It is to be delivered and has no address or no content. Refuse, or leave out.

    Source: SEG-101 with the decided differences D-04, D-05 and D-27.
    """

    no_contact: Treatment = attrs.field(
        default=Treatment.LEAVE_OUT, validator=_among(Treatment.LEAVE_OUT, Treatment.REFUSE)
    )
    privacy_blocked: Treatment = attrs.field(
        default=Treatment.LEAVE_OUT, validator=_among(Treatment.LEAVE_OUT, Treatment.REFUSE)
    )
    invalid: Treatment = attrs.field(
        default=Treatment.REFUSE, validator=_among(Treatment.REFUSE, Treatment.LEAVE_OUT)
    )
    excluded: Treatment = attrs.field(default=Treatment.LOG, validator=_among(*Treatment))
    duplicate: Treatment = attrs.field(default=Treatment.LOG, validator=_among(*Treatment))
    no_e_mail: Treatment = attrs.field(default=Treatment.LOG, validator=_among(*Treatment))
    undeliverable: Treatment = attrs.field(
        default=Treatment.REFUSE, validator=_among(Treatment.REFUSE, Treatment.LEAVE_OUT)
    )
