"""Drafts as they begin and as they change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Unpack

import attrs

from interactionlog.errors import PrivacyBlockedError, UsageError
from interactionlog.interactions.defaults import changed_defaults, next_full_minute
from interactionlog.interactions.draft import (
    SETTABLE_FIELDS,
    DraftOrigin,
    DraftValues,
    InteractionDraft,
)
from interactionlog.interactions.draft_context import context_of, require_known
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["begun_draft", "changed_draft", "refuse_privacy_blocked", "with_differing"]


def begun_draft(
    work: UnitOfWork, origin: DraftOrigin, *, locked: Iterable[str] = (), **defaults: Any
) -> InteractionDraft:
    """
    Return a draft with these values and what follows from them, none of it set by the user.

    Date is the work date, time is now, one second later and rounded up to the full minute.

    Raises:
        PrivacyBlockedError: The contact is blocked for privacy.

    Source: INT-010, INT-019.
    """
    clock = work.clock
    values = {
        "date": clock.work_date(),
        "time_of_interaction": next_full_minute(clock.local()),
        **defaults,
    }
    draft = InteractionDraft(origin=origin, locked_fields=frozenset(locked), **values)
    refuse_privacy_blocked(work, draft.contact_no)
    return _recomputed(work, draft, [name for name in values if values[name] is not None])


def changed_draft(
    work: UnitOfWork, draft: InteractionDraft, **values: Unpack[DraftValues]
) -> InteractionDraft:
    """
    Return the draft with values that the user set, and what follows from them.

    Raises:
        NotFoundError, FieldInvalidError, UsageError: A code, a value or a field is none.
    """
    unknown = set(values) - set(SETTABLE_FIELDS)
    if unknown:
        message = f"a draft has no field {', '.join(sorted(unknown))}"
        raise UsageError(message)
    given: dict[str, Any] = dict(values)
    if "contact_name" in given:
        found = work.contacts.find_by_name(given.pop("contact_name"))
        given["contact_no"] = found.no if found else None
    changed = attrs.evolve(draft, **given, user_set=draft.user_set | set(given))
    require_known(work, changed, given)
    names = [name for name in given if getattr(changed, name) != getattr(draft, name)]
    return _recomputed(work, changed, names)


def refuse_privacy_blocked(work: UnitOfWork, *contact_nos: str | None) -> None:
    """Raise `PrivacyBlockedError` for the first contact that must not be contacted. (§8.21)"""
    for contact_no in contact_nos:
        contact = work.contacts.find(contact_no) if contact_no else None
        if contact is not None and contact.privacy_blocked:
            raise PrivacyBlockedError(contact.no)


def with_differing(
    work: UnitOfWork, draft: InteractionDraft, found: Mapping[str, object], content_no: int | None
) -> InteractionDraft:
    """
    Return the draft with values of something else where they differ from the defaults.

    Its content comes along when its bytes are others than the template's.
    """
    differing = {name: value for name, value in found.items() if value != getattr(draft, name)}
    content, default = (
        work.attachments.find(no) if no else None for no in (content_no, draft.attachment_no)
    )
    if content is not None and (default is None or content.digest != default.digest):
        differing["attachment_no"] = content.no
    return changed_draft(work, draft, **differing)  # type: ignore[arg-type]


def _recomputed(work: UnitOfWork, draft: InteractionDraft, changed: list[str]) -> InteractionDraft:
    if not changed:
        return draft
    defaults = changed_defaults(draft, changed, context_of(work, draft))
    return attrs.evolve(draft, **defaults) if defaults else draft
