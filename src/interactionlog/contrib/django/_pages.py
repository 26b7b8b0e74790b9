"""The pages of the admin on which interactions and segments live; each button calls a service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from uuid import uuid4

import attrs
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

import interactionlog as il
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contrib.django._forms import (
    DRAFT,
    LINE,
    NEW_SEGMENT,
    SEGMENT,
    ValuesForm,
    words,
)
from interactionlog.contrib.django.fields import caption_of
from interactionlog.contrib.django.unit_of_work import work
from interactionlog.interactions.repository import Figures
from interactionlog.interactions.rules import FINDINGS

PAGE = 50
MOST_PROBLEMS = 20


def address(model: str, key: object, page: str = "change") -> str:
    """Return the address of a page about a record of the library's."""
    return str(reverse(f"admin:interactionlog_{model}_{page}", args=[quote(str(key))]))


def names_of(unit: StoreUnitOfWork, nos: Iterable[str | None]) -> dict[str | None, str]:
    """Return the names of contacts, in one query; one that is gone has none."""
    wanted = {no for no in nos if no}
    return {no: contact.name for no, contact in unit.contacts.many(wanted).items()}


def reasons(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return findings as captions, with how often each occurs."""
    found = [(code, count) for code, count in counts.items() if code in FINDINGS]
    return [(code.replace("-", " ").capitalize(), count) for code, count in found]


def told(codes: Iterable[str], line: il.SegmentLine) -> str:
    """Return what the findings say about a line."""
    return ", ".join(FINDINGS[code].words.format(of=line) for code in codes)


def number_of(text: str) -> int | None:
    """Return a number that a database can hold, or ``None``."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


class Page:
    """
    One page: ``show`` gives what is seen, ``act`` does what a button says.

    An error of the library's is shown above the page; nothing of what was begun stays.

    Args:
        admin: The admin of the model that the page belongs to.
        request: The request.
        key: Of the record that it is about, as the address has it.
    """

    template: ClassVar[str]
    verb: ClassVar[str]

    def __init__(self, admin: Any, request: HttpRequest, key: str = "") -> None:
        self.admin, self.request, self.key = admin, request, key

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        """Return what the template is filled with."""
        raise NotImplementedError

    def act(self, unit: StoreUnitOfWork, verb: str) -> HttpResponse | None:
        """Do what a button says, and return where to go then; ``None`` shows the page again."""

    def need(self, permission: str) -> None:
        if not self.request.user.has_perm(f"interactionlog.{permission}"):
            raise PermissionDenied

    @property
    def entry_no(self) -> int:
        """The key as the number of an entry or of a logged segment."""
        number = number_of(self.key)
        if number is None:
            raise il.NotFoundError("entry", self.key)
        return number

    @property
    def after(self) -> int:
        """Line number after which a page of lines begins."""
        return number_of(self.request.GET.get("after", "")) or 0

    def respond(self) -> HttpResponse:
        self.need(self.verb)
        try:
            if self.request.method == "POST":
                response = self._acted()
                if response is not None:
                    return response
            with work(self.request) as unit:
                context = self.show(unit)
        except il.NotFoundError as error:
            raise Http404(str(error)) from error
        except il.SegmentAlreadyLoggedError as error:
            return redirect(address("loggedsegment", error.logged_segment_entry_no))
        except il.InteractionLogError as error:
            self.tell(str(error), messages.ERROR)
            return self.back(reverse("admin:app_list", args=["interactionlog"]))
        site = self.admin.admin_site
        context = {**site.each_context(self.request), "opts": self.admin.opts, **context}
        return TemplateResponse(self.request, f"interactionlog/{self.template}.html", context)

    def _acted(self) -> HttpResponse | None:
        verb = next((name for name in self.data if name.startswith("do_")), "do_save")
        try:
            with work(self.request) as unit:
                return self.act(unit, verb.removeprefix("do_"))
        except il.CheckFailedError as error:
            for problem in error.problems[:MOST_PROBLEMS]:
                self.tell(str(problem), messages.ERROR)
        except il.InteractionLogError as error:
            self.tell(str(error), messages.ERROR)
        return None

    def tell(self, text: str, level: int = messages.SUCCESS) -> None:
        messages.add_message(self.request, level, text)

    @property
    def data(self) -> QueryDict:
        return self.request.POST

    def form(self, unit: StoreUnitOfWork, names: str, record: object) -> ValuesForm:
        posted = self.data if self.request.method == "POST" else None
        return ValuesForm(unit, names, record, posted)

    @property
    def came_from(self) -> str:
        """The page of this site that the user came from; ``""`` when that is not known."""
        target = self.data.get("next") or self.request.GET.get("next", "")
        return target if url_has_allowed_host_and_scheme(target, {self.request.get_host()}) else ""

    def back(self, otherwise: str) -> HttpResponseRedirect:
        return redirect(self.came_from or otherwise)


class NewInteraction(Page):
    """Create an interaction with a contact: choose a template, then finish or postpone."""

    template, verb = "interaction", "log_interaction"

    def draft(self, unit: StoreUnitOfWork) -> il.InteractionDraft:
        asked = {**self.request.GET.dict(), **self.data.dict()}
        template = asked.get("template") or None
        draft = il.InteractionService(unit).start(self.key)
        if template is None:
            return draft
        return il.InteractionService(unit).change(draft, interaction_template_code=template)

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        draft = self.draft(unit)
        form = self.form(unit, DRAFT, draft)
        return {
            "title": f"Interaction with {draft.contact_name or draft.contact_no}",
            "draft": draft,
            "form": form,
            "templates": unit.templates.all(),
            "next": self.came_from,
            "key": self.data.get("key") or uuid4().hex,
        }

    def act(self, unit: StoreUnitOfWork, verb: str) -> HttpResponse | None:
        draft = self.draft(unit)
        form = self.form(unit, DRAFT, draft)
        if not form.is_valid():
            return None
        values = form.changed()
        comment = values.pop("comment", "")
        if comment:
            values["comments"] = (*draft.comments, il.DraftComment(comment=comment))
        service = il.InteractionService(unit)
        draft = service.change(draft, **values)
        if verb == "postpone":
            entry = service.postpone(draft)
            self.tell(f"Interaction {entry.entry_no} was postponed.")
        else:
            # a form that is sent twice is one interaction
            entry = service.finish(draft, idempotency_key=self.data.get("key") or None)
            self.tell(f"Interaction {entry.entry_no} was logged.")
        return self.back(address("interactionlogentry", entry.entry_no))


class ResumeInteraction(NewInteraction):
    """Resume a postponed interaction."""

    def draft(self, unit: StoreUnitOfWork) -> il.InteractionDraft:
        draft = il.InteractionService(unit).resume(self.entry_no)
        # what was shown decides whether somebody else changed it meanwhile
        return attrs.evolve(draft, resumed_state=self.data.get("state") or draft.resumed_state)


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
            "facts": [
                ("Direction", words(entry.information_flow)),
                ("Initiated by", words(entry.initiated_by)),
                ("Correspondence type", words(entry.correspondence_type)),
                ("Evaluation", words(entry.evaluation)),
            ],
            "comments": unit.interactions.comments(entry.entry_no),
            "evaluations": [(each.name, words(each)) for each in il.Evaluation],
        }

    def act(self, unit: StoreUnitOfWork, verb: str) -> HttpResponse | None:
        service, entry_no = il.LogEntryService(unit), self.entry_no
        if verb in {"cancel", "uncancel"}:
            self.need("cancel_interaction")
            getattr(service, verb)(entry_no)
        elif verb == "evaluate":
            self.need("evaluate_interaction")
            evaluation = il.Evaluation.__members__.get(self.data.get("evaluation", ""))
            if evaluation is not None:
                service.evaluate(evaluation, entry_no)
        elif verb == "comment":
            self.need("comment_interaction")
            comment = self.data.get("comment", "").strip()
            if comment:
                service.put_comment(entry_no, il.DraftComment(comment=comment))
        elif verb == "delete":
            self.need("log_interaction")
            il.InteractionService(unit).delete_postponed(entry_no)
            self.tell(f"Interaction {entry_no} was deleted.")
            return redirect("admin:interactionlog_interactionlogentry_changelist")
        return redirect(address("interactionlogentry", entry_no))


