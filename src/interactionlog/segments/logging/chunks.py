"""Deciding about the lines of a segment, part by part; plan and run use the same code."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import attrs

from interactionlog.contacts.contact import Salesperson
from interactionlog.contacts.directory import ContactSummary
from interactionlog.delivery.content import ContentError, require_mergeable
from interactionlog.errors import (
    CheckFailedError,
    FieldInvalidError,
    NotFoundError,
    Problem,
    SegmentEmptyError,
    StorageError,
)
from interactionlog.interactions.repository import LineRange
from interactionlog.interactions.rules import FINDINGS, objections, problem_of
from interactionlog.segments.consent import LineQuestions
from interactionlog.segments.inheritance import Inheritance
from interactionlog.segments.logging.decision import (
    LineFacts,
    LineKind,
    LoggingPolicy,
    Treatment,
    findings,
    kinds_of,
)
from interactionlog.segments.logging.logged_segments import LeftOutLine
from interactionlog.segments.segment import Segment, SegmentLine
from interactionlog.segments.selection.steps import set_based
from interactionlog.templates.template import InteractionTemplate
from interactionlog.unit_of_work import UnitOfWork, by_thousands
from interactionlog.values import NUMBER_LIMIT, CorrespondenceType

CHUNK = 1_000
"""Lines that are read at a time."""
PART = 10_000
"""Lines that are copied at a time where they need not be read."""
KEPT = 1_000
"""Lines with problems, or not plainly logged, of which details are kept."""

LineFindings = Sequence[tuple[int, str, tuple[str, ...]]]
"""Line number, decision and findings of lines that are not plainly logged."""

_Part = tuple[LineRange, int, Sequence[SegmentLine], Sequence[LineKind], Mapping[int, int]]
"""Consecutive lines, how many they are, those to be looked at, kinds and masks of all."""


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

    def require_loggable(self, segment_no: str) -> None:
        """
        Raise what the decisions about all lines come to, unless something can be logged.

        Raises:
            SegmentEmptyError: No line has a contact, or all lines are left out.
            CheckFailedError: Lines are refused.
        """
        counts = self.counts
        if not counts["log"] and counts["leave-out"] + counts["refuse"] == counts["no-contact"]:
            raise SegmentEmptyError(segment_no, 0)
        self.raise_problems(segment_no)
        if not counts["log"]:
            raise SegmentEmptyError(segment_no, counts["leave-out"])

    def raise_problems(self, segment_no: str) -> None:
        """Raise `CheckFailedError` when lines are refused."""
        if self.problem_counts:
            counts = dict(self.problem_counts)
            raise CheckFailedError(f"segment {segment_no}", tuple(self.problems), counts)

    @property
    def digest(self) -> str:
        """Digest over the lines that are not plainly logged."""
        return self._digest.hexdigest()


@attrs.frozen
class DecidedLines:
    """
    Consecutive lines and what was decided about them.

    Attributes:
        lines: Which ones.
        read: Those that were looked at one by one; the others are logged, without findings.
        logged: How many are logged.
        left_out: Those that are left out, with the reasons.
        decided: Decision and its reasons of lines with findings, by line number.
        contacts: Contacts of the lines that were looked at.
        kinds: Kinds of all lines.
        personal_fields: Masks of those that were not looked at, by line number.
    """

    lines: LineRange
    read: Sequence[SegmentLine]
    logged: int
    left_out: Sequence[LeftOutLine]
    decided: Mapping[int, tuple[Treatment, tuple[str, ...]]]
    contacts: Mapping[str, ContactSummary]
    kinds: Sequence[LineKind]
    personal_fields: Mapping[int, int]

    def of_read(self, *, logged: bool) -> list[SegmentLine]:
        """Return the lines that were looked at and are logged, or are left out or refused."""
        gone = {no for no, (what, _) in self.decided.items() if what is not Treatment.LOG}
        return [line for line in self.read if (line.line_no not in gone) is logged]


class LinesToCopy(NamedTuple):
    """
    Lines that the store copies into the log.

    Attributes:
        lines: Which ones.
        kinds: Their kinds, in the order of their first lines.
        attachments: The attachments that they have.
        personal_fields: The mask of each that has one other than 0, by line number.
        read: The lines themselves, where every line is read.
    """

    lines: LineRange
    kinds: Sequence[LineKind]
    attachments: Collection[int]
    personal_fields: Mapping[int, int]
    read: Sequence[SegmentLine]


class LineDecider:
    """
    Decides about the lines of a segment, part by part.

    The database finds the lines that have findings, as `FINDINGS` says, and only these are read and
    decided about. Every line is read, a chunk at a time, where a check wants to see it or contacts
    do not lie beside the lines. What lines name is looked up once; there is never a query for one
    line.

    Args:
        batch_of: Logged segment of a run in batches, whose earlier lines are gone from the segment;
            ``None`` for one transaction. Contacts that became blocked meanwhile are left out.
        repeats: Contacts may be on several lines; ``None`` has the store find out.
        every: Read every line.
        given: What lines inherit, where they are to be copied; ``None`` only decides.
    """

    def __init__(
        self,
        work: UnitOfWork,
        segment: Segment,
        policy: LoggingPolicy,
        *,
        deliver: bool,
        batch_of: int | None = None,
        repeats: bool | None = None,
        every: bool = False,
        given: Inheritance | None = None,
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
        self._given = given
        self._checks = work.hooks.line_checks
        self._searching = None if every or self._checks else set_based(work)
        self._templates: dict[str, InteractionTemplate] = {}
        self._campaigns: dict[str, object] = {}
        self._salespeople: dict[str, Salesperson] = {}
        self._asked: set[tuple[str, str | None]] = set()
        self._repeats = repeats
        self._questions = LineQuestions(work, segment, policy.pressure, batch_of)
        self._contents: dict[int, bool] = {}  # whether each can be merged, where it is delivered

    def parts(
        self, tally: Tally, *, after: int = 0, most: int | None = None
    ) -> Iterator[DecidedLines]:
        """
        Decide part after part; the caller writes one before asking for the next.

        From the line after number ``after``, about ``most`` lines or all.
        """
        read, limit = (self._read, CHUNK) if self._searching is None else (self._search, PART)
        left = most
        while left is None or left > 0:
            wanted = limit if left is None else min(limit, left)
            part = read(after, wanted)
            lines, count = part[:2]
            if count:
                yield self._decided(part, tally)
            if count < wanted:
                return
            after = lines.through
            left = None if left is None else left - count

    def _read(self, after: int, most: int) -> _Part:
        no = self._segment.no
        lines = self._work.segments.lines_after(no, after, limit=most)
        through = lines[-1].line_no if lines else after
        kinds = kinds_of(lines)
        self._look_up_codes(kinds)
        if self._deliver:
            self._try_contents({line.attachment_no for line in lines})
        return LineRange(no, after, through), len(lines), lines, kinds, {}

    def _search(self, after: int, most: int) -> _Part:
        at_once, no = self._searching, self._segment.no
        assert at_once is not None  # noqa: S101  # that is why it is called
        kinds = at_once.kinds_of_lines(LineRange(no, after, NUMBER_LIMIT), most)
        count = sum(kind.lines for kind in kinds)
        part = LineRange(no, after, max((kind.last for kind in kinds), default=after))
        if not count:
            return part, 0, [], [], {}
        self._look_up_codes(kinds)
        if self._deliver and any(kind.attachments for kind in kinds):
            self._try_contents(at_once.attachments_of_lines(part))
        facts = self._facts([], {}, set())
        asked = (part, facts, self._may_repeat(), self._batch_of)
        masks: Mapping[int, int] = {}
        if self._given is None:
            lines = at_once.lines_with_findings(*asked)
        else:
            lines, masks = at_once.lines_to_copy(*asked)
        if self._questions.asked(self._templates.values()):
            found = {line.line_no: line for line in (*lines, *self._lines_asked(part))}
            lines = [found[line_no] for line_no in sorted(found)]
        return part, count, lines, kinds, masks

    def _lines_asked(self, part: LineRange) -> Iterator[SegmentLine]:
        """Give lines that have a finding which is asked for; all where only the host knows."""
        beside_lines = getattr(self._work.consents, "in_tables", False)  # and not with a host
        if self._searching is not None and beside_lines:
            yield from self._searching.lines_asked(part, self._questions)
            return
        after = part.after
        while after < part.through:
            lines = self._work.segments.lines_after(part.segment_no, after, limit=CHUNK)
            yield from (line for line in lines if line.line_no <= part.through)
            after = lines[-1].line_no

    def to_copy(self, part: DecidedLines, logged_segment_entry_no: int) -> LinesToCopy:
        """Say what the store is told to copy of a part whose left-out lines are stored."""
        lines, at_once = part.lines, self._searching
        if part.left_out:
            lines = lines._replace(left_out_of=logged_segment_entry_no)
        if at_once is not None:
            kinds = at_once.kinds_of_lines(lines, part.logged) if part.left_out else part.kinds
            attached = any(kind.attachments for kind in kinds)
            attachments = at_once.attachments_of_lines(lines) if attached else set()
            return LinesToCopy(lines, kinds, attachments, part.personal_fields, ())
        given, logged, contacts = self._given, part.of_read(logged=True), part.contacts
        assert given is not None  # noqa: S101  # who copies has given it
        masks = {
            line.line_no: mask
            for line in logged
            if (mask := given.personal_fields(line, contacts[line.contact_no or ""]))
        }
        kinds = part.kinds if len(logged) == len(part.read) else kinds_of(logged)
        attached_nos = {line.attachment_no for line in logged if line.attachment_no is not None}
        return LinesToCopy(lines, kinds, attached_nos, masks, logged)

    def _decided(self, part: _Part, tally: Tally) -> DecidedLines:
        within, count, lines, kinds, masks = part
        contact_nos = {line.contact_no for line in lines if line.contact_no is not None}
        contacts: dict[str, ContactSummary] = {}
        for nos in by_thousands(sorted(contact_nos)) if contact_nos else ():
            contacts.update(self._work.contacts.summaries(nos))
        facts = self._facts(lines, contacts, self._repeated(lines, contact_nos))
        if asked := self._questions.found(lines, contacts, self._templates):
            facts = attrs.evolve(facts, asked=asked)
        left_out: list[LeftOutLine] = []
        decided: dict[int, tuple[Treatment, tuple[str, ...]]] = {}
        for line in lines:
            found = findings(line, facts)
            objections = self._objections(line, facts) if self._checks else ()
            if not found and not objections:
                continue
            decision = self._decision(found, objections)
            codes = _each_once(found, objections)
            tally.record(line.line_no, decision.value, codes)
            if decision is Treatment.LEAVE_OUT:
                leaving = [each for each in objections if each.leave_out]
                codes = _each_once(self._led_to(decision, found), leaving)
                left_out.append(LeftOutLine(line=line, reasons=codes))
            elif decision is Treatment.REFUSE:
                problems = [
                    problem_of(code, line, record=line.contact_no, line_no=line.line_no)
                    for code in self._led_to(decision, found)
                ]
                problems += objections
                tally.refuse(problems)
                codes = _each_once(self._led_to(decision, found), objections)
            decided[line.line_no] = decision, codes
        tally.counts["log"] += count - len(decided)
        gone = sum(decision is not Treatment.LOG for decision, _ in decided.values())
        logged = count - gone
        return DecidedLines(within, lines, logged, left_out, decided, contacts, kinds, masks)

    def _objections(self, line: SegmentLine, facts: LineFacts) -> list[Problem]:
        contact = facts.contacts.get(line.contact_no or "")
        if contact is None:
            return []
        return [
            attrs.evolve(problem, line_no=line.line_no)
            for check in self._checks
            if (found := check.check_line(self._work, line, contact)) != ()  # mostly it is
            for problem in objections(check, found)
        ]

    def _decision(self, found: Sequence[str], objections: Sequence[Problem]) -> Treatment:
        # a line that is left out for one reason is not refused for another
        led_to = {self._treatments[code] for code in found}
        led_to |= {(Treatment.REFUSE, Treatment.LEAVE_OUT)[each.leave_out] for each in objections}
        worst = (Treatment.LEAVE_OUT, Treatment.REFUSE)
        return next((treatment for treatment in worst if treatment in led_to), Treatment.LOG)

    def _led_to(self, treatment: Treatment, found: Sequence[str]) -> tuple[str, ...]:
        return tuple(code for code in found if self._treatments[code] is treatment)

    def _facts(
        self,
        lines: Sequence[SegmentLine],
        contacts: Mapping[str, ContactSummary],
        repeated: Collection[int],
    ) -> LineFacts:
        return LineFacts(
            contacts=contacts,
            repeated=repeated,
            templates=self._templates,
            campaigns=self._campaigns,
            salespeople=self._salespeople,
            e_mails=self._alternative_e_mails(lines, contacts),
            deliver=self._deliver,
            unmergeable={no for no, mergeable in self._contents.items() if not mergeable},
        )

    def _look_up_codes(self, kinds: Sequence[LineKind]) -> None:
        """Look up what the lines name, each code once."""
        work = self._work
        directories: Sequence[tuple[str, Callable[[str], Any], dict[str, Any]]] = (
            ("salesperson_code", work.salespeople.find, self._salespeople),
            ("interaction_template_code", work.templates.find, self._templates),
            ("campaign_no", work.campaigns.find, self._campaigns),
        )
        for field, find, found in directories:
            codes = {(field, getattr(kind, field)) for kind in kinds} - self._asked
            self._asked |= codes
            for _, code in codes:
                # a host has what is no code: nobody is known by it
                with suppress(FieldInvalidError):
                    if code is not None and (record := find(code)) is not None:
                        found[code] = record

    def _try_contents(self, attachment_nos: Collection[int | None]) -> None:
        """Find out which contents cannot be merged, each once; only what is delivered is."""
        for no in attachment_nos:
            if no is not None and no not in self._contents:
                try:
                    require_mergeable(self._work, no)
                    self._contents[no] = True
                except (ContentError, NotFoundError, StorageError):
                    self._contents[no] = False

    def _may_repeat(self) -> bool:
        if self._repeats is None:  # once: most segments have none, and asking by line is dear
            self._repeats = self._work.segments.has_repeated_lines(self._segment.no)
        return self._repeats

    def _repeated(self, lines: Sequence[SegmentLine], contact_nos: Collection[str]) -> set[int]:
        if not lines or not self._may_repeat():
            return set()
        repeated = self._work.segments.repeated_lines(self._segment.no, lines)
        if self._batch_of is not None:
            # earlier lines of the same contact may have been moved out of the segment already
            earlier: set[str | None] = set()
            for some in by_thousands(sorted(contact_nos)):
                logged = self._work.interactions.of_logged_segment_with(self._batch_of, some)
                earlier |= self._work.logged_segments.left_out_contacts(self._batch_of, some)
                earlier |= {entry.contact_no for entry in logged}
            repeated |= {line.line_no for line in lines if line.contact_no in earlier - {None}}
        return repeated

    def _alternative_e_mails(
        self, lines: Sequence[SegmentLine], contacts: Mapping[str, ContactSummary]
    ) -> dict[tuple[str, str], str]:
        # only for mails to contacts without their own address: a rare case
        e_mails: dict[tuple[str, str], str] = {}
        for line in lines:
            no, code = line.contact_no or "", line.contact_alt_address_code
            is_mail = line.correspondence_type is CorrespondenceType.EMAIL
            if is_mail and code is not None and no in contacts and not contacts[no].e_mail:
                address = self._work.contacts.address(no, code)
                if address is not None and address.e_mail:
                    e_mails[no, code] = address.e_mail
        return e_mails


def _each_once(found: Iterable[str], objections: Iterable[Problem]) -> tuple[str, ...]:
    """Return the codes of findings and objections of one line, which is counted once under each."""
    return tuple(dict.fromkeys([*found, *(each.code for each in objections)]))
