"""Rows that are more than a record: setup fields, number series, segments and their steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contacts.contact import Membership
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import FieldInvalidError, NotFoundError, NumberSeriesError
from interactionlog.interchange.report import Finding
from interactionlog.interchange.rows import Row
from interactionlog.interchange.tables import (
    FILTERS,
    SegmentStep,
    SeriesLine,
    SetupField,
    as_name,
    field_reader,
    filter_values,
)
from interactionlog.numbering.line_rules import with_numbers
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.setup import NumberSeriesSetup
from interactionlog.segments.segment import Segment
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.templates.setup import MarketingSetup, TemplateSetup
from interactionlog.values import CriteriaAction, NumberingPolicy, as_code

_SERIES = ("code", "description", "default_nos", "manual_nos", "date_order")
_LINE_NUMBERS = ("starting_no", "ending_no", "warning_no", "last_no_used")
_FILTERED = (*FILTERS, "profile_questionnaire_code", "profile_questionnaire_line_filter")
_OPTIONS = {
    "add": {
        "allow_existing": "allow_existing_contacts",
        "ignore_exclusion": "ignore_exclusion",
        "persons_of_matched_companies": "expand_contact",
        "colleagues_of_matched_persons": "expand_contact",
        "related_companies": "allow_company_with_persons",
    },
    "reduce, refine": {"entire_companies": "entire_companies"},
}
_UNKNOWN = "is not known and was left out"
_POLICY = {False: NumberingPolicy.GAPLESS, True: NumberingPolicy.GAPS_ALLOWED}


class SpecialRows:
    """
    Writers of such rows; each returns what became of the row, a field of `TableCounts`.

    Args:
        work: The unit of work.
        notice: Called with what is left out.
    """

    def __init__(self, work: StoreUnitOfWork, notice: Callable[[Finding], object]) -> None:
        self._work = work
        self._notice = notice
        self._created: set[str] = set()
        self._series: dict[str, dict[str, Any]] = {}

    def writer(self, entity: type[Any]) -> Callable[[Row], str] | None:
        """Return what writes rows of a kind; ``None`` for plain records."""
        return {
            SetupField: self._setup_field,
            SeriesLine: self._series_line,
            Segment: self._segment,
            SegmentStep: self._step,
        }.get(entity)

    def _left_out(self, row: Row, code: str, reason: str, field: str | None = None) -> str:
        self._notice(row.finding(code, reason, field))
        return "left_out"

    def _setup_field(self, row: Row) -> str:
        field, text = as_name(row.given["setup_field"]), row.given.get("value", "")
        if row.table.name == "interaction_template_setup":
            return self._template_of_purpose(field, text)
        if field not in attrs.fields_dict(MarketingSetup):
            return self._left_out(row, "unknown-setup-field", _UNKNOWN, "setup_field")
        before = self._work.marketing_setup.find()
        try:
            value = field_reader(MarketingSetup, field)(text) if text else None
        except ValueError as error:
            raise FieldInvalidError("MarketingSetup", "value", repr(text), str(error)) from error
        after = attrs.evolve(before or MarketingSetup(), **{field: value})
        if after == before:
            return "unchanged"
        self._work.marketing_setup.put(after)
        return _outcome(getattr(before, field, None), value)

    def _template_of_purpose(self, purpose: str, code: str) -> str:
        setups, after = self._work.template_setup, None
        before = setups.find(purpose)
        if code:
            after = TemplateSetup(purpose=purpose, interaction_template_code=code)
        if after == before:
            return "unchanged"
        if after is None:
            setups.remove(purpose)
        else:
            setups.put(after)
        return _outcome(before, after)

    def _series_line(self, row: Row) -> str:
        given, numbers = row.given, self._work.numbers
        fields = {name: given[name] for name in _SERIES if name in given}
        after = NoSeries(**fields)
        if self._series.setdefault(after.code, fields) != fields:
            reason = "an earlier line of the file says something else about the series"
            raise NumberSeriesError(after.code, reason)
        before = numbers.series.find(after.code)
        if before is not None:
            after = attrs.evolve(before, **{**fields, "code": after.code})
        if after != before:
            numbers.series.put(after)
        outcome = _outcome(before, after)
        if given.get("line_no") is None:
            return outcome
        of_line = self._line_of_series(after.code, given)
        return of_line if outcome == "unchanged" else outcome

    def _line_of_series(self, code: str, given: dict[str, Any]) -> str:
        line_no, setup = given["line_no"], NumberSeriesSetup(self._work)
        starting, *others = (given.get(name, "") for name in _LINE_NUMBERS)
        ending, warning, last_no = (number or None for number in others)
        values: dict[str, Any] = {
            "starting_date": given.get("starting_date"),
            "step": given.get("increment_by_no", 1),
            "policy": _POLICY[given.get("allow_gaps_in_nos", False)],
        }
        numbers: dict[str, Any] = {"ending_no": ending, "warning_no": warning}
        stored = self._work.numbers.lines.find(code, line_no)
        if stored is None:
            numbers["last_no_used"] = last_no
            setup.add_line(code, starting, line_no=line_no, **numbers, **values)
            return "created"
        line, last = with_numbers(
            attrs.evolve(stored, **values), starting, ending, warning, last_no
        )
        used = self._work.numbers.counters.get(code, line_no, None).last_value
        if last is not None and (used is None or last > used):
            values["last_no_used"] = last_no  # never back: numbers were drawn since
        elif line == stored:
            return "unchanged"
        setup.change_line(code, line_no, starting_no=starting, **numbers, **values)
        return "changed"

    def _segment(self, row: Row) -> str:
        given = {**row.given, "no": as_code(row.given["no"])}
        no, wanted = given["no"], Segment(**given)
        logged = self._work.logged_segments.current(no)
        stored = self._work.segments.find(no)
        if stored is not None:
            for name in given:
                if getattr(stored, name) != getattr(wanted, name):
                    reason = f"segment {no} is here already with another value and was left alone"
                    self._notice(row.finding("segment-differs", reason, name))
        elif logged is not None:
            reason = f"segment {no} was logged already, as logged segment {logged.entry_no}"
            self._notice(row.finding("segment-logged", f"{reason}: not created again", "no"))
        else:
            SegmentService(self._work).create(**given)
            self._created.add(no)
            return "created"
        return "unchanged"

    def _step(self, row: Row) -> str:
        given, no = row.given, as_code(row.given["segment_no"])
        try:
            conditions = _conditions(row)
        except ValueError as error:
            reason = f"this step of segment {no} was left out whole: {error}"
            return self._left_out(row, "step-left-out", reason)
        if no not in self._created:
            if not (self._work.segments.find(no) or self._work.logged_segments.current(no)):
                raise NotFoundError("segment", no)
            return "unchanged"
        take = getattr(ContactSelection(self._work, no), given["action"].name.lower())
        names = _OPTIONS["add" if given["action"] is CriteriaAction.ADD else "reduce, refine"]
        options = {option: given.get(field, False) for option, field in names.items()}
        take(ContactFilter(**conditions), **options)
        return "created"


def _outcome(before: object, after: object) -> str:
    return "created" if before is None else "unchanged" if before == after else "changed"


def _conditions(row: Row) -> dict[str, Any]:
    """Return the conditions of a step, or raise `ValueError` when not all of it can be read."""
    if row.more:
        raise ValueError(f"a filter on {', '.join(row.more)} cannot be applied")
    filters = {field: filter_values(text) for field in _FILTERED if (text := row.given.get(field))}
    conditions: dict[str, Any] = {
        FILTERS[field]: values for field, values in filters.items() if field in FILTERS
    }
    lines = filters.get("profile_questionnaire_line_filter", [])
    if "profile_questionnaire_code" in filters:
        numbers = [field_reader(Membership, "line_no")(line) for line in lines]
        codes = filters["profile_questionnaire_code"]
        conditions["profile_answers"] = dict.fromkeys(codes, numbers)
    elif lines:
        raise ValueError("a filter on answers needs a questionnaire")
    if not conditions:
        raise ValueError("it has no filter that is read here, which would mean everybody")
    return conditions
