"""Numbers of other systems, and which record of ours each stands for."""

from __future__ import annotations

import attrs

from interactionlog.values import length


@attrs.frozen(kw_only=True, weakref_slot=False)
class ExternalKey:
    """
    What a record is called in another system: importing again changes it instead of doubling it.

    Attributes:
        source: The other system, such as ``hubspot``; 1 to 50 characters, case kept.
        target: Kind of the record, such as ``contact`` or ``log_entry``.
        external_id: Its key there; 1 to 255 characters, case kept.
        record_no: Number or code of the record here, as text.
    """

    source: str = attrs.field(validator=length(1, 50))
    target: str = attrs.field(validator=length(1, 50))
    external_id: str = attrs.field(validator=length(1, 255))
    record_no: str = attrs.field(validator=length(1, 50))
