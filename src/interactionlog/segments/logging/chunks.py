"""Deciding about the lines of a segment, a chunk at a time; plan and run use the same code."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeVar

import attrs

from interactionlog.campaigns.campaign import CampaignEntry
from interactionlog.contacts.contact import Salesperson
from interactionlog.contacts.directory import ContactSummary
from interactionlog.errors import Problem
from interactionlog.interactions.rules import FINDINGS, problem_of
from interactionlog.segments.logging.decision import LineFacts, LoggingPolicy, Treatment, findings
from interactionlog.segments.logging.logged_segments import LeftOutLine, LoggedSegment
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import CorrespondenceType


class CampaignGrouping:
    """
    Collects the campaign entries of one logging; there are as many as campaigns.

    An entry carries the earliest date of its lines and that line's salesperson. What earlier
    batches of the same logging stored is continued.

    Source: SEG-105 with D-23: the logged segment belongs to the key, so that they are always new.
    """

    def __init__(self, work: UnitOfWork, logged: LoggedSegment) -> None:
        self._work = work
        self._logged = logged
        self._stored = {
            entry.campaign_no: entry
            for entry in work.campaign_entries.of_logged_segment(logged.entry_no)
        }
        self._entries = dict(self._stored)
        self.entry_nos: dict[str | None, int] = {
            campaign_no: entry.entry_no for campaign_no, entry in self._stored.items()
        }

    def take(self, lines: Sequence[SegmentLine]) -> None:
        """Count in lines that are logged; their campaigns have an entry number afterwards."""
        for line in lines:
            campaign_no = line.campaign_no
            if campaign_no is None:
                continue
            known = self._entries.get(campaign_no)
            if known is None:
                self.entry_nos[campaign_no] = self._work.campaign_entries.reserve_entry_no()
                self._entries[campaign_no] = CampaignEntry(
                    entry_no=self.entry_nos[campaign_no],
                    campaign_no=campaign_no,
                    description=self._logged.description,
                    date=line.date,
                    user_id=self._work.user_id,
                    segment_no=self._logged.segment_no,
                    salesperson_code=line.salesperson_code,
                    register_no=self._logged.entry_no,
                )
            elif known.date is None or (line.date is not None and line.date < known.date):
                self._entries[campaign_no] = attrs.evolve(
                    known, date=line.date, salesperson_code=line.salesperson_code
                )

    def write(self) -> None:
        """Store what is new or was changed."""
        for campaign_no, entry in self._entries.items():
            if campaign_no not in self._stored:
                self._work.campaign_entries.add(entry)
            elif entry != self._stored[campaign_no]:
                values = {"date": entry.date, "salesperson_code": entry.salesperson_code}
                self._work.campaign_entries.set(entry.entry_no, **values)


CHUNK = 1_000
KEPT = 1_000
"""Lines with problems, or not plainly logged, of which details are kept."""

LineFindings = Sequence[tuple[int, str, tuple[str, ...]]]
"""Line number, decision and findings of lines that are not plainly logged."""

T = TypeVar("T")


@attrs.define
class Tally:
    """
    What was decided about all lines so far; a line that is plainly logged costs nothing here.

    Attributes:
        counts: Lines by decision (``log``, ``leave-out``, ``refuse``) and by finding.
        problems: The first problems that refuse the logging.
        findings: Of the first lines that are not plainly logged: line, decision and findings.
    """

    counts: Counter[str] = attrs.field(factory=Counter)
    problem_counts: Counter[str] = attrs.field(factory=Counter)
    problems: list[Problem] = attrs.field(factory=list)
    findings: list[tuple[int, str, tuple[str, ...]]] = attrs.field(factory=list)
    _digest: hashlib.blake2b = attrs.field(factory=lambda: hashlib.blake2b(digest_size=16))

    def record(self, line_no: int, decision: str, found: tuple[str, ...]) -> None:
        """Count a line that is not plainly logged."""
        self.counts[decision] += 1
        self.counts.update(found)
        self._digest.update(f"{line_no}:{decision}:{','.join(found)}\n".encode())
        if len(self.findings) < KEPT:
            self.findings.append((line_no, decision, found))

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Keep problems that refuse the logging."""
        self.problem_counts.update(problem.code for problem in problems)
        self.problems += problems[: KEPT - len(self.problems)]

    @property
    def digest(self) -> str:
        """Digest over the lines that are not plainly logged."""
        return self._digest.hexdigest()


