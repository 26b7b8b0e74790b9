"""Finding what does not fit together in a store: what is broken, and what only looks odd."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial
from typing import Any, TypeVar

import attrs

from interactionlog.adapters.records import Counter as RecordCounter
from interactionlog.adapters.tables import KEPT_LINES, LEFT_OUT, TABLES, Rows, Table, readable
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.arguments import judged
from interactionlog.attachments.attachment import Attachment, sound_size
from interactionlog.campaigns.campaign import Campaign, CampaignEntry
from interactionlog.contacts.consent import Purpose, as_address, as_channel
from interactionlog.contacts.contact import (
    CODE_CONVERTERS,
    AlternativeAddress,
    Contact,
    Membership,
    ReferenceCode,
    Salesperson,
    User,
)
from interactionlog.delivery.delivery import Delivery
from interactionlog.errors import FieldInvalidError, StorageError, UsageError
from interactionlog.interactions.entry import CancelState, InteractionLogEntry
from interactionlog.numbering.reach import reaches_of, sharing
from interactionlog.numbering.series import (
    NoSeries,
    NoSeriesLine,
    NumberCounter,
    NumberRange,
)
from interactionlog.numbering.setup import SETUP_FIELDS
from interactionlog.segments.logging.logged_segments import LeftOutLine, LoggedSegment
from interactionlog.segments.segment import (
    CriteriaStep,
    SavedCriteria,
    SavedCriteriaStep,
    Segment,
    SegmentLine,
)
from interactionlog.templates.template import (
    InteractionGroup,
    InteractionTemplate,
    TemplateLanguage,
)
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import (
    LoggedSegmentState,
    MembershipKind,
    NumberingPolicy,
    ReferenceKind,
    refuse,
)

E = TypeVar("E")


@attrs.frozen
class Fault:
    """
    One finding about what is stored.

    Attributes:
        code: Stable name: ``damaged``, ``unreadable``, ``invalid``, ``orphan``, ``duplicate``,
            ``sum``, ``wrong-flag``, ``ledger``, ``counter``, ``open-run``, ``content-missing``,
            ``content-damaged``, ``content-unused``, ``unknown-code``, ``unused-codes`` or
            ``language-missing``.
        message: What does not fit together.
        broken: It should never happen; else it only looks odd.
    """

    code: str
    message: str
    broken: bool = True


_References = dict[str, dict[str, type[Any]]]
"""By table, the kinds of record that its fields name; parts of a longer key follow each other."""

_STEP = "segment_no logged_segment_entry_no"
_LINE = {
    "segment_no": Segment,
    "attachment_no": Attachment,
    f"{_STEP} added_by_step": CriteriaStep,
}
_ORPHANS: _References = {
    "segment_line": _LINE,
    "removed_line": _LINE | {f"{_STEP} removed_by_step": CriteriaStep},
    "left_out_line": {"logged_segment_entry_no": LoggedSegment, "attachment_no": Attachment},
    "segment_language": {
        "attachment_no": Attachment,
        "logged_segment_entry_no": LoggedSegment,
        "segment_no": Segment,
        "segment_no segment_line_no": SegmentLine,
        f"{_STEP} removed_by_step": CriteriaStep,
    },
    "criteria_step": {"logged_segment_entry_no": LoggedSegment, "segment_no": Segment},
    "log_comment": {"entry_no": InteractionLogEntry},
    "delivery": {"entry_no": InteractionLogEntry, "attachment_no": Attachment},
    "delivery_receipt": {"entry_no": Delivery},
    "log_entry": {
        "logged_segment_entry_no": LoggedSegment,
        "campaign_entry_no": CampaignEntry,
        "attachment_no": Attachment,
        "modified_word_template": Attachment,
    },
    "campaign_entry": {"campaign_no": Campaign, "register_no": LoggedSegment},
    "template_language": {
        "interaction_template_code": InteractionTemplate,
        "attachment_no": Attachment,
    },
    "contact": {"company_no": Contact},
    "contact_membership": {"contact_no": Contact},
    "contact_alternative_address": {"contact_no": Contact},
    "contact_alternative_address_period": {"contact_no": Contact},
    "no_series_line": {"series_code": NoSeries},
    "no_series_relation": {"code": NoSeries, "series_code": NoSeries},
    "saved_criteria_step": {"code": SavedCriteria},
}
"""What must be there."""

_ASSIGNED = {
    "salesperson_code": Salesperson,
    "interaction_template_code": InteractionTemplate,
    "interaction_group_code": InteractionGroup,
    "campaign_no": Campaign,
}
_CODES: _References = {
    **{each: {"salesperson_code": Salesperson} for each in ("contact", "user", "campaign")},
    "contact_alternative_address_period": {"contact_no code": AlternativeAddress},
    "interaction_template": {
        "interaction_group_code": InteractionGroup,
        "campaign_no": Campaign,
        "purpose_code": Purpose,
    },
    "template_setup": {"interaction_template_code": InteractionTemplate},
    "segment": _ASSIGNED | {"purpose_code": Purpose, "follow_up_of": LoggedSegment},
    "segment_line": _ASSIGNED
    | {"contact_no": Contact, "contact_no contact_alt_address_code": AlternativeAddress},
    "logged_segment": {"follow_up_of": LoggedSegment},
    "marketing_setup": {
        **dict.fromkeys(SETUP_FIELDS, NoSeries),
        "default_salesperson_code": Salesperson,
    },
    "consent": {"purpose_code": Purpose},
}
"""What should be there, and may have gone before what names it; an undo gives back lines."""

_WORDS = {table.name: table.words for table in (*TABLES.values(), *KEPT_LINES)}
_PARENTS = {
    name: [
        (names, names.split(), parent)
        for names, parent in (_ORPHANS.get(name, {}) | _CODES.get(name, {})).items()
    ]
    for name in _ORPHANS | _CODES
}

_MEMBERSHIPS = {
    kind: ReferenceKind.__members__.get(kind.name, ReferenceKind.QUESTIONNAIRE)
    for kind in MembershipKind
}
"""What describes the codes of each kind of membership; profile answers are of a questionnaire."""


@judged
def check_integrity(work: UnitOfWork) -> Iterator[Fault]:
    """
    Read everything once and give what does not fit together.

    An error of the driver about the connection, a lock, a limit or a right passes unchanged: it
    tells nothing of what is stored.

    Raises:
        UsageError: The store is none of those that ship.
    """
    yield from _Check(work).faults()


REPAIRED = ("content-unused", "counter")
"""Codes of what `repair_integrity` puts right: nothing is lost by it."""


@judged
def repair_integrity(work: UnitOfWork) -> Sequence[Fault]:
    """
    Put right what is safe, in a unit of work that writes, and return what that was.

    Contents that no attachment has are deleted, counters of entries are raised above what is
    stored. Everything else is left: only who knows what happened can say what is right.

    Raises:
        UsageError: The store is none of those that ship.
    """
    check = _Check(work)
    found = [fault for fault in check.faults() if fault.code in REPAIRED]
    for digest in work.attachments.without_attachment():
        work.attachments.remove_content(digest)
    for counter, _, highest in check.behind():
        counter.keep_above(highest)
    return found


class _Check:
    """One check of one store, in which every record is read once and every parent's key before."""

    def __init__(self, work: UnitOfWork) -> None:
        if not isinstance(work, StoreUnitOfWork):
            raise UsageError("the integrity of the stores that ship is checked only")
        self._work = work
        self._kept: dict[type[Any], set[object]] = {}
        self._logged: dict[int, LoggedSegment] = {}
        self._moved: dict[str, int] = {}  # the last line that a run in batches moved into the log
        self._campaign_entries: dict[int, CampaignEntry] = {}
        self._flags: list[str] = []
        self._highest: Counter[type[Any]] = Counter()
        self._used: defaultdict[ReferenceKind, set[str]] = defaultdict(set)
        # by table: how many records name in a field a record that is not there
        self._missing: defaultdict[str, Counter[tuple[str, tuple[Any, ...]]]] = defaultdict(Counter)
        # by logged segment: how many entries have each line, and how many a number out of bounds
        self._lines: defaultdict[int, Counter[int | None]] = defaultdict(Counter)
        self._outside: Counter[int] = Counter()
        self._astray: Counter[int] = Counter()
        self._left_out: Counter[int] = Counter()
        self._steps: defaultdict[str, list[int]] = defaultdict(list)  # by whose they are
        # a host that brings a directory keeps those records itself
        directories = {
            **dict.fromkeys((Contact, AlternativeAddress), work.contacts),
            Salesperson: work.salespeople,
            User: work.users,
        }
        self._elsewhere = {kind for kind, its in directories.items() if not hasattr(its, "put")}

    def faults(self) -> Iterator[Fault]:
        """Give what does not fit together."""
        try:
            yield from map(partial(Fault, "damaged"), self._work.damage())
            self._logged = {each.entry_no: each for each in self._scan(LoggedSegment)}
            self._moved = {
                each.segment_no: each.last_line_no or 0
                for each in self._logged.values()
                if each.state is LoggedSegmentState.RUNNING
            }
            self._campaign_entries = {each.entry_no: each for each in self._scan(CampaignEntry)}
            for each in self._campaign_entries.values():
                self._compare(each, CancelState.LOGGED_SEGMENT, each.register_no)
            yield from self._records()
            yield from self._references(_ORPHANS, "orphan", broken=True)
            yield from self._counters()
            yield from self._ledger()
            yield from map(partial(Fault, "wrong-flag"), self._flags)
            yield from self._gaps_of_steps()
            yield from self._contents()
            yield from self._logged_segments()
            yield from self._references(_CODES, "unknown-code", broken=False)
            yield from self._membership_codes()
            yield from self._default_languages()
        except Exception as error:  # whatever the driver says
            if self._tells_nothing(error):
                raise
            yield Fault("damaged", f"the database cannot be read further: {error}")

    def _scan(self, entity: type[E]) -> Iterator[E]:
        """Give the records that can be read."""
        found = self._read(TABLES[entity])
        return (record for record in found if not isinstance(record, Exception))

    def _tells_nothing(self, error: Exception) -> bool:
        """Say whether an error comes of the caller, the connection, a lock, a limit or a right."""
        return isinstance(error, UsageError) or self._work.is_operational(error)

    def _read(self, table: Table[E]) -> Iterator[E | Exception]:
        """Give the records, or the error of one that cannot be read; a driver's error ends it."""
        records = self._work.parts(table) if table.entity is Rows else self._work.scan(table.entity)
        while True:
            try:
                yield next(records)
            except StopIteration:
                return
            except StorageError as error:
                yield error
            except Exception as error:  # pages that the driver cannot read
                if self._tells_nothing(error):
                    raise
                yield error
                return

    def _records(self) -> Iterator[Fault]:
        """Give records that cannot be read, and those that no call would have stored."""
        for table in (*TABLES.values(), *KEPT_LINES):
            for record in self._read(table) if table.entity not in self._elsewhere else ():
                if isinstance(record, Exception):
                    yield Fault("unreadable", f"{table.words}: {record}")
                    continue
                self._follow(table, record)
                try:
                    _judge(table, record)
                except (FieldInvalidError, AttributeError, TypeError) as error:
                    key = readable(table.key_of(record))
                    yield Fault("invalid", f"{table.words} {key} holds what it refuses: {error}")

    def _follow(self, table: Table[Any], record: Any) -> None:
        """Note what a record says about others."""
        entity, key = table.entity, table.key_of(record)
        if table.numbered:
            self._highest[entity] = max(self._highest[entity], key[0])
        if entity is InteractionLogEntry:
            self._take(record)
        elif entity is Membership:
            self._used[_MEMBERSHIPS[record.kind]].add(record.code)
        elif entity in {CriteriaStep, SavedCriteriaStep}:
            self._steps[f"{table.words}s of {_named(key[:-1])}"].append(record.step_no)
        elif table is LEFT_OUT:
            self._left_out[record.logged_segment_entry_no] += 1
        logged = getattr(record, "logged_segment_entry_no", None) is not None
        for names, (*first, last), parent in _PARENTS.get(table.name, ()):
            named = getattr(record, last)
            # what a logged segment keeps no longer needs the segment, a removed line its place, and
            # what belongs to a line that a run in batches moved waits for the end of the run
            kept = logged and names.startswith("segment_no")
            if parent is SegmentLine:
                moved = named <= self._moved.get(record.segment_no, 0)
                kept = kept or record.removed_by_step or moved
            if not named or parent in self._elsewhere or kept:
                continue
            whole = (*(getattr(record, name, None) for name in first), named)
            if not self._exists(parent, whole):
                self._missing[table.name][names, whole] += 1

    def behind(self) -> Iterator[tuple[RecordCounter, str, int]]:
        """Give counters of entries that are behind what is stored, with the highest number."""
        for entity, table in TABLES.items():
            if table.numbered:
                records: Any = self._work.records(entity)
                highest = self._highest[entity]
                if records.counter.last() < highest:
                    yield records.counter, table.words, highest

    def _counters(self) -> Iterator[Fault]:
        """Give counters of entries that would hand out a number that is stored."""
        for counter, words, highest in self.behind():
            message = f"the numbers of {words} are at {counter.last()}, {highest} is stored"
            yield Fault("counter", f"{message}: repair it")

    def _ledger(self) -> Iterator[Fault]:
        """Give counters that were put back or lost, and what the ledger has twice or not."""
        kept = {series.code for series in self._scan(NoSeries) if series.ledger}
        lines, stored = list(self._scan(NoSeriesLine)), list(self._scan(NumberCounter))
        begin = {
            (line.series_code, line.line_no): line.first_value
            for line in lines
            if line.policy is NumberingPolicy.GAPLESS and line.series_code in kept
        }
        last: dict[tuple[Any, ...], int] = {}
        due: dict[tuple[Any, ...], int] = {}

        def name(key: tuple[Any, ...]) -> str:
            period = f", period {key[2]}" if key[2] else ""
            return f"series {key[0]}, line {key[1]}{period}"

        def missing(key: tuple[Any, ...], until: int) -> Iterator[Fault]:
            first = due.get(key, begin.get(key[:2], 0))
            if key[:2] in begin and first <= until:
                message = f"lacks the counters {first} to {until}: drawn without it, or lost"
                yield Fault("ledger", f"ledger of {name(key)} {message}", broken=False)

        for each in sorted(
            self._scan(NumberRange),
            key=lambda r: (r.series_code, r.line_no, r.period_key or "", r.first_value),
        ):
            key = (each.series_code, each.line_no, each.period_key)
            if each.first_value <= last.get(key, each.first_value - 1):
                message = f"has the counter {each.first_value} twice"
                yield Fault("ledger", f"ledger of {name(key)} {message}")
            else:
                yield from missing(key, each.first_value - each.step)
            last[key] = max(each.last_value, last.get(key, each.last_value))
            due[key] = last[key] + each.step
        counters = {
            (each.series_code, each.line_no, each.period_key): each.last_value for each in stored
        }
        known = {(line.series_code, line.line_no) for line in lines}
        for key in {**counters, **last}:
            if key[:2] not in known:
                yield Fault("orphan", f"numbers of {name(key)}, which does not exist")
            at = counters.get(key)
            if key in last and (at is None or at < last[key]):
                stands = "has no counter" if at is None else f"is at {at}"
                message = f"{name(key)} {stands}, the ledger has {last[key]} as drawn: put it ahead"
                yield Fault("ledger", message)
            elif at is not None:
                yield from missing(key, at)
        yield from map(partial(Fault, "ledger", broken=False), _shared_numbers(lines, stored))

    def _exists(self, entity: type[Any], key: tuple[Any, ...]) -> bool:
        if entity in {InteractionLogEntry, SegmentLine}:  # there may be millions
            try:
                return self._work.records(entity).find(*key) is not None
            except StorageError:  # it is there, and said to be unreadable
                return True
        if entity not in self._kept:
            self._kept[entity] = set(map(TABLES[entity].key_of, self._scan(entity)))
        return key in self._kept[entity]

    def _references(self, fields: _References, code: str, *, broken: bool) -> Iterator[Fault]:
        """Give the records that name one that is not there, counted by what they name."""
        for name, parents in fields.items():
            for (names, key), many in self._missing[name].items():
                if names in parents:
                    which = f"{_WORDS[name]}: {many} with {names.split()[-1]} {key[-1]}"
                    parent = f"{TABLES[parents[names]].words} {_named(key)}"
                    message = f"{which}, but {parent} does not exist"
                    yield Fault(code, message, broken=broken)

    def _gaps_of_steps(self) -> Iterator[Fault]:
        """Give the steps of a segment, or saved ones, whose numbers do not follow each other."""
        for whose, numbers in self._steps.items():
            if sorted(numbers) != list(range(1, len(numbers) + 1)):
                are = ", ".join(map(str, sorted(numbers)))
                yield Fault("sum", f"{whose} should be 1 to {len(numbers)}, are {are}")

    def _contents(self) -> Iterator[Fault]:
        """Give attachments whose bytes are not there, or are not those that were stored."""
        sizes: dict[str, int | None] = {}  # by digest: attachments share contents
        for each in self._scan(Attachment):
            if not self._work.attachments.has_content(each.digest):
                yield Fault("content-missing", f"attachment {each.no} has no content")
                continue
            if each.digest not in sizes:
                sizes[each.digest] = sound_size(self._work, each.digest)
            if sizes[each.digest] != each.size:
                message = f"attachment {each.no} has other bytes than were stored"
                yield Fault("content-damaged", f"{message}: restore its content from a backup")
        for digest in sorted(self._work.attachments.without_attachment()):
            yield Fault("content-unused", f"content {digest} belongs to no attachment: repair it")

    def _logged_segments(self) -> Iterator[Fault]:
        """Give logged segments that are not what their entries and lines say, or still run."""
        for logged in self._logged.values():
            record = f"logged segment {logged.entry_no} of segment {logged.segment_no}"
            if logged.state is LoggedSegmentState.RUNNING:
                again = "run it again to go on" if logged.batch_size else "it was not completed"
                message = f"{record} is still running: {again}"
                yield Fault("open-run", message, broken=logged.batch_size is None)
                continue
            yield from self._sums(logged, record)
            done = logged.state is LoggedSegmentState.COMPLETE
            if done and self._work.segments.find(logged.segment_no) is not None:
                yield Fault("duplicate", f"{record} is open as well")

    def _take(self, entry: InteractionLogEntry) -> None:
        self._compare(entry, CancelState.CAMPAIGN_ENTRY, entry.campaign_entry_no)
        logged = self._logged.get(entry.logged_segment_entry_no or 0)
        if logged is None or entry.resend_of is None:
            self._compare(entry, CancelState.LOGGED_SEGMENT, entry.logged_segment_entry_no)
        if logged is not None and entry.resend_of is None:
            self._lines[logged.entry_no][entry.segment_line_no] += 1
            first, last = logged.first_entry_no, logged.last_entry_no or 0
            within = first is not None and first <= entry.entry_no <= last
            self._outside[logged.entry_no] += not within
            named = (entry.segment_no, entry.segment_line_no is not None)
            self._astray[logged.entry_no] += named != (logged.segment_no, True)

    def _compare(self, of: Any, reason: CancelState, owner_no: int | None) -> None:
        """Find whether a record is canceled by what it belongs to exactly if that is canceled."""
        owners: Any = (
            self._logged if reason is CancelState.LOGGED_SEGMENT else self._campaign_entries
        )
        owner = owners.get(owner_no)
        if owner is None and owner_no is not None:
            return  # that it does not exist is another finding
        below = owner is not None and bool(owner.cancel_state & CancelState.OWN)
        if bool(of.cancel_state & reason) is not below:
            here, there = ("", " not") if below else (" not", "")
            name = f"{TABLES[type(of)].words} {of.entry_no} is{there} canceled by its"
            which = f"{reason.name or ''} {owner_no}".replace("_", " ").lower()
            self._flags.append(f"{name} {which}, which is{here} canceled or undone")

    def _sums(self, logged: LoggedSegment, record: str) -> Iterator[Fault]:
        lines, outside = self._lines[logged.entry_no], self._outside[logged.entry_no]
        expected = logged.counts.get("log", 0) - logged.counts.get("deleted", 0)
        if lines.total() != expected:
            yield Fault("sum", f"{record} should have {expected} entries, has {lines.total()}")
        for line_no, many in lines.items():
            if many > 1:
                yield Fault("duplicate", f"{record} has {many} entries of line {line_no}")
        if outside:
            bounds = f"{logged.first_entry_no} to {logged.last_entry_no}"
            yield Fault("sum", f"{record} has {outside} entries that are not from {bounds}")
        if astray := self._astray[logged.entry_no]:
            yield Fault("sum", f"{record} has {astray} entries that do not name a line of it")
        left_out = self._left_out[logged.entry_no]
        expected = logged.counts.get("leave-out", 0)
        if left_out != expected:
            yield Fault("sum", f"{record} should keep {expected} left-out lines, keeps {left_out}")

    def _membership_codes(self) -> Iterator[Fault]:
        """Give codes of memberships that are not described, and those that nobody has."""
        used, known = self._used, defaultdict[ReferenceKind, set[str]](set)
        for reference in self._scan(ReferenceCode):
            known[reference.kind].add(reference.code)
        for kind in _MEMBERSHIPS.values():
            words = f"codes of kind {kind.name.lower().replace('_', ' ')}"
            for code, text, codes in (
                ("unknown-code", "are used and not known", used[kind] - known[kind]),
                ("unused-codes", "are not used", known[kind] - used[kind]),
            ):
                if codes:
                    yield Fault(code, f"{words} {text}: {', '.join(sorted(codes))}", broken=False)

    def _default_languages(self) -> Iterator[Fault]:
        """Give templates whose default language they do not offer. (INT-028)"""
        offered = {
            (row.interaction_template_code, row.language_code)
            for row in self._scan(TemplateLanguage)
        }
        for each in self._scan(InteractionTemplate):
            language = each.language_code_default
            if language is not None and (each.code, language) not in offered:
                message = f"template {each.code} has default language {language} without a row"
                yield Fault("language-missing", message, broken=False)