def _captions(fields: Iterable[str]) -> str:
    return ", ".join(caption_of(name).lower() for name in fields)


class NewSegment(Page):
    """Create a segment."""

    template, verb = "segment_new", "create_segment"

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        return {"title": "Create segment", "form": self._form(unit)}

    def _form(self, unit: StoreUnitOfWork) -> ValuesForm:
        return self.form(unit, NEW_SEGMENT, None)

    def act(self, unit: StoreUnitOfWork, verb: str) -> HttpResponse | None:
        form = self._form(unit)
        if not form.is_valid():
            return None
        segment = il.SegmentService(unit).create(**form.changed())
        return redirect(address("segment", segment.no))


class SegmentPage(Page):
    """An open segment with its lines."""

    template, verb = "segment", "view_segment"

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        service = il.SegmentService(unit)
        segment = unit.segments.get(self.key)
        lines = service.lines(self.key, after=self.after, limit=PAGE)
        found = unit.contacts.many({each.line.contact_no or "" for each in lines})
        return {
            "title": f"Segment {segment.no} {segment.description}",
            "segment": segment,
            "form": self.form(unit, SEGMENT, segment),
            "figures": service.figures(self.key),
            "steps": [(each, words(each.action)) for each in unit.segments.steps(segment.no)],
            "lines": [
                (each, found.get(each.line.contact_no or ""), _captions(each.own_fields))
                for each in lines
            ],
            "more": lines[-1].line.line_no if len(lines) == PAGE else None,
        }

    def act(self, unit: StoreUnitOfWork, verb: str) -> HttpResponse | None:
        self.need("change_segment")
        service = il.SegmentService(unit)
        if verb == "remove":
            service.remove_lines(
                self.key, [*filter(None, map(number_of, self.data.getlist("line")))]
            )
        elif verb == "go_back":
            il.ContactSelection(unit, self.key).go_back()
        elif verb == "delete":
            service.delete(self.key)
            self.tell(f"Segment {self.key} was deleted.")
            return redirect("admin:interactionlog_segment_changelist")
        else:
            form = self.form(unit, SEGMENT, unit.segments.get(self.key))
            if not form.is_valid():
                return None
            service.change(self.key, **form.changed())
            self.tell(f"Segment {self.key} was changed.")
        return redirect(address("segment", self.key))


