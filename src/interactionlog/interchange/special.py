"""Rows that are no records: fields of setups, lines of number series, segments and their steps."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contacts.contact import Membership
from interactionlog.contacts.contact_filter import ContactFilter
from interactionlog.errors import FieldInvalidError, NotFoundError, NumberSeriesError
from interactionlog.interchange.cells import as_name, field_type, filter_values, reader_of
from interactionlog.interchange.rows import Row
from interactionlog.interchange.targets import PARENTS, Target
from interactionlog.numbering.series import NoSeries
from interactionlog.numbering.setup import NumberSeriesSetup, with_numbers
from interactionlog.segments.segment import Segment
from interactionlog.segments.selection.contact_selection import ContactSelection
from interactionlog.segments.service import SegmentService
from interactionlog.templates.template import MarketingSetup, TemplateSetup
from interactionlog.values import CriteriaAction, NumberingPolicy, as_code


@attrs.frozen(kw_only=True)
class SetupField:
    """A row of one of the setups: a field, by its caption; its value stays text."""

    setup_field: str
    value: str = ""


@attrs.frozen(kw_only=True)
class SeriesLine:
    """A row of the number series: a line, with the series that it belongs to; the rest is text."""

    code: str
    default_nos: bool = True
    manual_nos: bool = False
    date_order: bool = False
    line_no: int | None = None
    starting_date: date | None = None
    increment_by_no: int = 1
    allow_gaps_in_nos: bool = False
    description: str = ""
    starting_no: str = ""
    ending_no: str = ""
    warning_no: str = ""
    last_no_used: str = ""


@attrs.frozen(kw_only=True)
class SegmentStep:
    """A row of the segment criteria: one step; its filters are text such as ``A|B``."""

    action: CriteriaAction
    segment_no: str
    allow_existing_contacts: bool = False
    expand_contact: bool = False
    allow_company_with_persons: bool = False
    ignore_exclusion: bool = False
    entire_companies: bool = False
    contact_no: str = ""
    salesperson_code: str = ""
    company_no: str = ""
    territory_code: str = ""
    country_region_code: str = ""
    business_relation_code: str = ""
    mailing_group_code: str = ""
    industry_group_code: str = ""
    job_responsibility_code: str = ""
    profile_questionnaire_code: str = ""
    profile_questionnaire_line_filter: str = ""


@attrs.frozen(kw_only=True)
class SegmentContact:
    """A row of the lines of a segment: a contact that is added to it."""

    segment_no: str
    contact_no: str


ENTITIES: dict[str, type[Any]] = {
    "number_series": SeriesLine,
    "marketing_setup": SetupField,
    "template_setup": SetupField,
    "segment": Segment,
    "segment_criteria": SegmentStep,
    "segment_line": SegmentContact,
}
"""What a row of each target is, for the types of its fields."""

FILTERS = {
    "contact_no": "nos",
    "salesperson_code": "salesperson_codes",
    "company_no": "company_nos",
    "territory_code": "territory_codes",
    "country_region_code": "country_codes",
    "business_relation_code": "business_relation_codes",
    "mailing_group_code": "mailing_group_codes",
    "industry_group_code": "industry_group_codes",
    "job_responsibility_code": "job_responsibility_codes",
}
"""Condition of a `ContactFilter` by field of a step."""

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
_POLICY = {False: NumberingPolicy.GAPLESS, True: NumberingPolicy.GAPS_ALLOWED}


class SpecialRows:
    """
    Writers of such rows, each by the name of its target.

    They return what became of the row, a field of `TableCounts`.
    """

    def __init__(self, work: StoreUnitOfWork) -> None:
        self._work = work
        self._created: set[str] = set()
        self._series: dict[str, dict[str, Any]] = {}

    def marketing_setup(self, to: Target, row: Row) -> str:
        field, text = as_name(row.given["setup_field"]), row.given.get("value", "")
        if field not in attrs.fields_dict(MarketingSetup):
            to.notice(row, "unknown-setup-field", "is not known and was left out", "setup_field")
            return "left_out"
        before = self._work.marketing_setup.find()
        try:
            value = reader_of(field_type(MarketingSetup, field))(text) if text else None
        except ValueError as error:
            raise FieldInvalidError("MarketingSetup", "value", repr(text), str(error)) from error
        after = attrs.evolve(before or MarketingSetup(), **{field: value})
        if after == before:
            return "unchanged"
        self._work.marketing_setup.put(after)
        return _outcome(getattr(before, field, None), value)

    def template_setup(self, to: Target, row: Row) -> str:
        purpose, code = as_name(row.given["setup_field"]), row.given.get("value", "")
        if code and self._work.templates.find(code) is None:
            to.refuse(row, f"interaction template {as_code(code)} does not exist", "value")
            return "left_out"
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

    def number_series(self, _: Target, row: Row) -> str:
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

    def segment(self, to: Target, row: Row) -> str:
        if not to.with_parents([row], PARENTS[Segment]):
            return "left_out"
        given = {**row.given, "no": as_code(row.given["no"])}
        no, wanted = given["no"], Segment(**given)
        logged = self._work.logged_segments.current(no)
        stored = self._work.segments.find(no)
        if stored is not None:
            for name in given:
                if getattr(stored, name) != getattr(wanted, name):
                    reason = f"segment {no} is here already with another value and was left alone"
                    to.notice(row, "segment-differs", reason, name)
        elif logged is not None:
            reason = f"segment {no} was logged already, as logged segment {logged.entry_no}"
            to.notice(row, "segment-logged", f"{reason}: not created again", "no")
        else:
            SegmentService(self._work).create(**given)
            self._created.add(no)
            return "created"
        return "unchanged"

    def segment_criteria(self, to: Target, row: Row) -> str:
        given, no = row.given, as_code(row.given["segment_no"])
        try:
            conditions = _conditions(row, to.rows.more(row))
        except ValueError as error:
            reason = f"this step of segment {no} was left out whole: {error}"
            if no in self._created:
                self._work.segments.set(no, incomplete=True)
                reason += "; the segment is incomplete and is logged only when that is confirmed"
            to.notice(row, "step-left-out", reason)
            return "left_out"
        if no not in self._created:
            if not (self._work.segments.find(no) or self._work.logged_segments.current(no)):
                raise NotFoundError("segment", no)
            return "unchanged"
        take = getattr(ContactSelection(self._work, no), given["action"].name.lower())
        names = _OPTIONS["add" if given["action"] is CriteriaAction.ADD else "reduce, refine"]
        options = {option: given.get(field, False) for option, field in names.items()}
        take(ContactFilter(**conditions), **options)
        return "created"

    def segment_line(self, _: Target, row: Row) -> str:
        no, contact_no = as_code(row.given["segment_no"]), row.given["contact_no"]
        if self._work.segments.contacts_present(no, [contact_no]):
            return "unchanged"
        SegmentService(self._work).add_line(no, contact_no)
        return "created"


def _outcome(before: object, after: object) -> str:
    return "created" if before is None else "unchanged" if before == after else "changed"


def _conditions(row: Row, more: dict[str, str]) -> dict[str, Any]:
    """Return the conditions of a step, or raise `ValueError` when not all of it can be read."""
    if more:
        raise ValueError(f"a filter on {', '.join(more)} cannot be applied")
    filters = {field: filter_values(text) for field in _FILTERED if (text := row.given.get(field))}
    conditions: dict[str, Any] = {
        FILTERS[field]: values for field, values in filters.items() if field in FILTERS
    }
    lines = filters.get("profile_questionnaire_line_filter", [])
    if "profile_questionnaire_code" in filters:
        numbers = [reader_of(field_type(Membership, "line_no"))(line) for line in lines]
        codes = filters["profile_questionnaire_code"]
        conditions["profile_answers"] = dict.fromkeys(codes, numbers)
    elif lines:
        raise ValueError("a filter on answers needs a questionnaire")
    if not conditions:
        raise ValueError("it has no filter that is read here, which would mean everybody")
    return conditions