@attrs.frozen
class DecidedChunk:
    """
    Consecutive lines and what was decided about them.

    Attributes:
        lines: All of them, by line number.
        logged: Those that are logged.
        left_out: Those that are left out, with the reasons.
        refused: Problems of lines that refuse the logging, by line number.
        warned: Findings of lines that are logged all the same, by line number.
        contacts: Contacts of the lines.
    """

    lines: Sequence[SegmentLine]
    logged: Sequence[SegmentLine]
    left_out: Sequence[LeftOutLine]
    refused: Mapping[int, Sequence[Problem]]
    warned: Mapping[int, tuple[str, ...]]
    contacts: Mapping[str, ContactSummary]


class LineDecider:
    """
    Reads the lines of a segment in chunks, looks up what they name and decides.

    Templates, salespeople and campaigns are looked up once, contacts once a chunk; there is never a
    query for one line.

    Args:
        policy: How findings are treated.
        deliver: The content is to be delivered.
        batch_of: Logged segment of a run in batches, whose earlier lines are gone from the segment;
            ``None`` for one transaction. Contacts that became blocked meanwhile are left out.
    """

    def __init__(
        self,
        work: UnitOfWork,
        segment: Segment,
        policy: LoggingPolicy,
        *,
        deliver: bool,
        batch_of: int | None = None,
    ) -> None:
        self._work = work
        self._segment = segment
        if batch_of is not None:
            policy = attrs.evolve(policy, privacy_blocked=Treatment.LEAVE_OUT)
        self._treatments: dict[str, Treatment] = {
            code: getattr(policy, finding.group)
            for code, finding in FINDINGS.items()
            if finding.group
        }
        self._deliver = deliver
        self._batch_of = batch_of
        self._checks = work.hooks.line_checks
        self._templates: dict[str, object] = {}
        self._campaigns: dict[str, object] = {}
        self._salespeople: dict[str, Salesperson] = {}
        self._asked: set[tuple[str, str]] = set()
        self._repeats: bool | None = None

    def chunks(
        self, tally: Tally, *, after: int = 0, most: int | None = None
    ) -> Iterator[DecidedChunk]:
        """
        Decide chunk after chunk; the caller writes one before asking for the next.

        Args:
            tally: Counts what is decided.
            after: Begin after this line number.
            most: End after so many lines; ``None`` means all.
        """
        left = most
        while left is None or left > 0:
            limit = CHUNK if left is None else min(CHUNK, left)
            lines = self._work.segments.lines_after(self._segment.no, after, limit=limit)
            if not lines:
                return
            after = lines[-1].line_no
            left = None if left is None else left - len(lines)
            yield self._decided(lines, tally)

    def _decided(self, lines: Sequence[SegmentLine], tally: Tally) -> DecidedChunk:
        facts = self._facts(lines)
        logged: list[SegmentLine] = []
        left_out: list[LeftOutLine] = []
        refused: dict[int, list[Problem]] = {}
        warned: dict[int, tuple[str, ...]] = {}
        plain = 0
        for line in lines:
            found = findings(line, facts)
            objections = self._objections(line, facts) if self._checks else None
            if not found and not objections:
                plain += 1
                logged.append(line)
                continue
            decision = self._decision(found) if not objections else Treatment.REFUSE
            codes = found + tuple(problem.code for problem in objections or ())
            tally.record(line.line_no, decision.value, codes)
            if decision is Treatment.LOG:
                logged.append(line)
                warned[line.line_no] = codes
            elif decision is Treatment.LEAVE_OUT:
                left_out.append(LeftOutLine(line=line, reasons=self._led_to(decision, found)))
            else:
                problems = [
                    problem_of(code, line, record=line.contact_no, line_no=line.line_no)
                    for code in self._led_to(Treatment.REFUSE, found)
                ]
                refused[line.line_no] = problems + list(objections or ())
                tally.refuse(refused[line.line_no])
        tally.counts["log"] += plain
        return DecidedChunk(lines, logged, left_out, refused, warned, facts.contacts)

    def _objections(self, line: SegmentLine, facts: LineFacts) -> list[Problem]:
        contact = facts.contacts.get(line.contact_no or "")
        if contact is None:
            return []
        return [
            attrs.evolve(problem, line_no=line.line_no)
            for check in self._checks
            for problem in check.check_line(self._work, line, contact)
        ]

    def _decision(self, found: Sequence[str]) -> Treatment:
        # a line that is left out for one reason is not refused for another
        led_to = {self._treatments[code] for code in found}
        worst = (Treatment.LEAVE_OUT, Treatment.REFUSE)
        return next((treatment for treatment in worst if treatment in led_to), Treatment.LOG)

    def _led_to(self, treatment: Treatment, found: Sequence[str]) -> tuple[str, ...]:
        return tuple(code for code in found if self._treatments[code] is treatment)

    def _facts(self, lines: Sequence[SegmentLine]) -> LineFacts:
        work = self._work
        contact_nos = {line.contact_no for line in lines if line.contact_no is not None}
        salespeople = work.salespeople.find
        self._look_up("salesperson_code", lines, salespeople, self._salespeople)
        self._look_up("interaction_template_code", lines, work.templates.find, self._templates)
        self._look_up("campaign_no", lines, work.campaigns.find, self._campaigns)
        contacts = work.contacts.summaries(contact_nos)
        return LineFacts(
            contacts=contacts,
            repeated=self._repeated(lines, contact_nos),
            templates=self._templates,
            campaigns=self._campaigns,
            salespeople=self._salespeople,
            e_mails=self._alternative_e_mails(lines, contacts),
            deliver=self._deliver,
        )

    def _repeated(self, lines: Sequence[SegmentLine], contact_nos: Collection[str]) -> set[int]:
        if self._batch_of is None:
            if self._repeats is None:  # once: most segments have none, and asking by line is dear
                self._repeats = self._work.segments.has_repeated_lines(self._segment.no)
            if not self._repeats:
                return set()
        repeated = self._work.segments.repeated_lines(self._segment.no, lines)
        if self._batch_of is not None:
            # earlier lines of the same contact may have been moved out of the segment already
            logged = self._work.interactions.of_logged_segment_with(self._batch_of, contact_nos)
            earlier = self._work.logged_segments.left_out_contacts(self._batch_of, contact_nos)
            earlier |= {entry.contact_no for entry in logged if entry.contact_no is not None}
            repeated |= {line.line_no for line in lines if line.contact_no in earlier}
        return repeated

    def _look_up(
        self,
        field: str,
        lines: Sequence[SegmentLine],
        find: Callable[[str], T | None],
        found: dict[str, T],
    ) -> None:
        for code in {getattr(line, field) for line in lines} - {None}:
            if (field, code) not in self._asked:
                self._asked.add((field, code))
                record = find(code)
                if record is not None:
                    found[code] = record

    def _alternative_e_mails(
        self, lines: Sequence[SegmentLine], contacts: Mapping[str, ContactSummary]
    ) -> dict[tuple[str, str], str]:
        # only for mails to contacts without their own address: a rare case
        e_mails: dict[tuple[str, str], str] = {}
        for line in lines:
            contact_no, code = line.contact_no, line.contact_alt_address_code
            if (
                code is not None
                and contact_no is not None
                and contact_no in contacts
                and line.correspondence_type is CorrespondenceType.EMAIL
                and not contacts[contact_no].e_mail
            ):
                address = self._work.contacts.address(contact_no, code)
                if address is not None and address.e_mail:
                    e_mails[contact_no, code] = address.e_mail
        return e_mails
