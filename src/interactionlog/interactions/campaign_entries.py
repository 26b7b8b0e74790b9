"""Which campaign entry a single interaction belongs to."""

from __future__ import annotations

from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.enumerations import DocumentType
from interactionlog.interactions.draft import InteractionDraft
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["campaign_entry_for"]


def campaign_entry_for(
    work: UnitOfWork, draft: InteractionDraft, document_type: DocumentType | None = None
) -> int | None:
    """
    Return the campaign entry of an interaction; it is made when there is none that is open.

    Source: INT-049 and INT-050, keyed as D-23 decides: a canceled one takes nothing new.
    """
    if draft.campaign_no is None:
        return None
    key = (draft.campaign_no, document_type, draft.segment_no)
    found = work.campaign_entries.find_open(*key, None)
    if found is not None:
        return found.entry_no
    segment = work.segments.find(draft.segment_no) if draft.segment_no else None
    kind = document_type.name.replace("_", " ").capitalize() if document_type else "Interaction"
    made = CampaignEntry(
        entry_no=work.campaign_entries.reserve_entry_no(),
        campaign_no=draft.campaign_no,
        document_type=document_type,
        segment_no=draft.segment_no,
        description=segment.description if segment else kind,
        date=draft.date,
        user_id=work.user_id,
        salesperson_code=draft.salesperson_code,
    )
    work.campaign_entries.add(made)
    return made.entry_no
