"""Who of a segment may not be written to: asked for many at once, and only where it matters."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from interactionlog.contacts.consent import CHANNELS, Consents, day_of_writing
from interactionlog.contacts.contact import Contact
from interactionlog.contacts.directory import ContactSummary
from interactionlog.segments.inheritance import Inheritance
from interactionlog.segments.logging.decision import ContactPressure
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.templates.template import InteractionTemplate
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CorrespondenceType

_CHUNK = 1_000


def purpose_of(segment: Segment, template: InteractionTemplate | None) -> str | None:
    """Return what lines are for: what the segment says, else their template."""
    return segment.purpose_code or (template.purpose_code if template is not None else None)


def unwilling(
    work: UnitOfWork, given: Inheritance, contacts: Mapping[str, ContactSummary | Contact]
) -> dict[str, str]:
    """Return who of up to 1,000 contacts is not added to a segment, with the finding."""
    code = purpose_of(given.segment, given.template)
    if code is None:
        return {}
    by_channel: defaultdict[str | None, list[str]] = defaultdict(list)
    for no, contact in contacts.items():
        kind = given.correspondence_type(contact.correspondence_type)
        by_channel[CHANNELS.get(kind) if kind is not None else None].append(no)
    found: dict[str, str] = {}
    for channel, nos in by_channel.items():
        mailed = {no: contacts[no].e_mail for no in nos if channel == "MAIL"}
        asked = {"on": day_of_writing(work, given.segment.date), "addresses": mailed}
        found |= Consents(work).refused(code, channel, nos, **asked)  # type: ignore[arg-type]
    return found


@attrs.frozen
class LineQuestions:
    """
    What is asked about lines whose purpose needs consent, or where contacts may be pressed.

    Attributes:
        work: The unit of work.
        segment: The segment.
        pressure: How often a contact may be written to; ``None`` asks nothing.
        batch_of: Logged segment of a run in batches, whose entries do not press.
    """

    work: UnitOfWork
    segment: Segment
    pressure: ContactPressure | None
    batch_of: int | None

    @property
    def in_tables(self) -> bool:
        """Whether consents lie beside the lines, and not with a host."""
        return getattr(self.work.consents, "in_tables", False)

    def asked(self, templates: Iterable[InteractionTemplate]) -> bool:
        """Say whether there is anything to ask about lines with these templates."""
        return self.pressure is not None or any(
            purpose_of(self.segment, template) is not None for template in (None, *templates)
        )

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
        known = [line for line in lines if line.contact_no in contacts]

        def purpose(line: SegmentLine) -> str | None:
            return purpose_of(self.segment, templates.get(line.interaction_template_code or ""))

        for (code, kind, date), some in _alike(known, purpose):
            if code is None:
                continue
            nos = [line.contact_no or "" for line in some]
            mailed = self._addresses(some, contacts) if kind is CorrespondenceType.EMAIL else {}
            channel = None if kind is None else CHANNELS[kind]
            asked = {"on": day_of_writing(self.work, date), "addresses": mailed}
            refused = Consents(self.work).refused(code, channel, nos, **asked)  # type: ignore[arg-type]
            for line in some:
                if finding := refused.get(line.contact_no or ""):
                    found[line.line_no] += (finding,)
        if self.pressure is not None:
            for (_, kind, date), some in _alike(known, lambda _: None):
                for line_no in self._pressed(some, kind, date, self.pressure):
                    found[line_no] += ("contacted-recently",)
        return found

    def _addresses(
        self, lines: Sequence[SegmentLine], contacts: Mapping[str, ContactSummary]
    ) -> dict[str, str]:
        found = {}
        for line in lines:
            no, code = line.contact_no or "", line.contact_alt_address_code
            other = self.work.contacts.address(no, code) if code is not None else None
            found[no] = other.e_mail if other is not None and other.e_mail else contacts[no].e_mail
        return found

    def _pressed(
        self,
        lines: Sequence[SegmentLine],
        kind: CorrespondenceType | None,
        date: dt.date | None,
        pressure: ContactPressure,
    ) -> list[int]:
        if date is None:
            return []
        nos = {line.contact_no or "" for line in lines}
        since = date - dt.timedelta(pressure.days - 1)
        counts = self.work.interactions.contacted(nos, kind, since, date, not_in=self.batch_of)
        most = pressure.most
        return [line.line_no for line in lines if counts.get(line.contact_no or "", 0) >= most]


def _alike(
    lines: Sequence[SegmentLine], purpose: Any
) -> Iterator[tuple[tuple[Any, Any, Any], Sequence[SegmentLine]]]:
    """Give up to 1,000 lines with one purpose, correspondence type and date at a time."""
    groups: defaultdict[tuple[Any, Any, Any], list[SegmentLine]] = defaultdict(list)
    for line in lines:
        groups[purpose(line), line.correspondence_type, line.date].append(line)
    for key, group in groups.items():
        for begin in range(0, len(group), _CHUNK):
            yield key, group[begin : begin + _CHUNK]