class LinePage(Page):
    """Personalise one line of a segment."""

    template, verb = "line", "change_segment"

    def __init__(self, admin: Any, request: HttpRequest, key: str, line_no: int) -> None:
        super().__init__(admin, request, key)
        self.line_no = line_no

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        (view,) = il.SegmentService(unit).lines(self.key, after=self.line_no - 1, limit=1)
        if view.line.line_no != self.line_no:
            raise il.NotFoundError("line", f"{self.key} {self.line_no}")
        return {
            "title": f"Line {self.line_no} of segment {self.key}",
            "contact_name": names_of(unit, [view.line.contact_no]).get(view.line.contact_no, ""),
            "view": view,
            "own": _captions(view.own_fields),
            "form": self.form(unit, LINE, view.line),
        }

    def act(self, unit: StoreUnitOfWork, verb: str) -> HttpResponse | None:
        form = self.form(unit, LINE, unit.segments.line(self.key, self.line_no))
        if not form.is_valid():
            return None
        values = form.changed()
        il.SegmentService(unit).personalise(self.key, self.line_no, **values)
        self.tell(f"Line {self.line_no} was given: {_captions(values) or 'nothing new'}.")
        return redirect(address("segment", self.key))


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
                (line, names.get(line.contact_no, ""), decision, told(codes, line))
                for (_, decision, codes), line in zip(listed, lines.values(), strict=True)
            ],
            "more": max(len(plan.findings) - PAGE, 0),
            "follow_up": "follow_up" in self.data,
        }

    def act(self, unit: StoreUnitOfWork, verb: str) -> HttpResponse | None:
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
            return None
        self.tell(f"Segment {self.key} was logged.")
        return redirect(address("loggedsegment", logged.entry_no))


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

    def act(self, unit: StoreUnitOfWork, verb: str) -> HttpResponse | None:
        logged = unit.logged_segments.get(self.entry_no)
        if verb == "undo":
            self.need("undo_loggedsegment")
            segment = il.SegmentLogger(unit).undo(logged.segment_no, force="force" in self.data)
            self.tell(f"The logging was undone: segment {segment.no} is open again.")
            return redirect(address("segment", segment.no))
        if verb in {"cancel", "uncancel"}:
            self.need("cancel_loggedsegment")
            getattr(il.LoggedSegments(unit), verb)(logged.entry_no)
            return redirect(address("loggedsegment", logged.entry_no))
        self.need("follow_up_loggedsegment")
        chosen = {il.Evaluation.__members__.get(name) for name in self.data.getlist("evaluation")}
        failed = {"yes": True, "no": False}.get(self.data.get("attempt_failed", ""))
        where = il.OutcomeFilter(evaluations=frozenset(chosen), attempt_failed=failed)
        segment = il.SegmentLogger(unit).follow_up(logged.entry_no, il.FollowUp(where=where))
        return redirect(address("segment", segment.no))


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

    def __init__(self, admin: Any, request: HttpRequest, nos: list[str]) -> None:
        super().__init__(admin, request)
        self.nos = nos

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        return {
            "title": "Add to segment",
            "count": len(self.nos),
            "segments": unit.segments.all(),
            "selected": self.data.getlist("_selected_action"),
            "across": self.data.get("select_across", "0"),
        }

    def act(self, unit: StoreUnitOfWork, verb: str) -> HttpResponse | None:
        if verb != "add":  # the customers were just chosen
            return None
        no = self.data.get("segment")
        if not no:
            self.need("create_segment")
            no = il.SegmentService(unit).create(self.data.get("description", "")).no
        step = il.ContactSelection(unit, no).add(il.ContactFilter(nos=frozenset(self.nos)))
        rest = len(self.nos) - step.lines_added
        told = f"{step.lines_added} added to segment {no}"
        self.tell(f"{told}; {rest} were there already or must not be." if rest else f"{told}.")
        return redirect(address("segment", no))


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
