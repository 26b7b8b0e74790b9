"""The pages of the admin on which interactions and segments live."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

import attrs
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.http import HttpRequest
from django.urls import reverse

import interactionlog as il
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contrib.django._page import (
    AGAIN,
    PAGE,
    FormPage,
    Page,
    address,
    asks,
    names_of,
    needs,
    number_of,
)
from interactionlog.contrib.django.models import caption_of, words
from interactionlog.contrib.django.unit_of_work import work
from interactionlog.interactions.repository import Figures
from interactionlog.interactions.rules import FINDINGS
from interactionlog.segments.segment import changing


def reasons(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return findings as captions, with how often each occurs."""
    found = [(code, count) for code, count in counts.items() if code in FINDINGS]
    return [(code.replace("-", " ").capitalize(), count) for code, count in found]


def told(codes: Iterable[str], line: il.SegmentLine) -> str:
    """Return what the findings say about a line."""
    return ", ".join(FINDINGS[code].words.format(of=line) for code in codes)


def _captions(fields: Iterable[str]) -> str:
    return ", ".join(caption_of(name).lower() for name in fields)


class NewInteraction(FormPage):
    """Create an interaction with a contact: choose a template, then finish or postpone."""

    template, verb = "interaction", "log_interaction"
    names = """
        description date time_of_interaction salesperson_code campaign_no information_flow
        initiated_by correspondence_type evaluation cost_lcy duration_min interaction_successful
        comment
    """

    def record(self, unit: StoreUnitOfWork) -> il.InteractionDraft:
        asked = {**self.request.GET.dict(), **self.data.dict()}
        template = asked.get("template") or None
        draft = il.InteractionService(unit).start(self.key)
        if template is None:
            return draft
        return il.InteractionService(unit).change(draft, interaction_template_code=template)

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        draft = self.record(unit)
        return super().show(unit) | {
            "title": f"Interaction with {draft.contact_name or draft.contact_no}",
            "draft": draft,
            "templates": unit.templates.all(),
            "next": self.came_from,
            "key": self.data.get("key") or uuid4().hex,
        }

    def save(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> str:
        service, draft = il.InteractionService(unit), self.record(unit)
        comment = values.pop("comment", "")
        if comment:
            values["comments"] = (*draft.comments, il.DraftComment(comment=comment))
        draft = service.change(draft, **values)
        postponed = "do_postpone" in self.data
        # a form that is sent twice is one interaction
        act = service.postpone if postponed else service.finish
        entry = act(draft, idempotency_key=self.data.get("key") or None)
        self.tell(f"Interaction {entry.entry_no} was {'postponed' if postponed else 'logged'}.")
        return self.came_from or address("interactionlogentry", entry.entry_no)

    do_finish = do_postpone = FormPage.do_save


class ResumeInteraction(NewInteraction):
    """Resume a postponed interaction."""

    def record(self, unit: StoreUnitOfWork) -> il.InteractionDraft:
        draft = il.InteractionService(unit).resume(self.entry_no)
        # what was shown decides whether somebody else changed it meanwhile
        return attrs.evolve(draft, resumed_state=self.data.get("state") or draft.resumed_state)


_FACTS = ("information_flow", "initiated_by", "correspondence_type", "evaluation")


class EntryPage(Page):
    """One entry of the log, with its comments."""

    template, verb = "entry", "view_interactionlogentry"

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        entry = unit.interactions.get(self.entry_no)
        names = names_of(unit, [entry.contact_no, entry.contact_company_no])
        return {
            "title": il.InteractionLog(unit).title(entry) or f"Interaction {entry.entry_no}",
            "entry": entry,
            "contact_name": names.get(entry.contact_no, ""),
            "company_name": names.get(entry.contact_company_no, ""),
            "facts": [(caption_of(name), words(getattr(entry, name))) for name in _FACTS],
            "comments": unit.interactions.comments(entry.entry_no),
            "evaluations": [(each.name, words(each)) for each in il.Evaluation],
        }

    @needs("cancel_interaction")
    def do_cancel(self, unit: StoreUnitOfWork) -> None:
        il.LogEntryService(unit).cancel(self.entry_no)

    @needs("cancel_interaction")
    def do_uncancel(self, unit: StoreUnitOfWork) -> None:
        il.LogEntryService(unit).uncancel(self.entry_no)

    @needs("evaluate_interaction")
    def do_evaluate(self, unit: StoreUnitOfWork) -> None:
        evaluation = il.Evaluation.__members__.get(self.data.get("evaluation", ""))
        if evaluation is not None:
            il.LogEntryService(unit).evaluate(evaluation, self.entry_no)

    @needs("comment_interaction")
    def do_comment(self, unit: StoreUnitOfWork) -> None:
        comment = self.data.get("comment", "").strip()
        if comment:
            il.LogEntryService(unit).put_comment(self.entry_no, il.DraftComment(comment=comment))

    @needs("log_interaction")
    @asks("Delete the postponed interaction {of.key}?")
    def do_delete(self, unit: StoreUnitOfWork) -> str:
        il.InteractionService(unit).delete_postponed(self.entry_no)
        self.tell(f"Interaction {self.entry_no} was deleted.")
        return "admin:interactionlog_interactionlogentry_changelist"


class NewSegment(FormPage):
    """Create a segment."""

    verb, title, button = "create_segment", "Create segment", "Create"
    names = "no description interaction_template_code salesperson_code campaign_no date"

    def save(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> str:
        return address("segment", il.SegmentService(unit).create(**values).no)


class SegmentPage(FormPage):
    """An open segment with its lines."""

    template, verb = "segment", "view_segment"
    names = """
        description interaction_template_code salesperson_code campaign_no date
        correspondence_type_default unit_cost_lcy unit_duration_min subject_default
    """

    def record(self, unit: StoreUnitOfWork) -> il.Segment:
        return unit.segments.get(self.key)

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        service = il.SegmentService(unit)
        segment = self.record(unit)
        lines = service.lines(self.key, after=self.after, limit=PAGE)
        found = unit.contacts.many({each.line.contact_no or "" for each in lines})
        return super().show(unit) | {
            "title": f"Segment {segment.no} {segment.description}",
            "segment": segment,
            "figures": service.figures(self.key),
            "steps": [(each, words(each.action)) for each in unit.segments.steps(segment.no)],
            "lines": [
                (each, found.get(each.line.contact_no or ""), _captions(each.own_fields))
                for each in lines
            ],
            "more": lines[-1].line.line_no if len(lines) == PAGE else None,
        }

    @needs("change_segment")
    def do_save(self, unit: StoreUnitOfWork) -> Any:
        return super().do_save(unit)

    def save(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> None:
        il.SegmentService(unit).change(self.key, **values)
        self.tell(f"Segment {self.key} was changed.")

    @needs("change_segment")
    def do_remove(self, unit: StoreUnitOfWork) -> None:
        chosen = filter(None, map(number_of, self.data.getlist("line")))
        il.SegmentService(unit).remove_lines(self.key, [*chosen])

    @needs("change_segment")
    def do_go_back(self, unit: StoreUnitOfWork) -> None:
        with changing(unit, self.key):  # nobody takes a step meanwhile
            if self.data["do_go_back"] != str(len(unit.segments.steps(self.key))):
                reason = "took other steps since its page was shown: look again"
                raise il.StateError(f"segment {self.key}", reason)
            il.ContactSelection(unit, self.key).go_back()

    @needs("change_segment")
    @asks("Delete segment {of.key} with its lines?")
    def do_delete(self, unit: StoreUnitOfWork) -> str:
        il.SegmentService(unit).delete(self.key)
        self.tell(f"Segment {self.key} was deleted.")
        return "admin:interactionlog_segment_changelist"


class LinePage(FormPage):
    """Personalise one line of a segment."""

    template, verb = "line", "change_segment"
    names = """
        interaction_template_code description date salesperson_code campaign_no correspondence_type
        information_flow initiated_by evaluation cost_lcy duration_min subject
    """

    def __init__(self, admin: Any, request: HttpRequest, key: str, line_no: int) -> None:
        super().__init__(admin, request, key)
        self.line_no = line_no

    def record(self, unit: StoreUnitOfWork) -> il.SegmentLine:
        return unit.segments.line(self.key, self.line_no)

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        line = self.record(unit)
        (view,) = il.SegmentService(unit).lines(self.key, after=self.line_no - 1, limit=1)
        return super().show(unit) | {
            "title": f"Line {self.line_no} of segment {self.key}",
            "contact_name": names_of(unit, [line.contact_no]).get(line.contact_no, ""),
            "view": view,
            "own": _captions(view.own_fields),
        }

    def save(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> str:
        il.SegmentService(unit).personalise(self.key, self.line_no, **values)
        self.tell(f"Line {self.line_no} was given: {_captions(values) or 'nothing new'}.")
        return address("segment", self.key)


class LogPage(Page):
    """The plan of a segment: what logging it would do; confirming does exactly that."""

    template, verb = "plan", "log_segment"

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        plan = il.SegmentLogger(unit).plan(self.key)
        listed = [each for each in plan.findings if each[2]][:PAGE]
        lines = {no: unit.segments.line(self.key, no) for no, _, _ in listed}
        names = names_of(unit, [line.contact_no for line in lines.values()])
        return {
            "title": f"Log segment {self.key}",
            "plan": plan,
            "reasons": reasons(plan.counts.reasons),
            "lines": [
                (lines[no], names.get(lines[no].contact_no, ""), decision, told(codes, lines[no]))
                for no, decision, codes in listed
            ],
            "more": max(sum(1 for _ in plan.noted()) - PAGE, 0),
            "follow_up": "follow_up" in self.data,
        }

    def do_log(self, unit: StoreUnitOfWork) -> object:
        follow_up = il.FollowUp() if "follow_up" in self.data else None
        try:
            logged = il.SegmentLogger(unit).log(
                self.key, plan=self.data.get("token", "-"), follow_up=follow_up
            )
        except il.PlanOutdatedError:
            self.tell(
                "The segment changed since the plan was made: this is the new plan. "
                "Nothing was logged.",
                messages.WARNING,
            )
            return AGAIN
        self.tell(f"Segment {self.key} was logged.")
        return address("loggedsegment", logged.entry_no)


class LoggedPage(Page):
    """A logged segment: what was logged, who was left out and why, undo and follow-up."""

    template, verb = "logged", "view_loggedsegment"

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        service = il.LoggedSegments(unit)
        logged = service.get(self.entry_no)
        left_out = unit.logged_segments.left_out(logged.entry_no, after=self.after)[:PAGE]
        names = names_of(unit, [each.line.contact_no for each in left_out])
        follow_ups = [
            each.no for each in unit.segments.all() if each.follow_up_of == logged.entry_no
        ]
        return {
            "title": f"Logged segment {logged.segment_no} {logged.description}",
            "logged": logged,
            "state": words(logged.state),
            "logged_lines": logged.counts.get("log", 0),
            "left_out_lines": logged.counts.get("leave-out", 0),
            "figures": service.figures(logged.entry_no),
            "reasons": reasons(logged.counts),
            "lines": [
                (each.line, names.get(each.line.contact_no, ""), told(each.reasons, each.line))
                for each in left_out
            ],
            "more": left_out[-1].line.line_no if len(left_out) == PAGE else None,
            "follow_ups": follow_ups,
            "outcomes": [("NONE", "Not evaluated"), *((e.name, words(e)) for e in il.Evaluation)],
        }

    @needs("undo_loggedsegment")
    @asks("Undo the logging: cancel its interactions and open the segment again?")
    def do_undo(self, unit: StoreUnitOfWork) -> str:
        no = il.LoggedSegments(unit).get(self.entry_no).segment_no
        segment = il.SegmentLogger(unit).undo(no, force="force" in self.data)
        self.tell(f"The logging was undone: segment {segment.no} is open again.")
        return address("segment", segment.no)

    @needs("cancel_loggedsegment")
    def do_cancel(self, unit: StoreUnitOfWork) -> None:
        il.LoggedSegments(unit).cancel(self.entry_no)

    @needs("cancel_loggedsegment")
    def do_uncancel(self, unit: StoreUnitOfWork) -> None:
        il.LoggedSegments(unit).uncancel(self.entry_no)

    @needs("follow_up_loggedsegment")
    def do_follow_up(self, unit: StoreUnitOfWork) -> str:
        chosen = {il.Evaluation.__members__.get(name) for name in self.data.getlist("evaluation")}
        failed = {"yes": True, "no": False}.get(self.data.get("attempt_failed", ""))
        evaluated: Any = {"evaluations": chosen} if chosen else {}  # none ticked asks nothing
        where = il.OutcomeFilter(**evaluated, attempt_failed=failed)
        segment = il.SegmentLogger(unit).follow_up(self.entry_no, il.FollowUp(where=where))
        return address("segment", segment.no)


class FiguresPage(Page):
    """Figures of the log by salesperson, template and month, with bars."""

    template, verb = "figures", "view_interactionlogentry"

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        since, until = (self._day(name) for name in ("since", "until"))
        statistics = il.Statistics(unit, since, until)
        tables: list[tuple[str, Iterable[tuple[str | None, Figures]]]] = [
            ("Salesperson", statistics.by(il.Dimension.SALESPERSON)),
            ("Template", statistics.by(il.Dimension.TEMPLATE)),
            ("Month", statistics.by_month()),
        ]
        return {
            "title": "Figures",
            "since": since,
            "until": until,
            "tables": [(caption, _bars(rows)) for caption, rows in tables],
        }

    def _day(self, name: str) -> dt.date | None:
        try:
            return dt.date.fromisoformat(self.request.GET.get(name, ""))
        except ValueError:
            return None


def _bars(rows: Iterable[tuple[str | None, Figures]]) -> list[tuple[str, Figures, int]]:
    found = [(key or "(none)", figures) for key, figures in rows]
    most = max((figures.interactions for _, figures in found), default=0) or 1
    return [(key, figures, 100 * figures.interactions // most) for key, figures in found]


class AddToSegment(Page):
    """Add chosen customers of the host to a segment: an open one or a new one."""

    template, verb = "add_to_segment", "change_segment"

    def __init__(self, admin: Any, request: HttpRequest, nos: list[str], chosen: int) -> None:
        super().__init__(admin, request)
        self.nos, self.chosen = nos, chosen  # a customer without a number is no contact

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        return {
            "title": "Add to segment",
            "count": self.chosen,
            "segments": unit.segments.all(),
            "selected": self.data.getlist("_selected_action"),
            "across": self.data.get("select_across", "0"),
        }

    def do_add(self, unit: StoreUnitOfWork) -> str:
        if not self.nos:
            raise il.UsageError("none of the chosen customers has a number as a contact")
        no = self.data.get("segment")
        if not no:
            self.need("create_segment")
            no = il.SegmentService(unit).create(self.data.get("description", "")).no
        step = il.ContactSelection(unit, no).add(il.ContactFilter(nos=frozenset(self.nos)))
        rest = self.chosen - step.lines_added
        told = f"{step.lines_added} added to segment {no}"
        why = "there already, excluded, blocked or no contact"
        self.tell(f"{told}; {rest} not: {why}." if rest else f"{told}.")
        return address("segment", no)


def panel(request: HttpRequest, no: str) -> dict[str, Any] | None:
    """Return the last entries and the postponed ones of a contact; ``None`` for who may not see."""
    if not request.user.has_perm("interactionlog.view_interactionlogentry"):
        return None
    with work(request) as unit:
        if unit.contacts.find(no) is None:
            return None
        log = il.InteractionLog(unit)
        postponed = unit.interactions.newest(
            il.LogFilter(contact_no=no, postponed=True), limit=PAGE
        )
        entries = log.timeline(no, limit=PAGE)
        figures = il.Statistics(unit).of_contact(no)
        return {
            "no": no,
            "entries": [(entry, words(entry.evaluation)) for entry in entries],
            "postponed": postponed,
            "figures": figures,
            "may_log": request.user.has_perm("interactionlog.log_interaction"),
            "create": reverse("admin:interactionlog_interactionlogentry_new", args=[quote(no)]),
        }
