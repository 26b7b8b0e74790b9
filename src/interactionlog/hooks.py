"""
The three kinds of hooks, which run inside the unit of work.

*Checks* add problems, in plan and run alike and without effects; *resolvers* replace one decision;
*observers* see what was written, inside the transaction. What answers for a source of contacts that
only the host knows is a resolver too. A hook is an object with one or more of the methods below; it
is given to the store once. What should happen after the commit belongs to the unit of work's events
instead.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import attrs

from interactionlog._names import defined
from interactionlog.errors import Problem, UsageError
from interactionlog.values import shown

if TYPE_CHECKING:
    from interactionlog.contacts.contact import Contact
    from interactionlog.contacts.contact_filter import Conditions
    from interactionlog.contacts.directory import ContactSummary
    from interactionlog.interactions.draft import InteractionDraft
    from interactionlog.interactions.entry import InteractionLogEntry
    from interactionlog.segments.segment import SegmentLine
    from interactionlog.templates.template import InteractionTemplate
    from interactionlog.unit_of_work import UnitOfWork
    from interactionlog.values import CorrespondenceType, DocumentType


@runtime_checkable
class DraftCheck(Protocol):
    """Adds problems to those of a draft."""

    def check_draft(self, work: UnitOfWork, draft: InteractionDraft) -> Iterable[Problem]:
        """Return what speaks against finishing the draft; ``()`` when all is well."""


@runtime_checkable
class LineCheck(Protocol):
    """Adds problems to those of a segment line: they refuse the logging, or leave the line out."""

    def check_line(
        self, work: UnitOfWork, line: SegmentLine, contact: ContactSummary
    ) -> Iterable[Problem]:
        """Return what speaks against logging the line; ``()`` when all is well."""


@runtime_checkable
class LanguageResolver(Protocol):
    """Chooses the language of an interaction in place of INT-028."""

    def resolve_language(
        self, work: UnitOfWork, template: InteractionTemplate, contact: Contact | None
    ) -> str | None:
        """Return the code of the language."""


@runtime_checkable
class CorrespondenceTypeResolver(Protocol):
    """Chooses the correspondence type of an interaction in place of INT-029."""

    def resolve_correspondence_type(
        self, work: UnitOfWork, template: InteractionTemplate, contact: Contact | None
    ) -> CorrespondenceType | None:
        """Return the type; ``None`` delivers nothing."""


@runtime_checkable
class DocumentTemplateResolver(Protocol):
    """Chooses the template that a document is logged with in place of INT-075."""

    def resolve_document_template(
        self, work: UnitOfWork, document_type: DocumentType, contact: Contact | None
    ) -> str | None:
        """Return the code of the template; ``None`` logs nothing."""


@runtime_checkable
class LogObserver(Protocol):
    """Sees entries that were written."""

    def interactions_logged(self, work: UnitOfWork, entries: Sequence[InteractionLogEntry]) -> None:
        """Act on new entries; of a segment they come in chunks of up to 1,000, in line order."""


@runtime_checkable
class ContactSource(Protocol):
    """
    Finds contacts by conditions on a source that only the host knows, such as posted documents.

    Attributes:
        source: Name of the source, as in ``ContactFilter(elsewhere={"posted_documents": …})``.
    """

    source: str

    def contacts_with(self, work: UnitOfWork, conditions: Conditions) -> Iterable[str]:
        """Return the numbers of the contacts with a record that satisfies all conditions."""


def _is_called(method: Any) -> bool:
    return callable(method) and not inspect.iscoroutinefunction(method)


_RESOLVERS = (LanguageResolver, CorrespondenceTypeResolver, DocumentTemplateResolver)
_KINDS: tuple[type[Any], ...] = (DraftCheck, LineCheck, *_RESOLVERS, LogObserver, ContactSource)
"""Kinds of hooks in the order of the fields of `Hooks`."""


@attrs.frozen(init=False)
class Hooks:
    """
    Hooks by kind, each in the order in which they were given; of resolvers the last one counts.

    Raises:
        UsageError: An object has none of the methods.
    """

    draft_checks: tuple[DraftCheck, ...]
    line_checks: tuple[LineCheck, ...]
    language: LanguageResolver | None
    correspondence_type: CorrespondenceTypeResolver | None
    document_template: DocumentTemplateResolver | None
    observers: tuple[LogObserver, ...]
    contact_sources: tuple[ContactSource, ...]

    def __init__(self, hooks: Sequence[object] = ()) -> None:
        for hook in hooks:
            if isinstance(hook, type):
                raise UsageError(f"{hook.__name__} is a class: give an object, {hook.__name__}()")
            if not isinstance(hook, _KINDS):
                names = (name for kind in _KINDS for name in vars(kind) if name[0] != "_")
                known = ", ".join(names)
                raise UsageError(f"{shown(hook)} is not a hook: it has none of the methods {known}")
            asked = (name for kind in _KINDS if isinstance(hook, kind) for name in vars(kind))
            for name in (each for each in asked if each[0] != "_"):
                if not _is_called(getattr(hook, name)):
                    reason = f"must be a method, and not an async one: {shown(hook)}"
                    raise UsageError(f"{name} of a hook {reason}")
        given: list[Any] = []
        for kind in _KINDS:
            found = tuple(hook for hook in hooks if isinstance(hook, kind))
            given.append((found or (None,))[-1] if kind in _RESOLVERS else found)
        self.__attrs_init__(*given)


__all__ = list(defined(vars()))
