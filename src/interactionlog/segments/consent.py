"""Who of a segment may not be written to: asked for many at once, and only where it matters."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from interactionlog.contacts.consent import Purpose, unwilling
from interactionlog.contacts.contact import Contact
from interactionlog.contacts.directory import ContactSummary
from interactionlog.segments.inheritance import Inheritance
from interactionlog.segments.logging.decision import ContactPressure
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.templates.template import InteractionTemplate
from interactionlog.unit_of_work import UnitOfWork, by_thousands
from interactionlog.values import CorrespondenceType


def purpose_of(segment: Segment, template: InteractionTemplate | None) -> str | None:
    """Return what lines are for: what the segment says, else their template."""
    return segment.purpose_code or (template.purpose_code if template is not None else None)


def mailed_at(
    work: UnitOfWork,
    contacts: Mapping[str, ContactSummary | Contact],
    codes: Mapping[str, str | None],
) -> dict[str, str]:
    """Return where a mail to each contact goes: its alternative address if that has one."""
    found = {}
    for no, contact in contacts.items():
        code = codes.get(no)
        other = work.contacts.address(no, code) if code is not None else None
        found[no] = (other.e_mail if other is not None else "") or contact.e_mail
    return found


def not_added(
    work: UnitOfWork,
    given: Inheritance | None,
    contacts: Mapping[str, ContactSummary | Contact],
    *,
    ignore_exclusion: bool,
) -> dict[str, str]:
    """Return who of up to 1,000 contacts is not added to a segment, with the finding."""
    found: dict[str, str] = {}
    code = purpose_of(given.segment, given.template) if given is not None else None
    if given is not None and code is not None:
        by_kind: defaultdict[CorrespondenceType | None, dict[str, Any]] = defaultdict(dict)
        for no, contact in contacts.items():
            by_kind[given.correspondence_type(contact.correspondence_type)][no] = contact
        for kind, some in by_kind.items():
            day, mailed = given.segment.date, dict[str, str]()
            if kind is CorrespondenceType.EMAIL:
                in_use = work.contacts.active_addresses([*some], day) if day else {}
                mailed = mailed_at(work, some, in_use)
            found |= unwilling(work, code, kind, day, [*some], mailed)
    for no, contact in contacts.items():
        if contact.privacy_blocked:
            found[no] = "privacy-blocked"
        elif contact.exclude_from_segment and not ignore_exclusion:
            found[no] = "excluded"
    return found


@attrs.frozen
class LineQuestions:
    """
    What is asked about lines whose purpose needs consent, or where contacts may be pressed.

    Where ``pressure`` is ``None`` nothing is asked about that; entries of the logged segment
    ``batch_of``, a run in batches, do not press.
    """

    work: UnitOfWork
    segment: Segment
    pressure: ContactPressure | None
    batch_of: int | None

    def asked(self, templates: Iterable[InteractionTemplate]) -> bool:
        """
        Say whether there is anything to ask about lines with these templates.

        Raises:
            NotFoundError: A purpose is gone: nobody would be asked whether he agrees.
        """
        named = {purpose_of(self.segment, template) for template in (None, *templates)} - {None}
        for code in named:
            self.work.records(Purpose).get(code)
        return self.pressure is not None or bool(named)

    def found(
        self,
        lines: Sequence[SegmentLine],
        contacts: Mapping[str, ContactSummary],
        templates: Mapping[str, InteractionTemplate],
    ) -> dict[int, tuple[str, ...]]:
        """Return the findings of lines whose contacts are given, by line number."""
        found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
        if not self.asked(templates.values()):
            return found
        alike: defaultdict[tuple[Any, ...], list[SegmentLine]] = defaultdict(list)
        for line in lines:
            if line.contact_no in contacts:
                template = templates.get(line.interaction_template_code or "")
                purpose = purpose_of(self.segment, template)
                kind = line.correspondence_type
                # a contact on two lines may be written to at two addresses
                code = line.contact_alt_address_code if kind is CorrespondenceType.EMAIL else None
                alike[purpose, kind, line.date, code].append(line)
        pressure, log = self.pressure, self.work.interactions
        for (purpose, kind, date, code), group in alike.items():
            for some in by_thousands(group):
                nos = [line.contact_no or "" for line in some]
                refused: Mapping[str, str] = {}
                counts: Mapping[str, int] = {}
                if purpose is not None:
                    mailed: Mapping[str, str] = {}
                    if kind is CorrespondenceType.EMAIL:
                        asked = {no: contacts[no] for no in nos}
                        mailed = mailed_at(self.work, asked, dict.fromkeys(asked, code))
                    refused = unwilling(self.work, purpose, kind, date, nos, mailed)
                if pressure is not None and date is not None:
                    days = min(pressure.days, date.toordinal())  # no further than dates go
                    since = date - dt.timedelta(days - 1)
                    counts = log.contacted({*nos}, kind, since, date, not_in=self.batch_of)
                for line, no in zip(some, nos, strict=True):
                    if no in refused:
                        found[line.line_no] += (refused[no],)
                    if pressure is not None and counts.get(no, 0) >= pressure.most:
                        found[line.line_no] += ("contacted-recently",)
        return found