def _named(key: Iterable[Any]) -> str:
    return readable([part for part in key if part is not None])


@cache
def _codes_of(entity: type[Any]) -> Sequence[tuple[Any, Callable[[Any], Any]]]:
    """Return the fields that are looked up by a code, each with what gives it its one form."""
    fields = attrs.fields(entity)
    forms = {*CODE_CONVERTERS, as_address, as_channel}
    return [(each, each.converter) for each in fields if each.converter in forms]


def _judge(table: Table[Any], record: Any) -> None:
    """Refuse what no call would have stored."""
    entity: Any = table.like or table.entity
    whole = record
    if table.like:
        names = (field.name for field in attrs.fields(SegmentLine))
        whole = SegmentLine(**{name: getattr(record, name) for name in names})
        if table is LEFT_OUT:
            LeftOutLine(line=whole, reasons=tuple(record.reasons))
    else:
        attrs.validate(record)
    for field, form in _codes_of(entity):
        if form(value := getattr(record, field.name)) != value:
            refuse(whole, field, value, f"is looked up as {form(value)}")


def _shared_numbers(
    lines: Iterable[NoSeriesLine], counters: Iterable[NumberCounter]
) -> Iterator[str]:
    """Say which lines of a series share numbers; lines that are not valid are another finding."""
    of_series = defaultdict[str, tuple[list[NoSeriesLine], list[NumberCounter]]](lambda: ([], []))
    for line in lines:
        with suppress(FieldInvalidError, AttributeError, TypeError):
            attrs.validate(line)
            of_series[line.series_code][0].append(line)
    for counter in counters:
        with suppress(FieldInvalidError, AttributeError, TypeError):
            attrs.validate(counter)
            of_series[counter.series_code][1].append(counter)
    for code, kept in of_series.items():
        for one, two, number in sharing(reaches_of(*kept)):
            both = f"line {one.line.line_no} and line {two.line.line_no}"
            yield f"series {code}: {number} can come from {both}, or came: end one before the other"
