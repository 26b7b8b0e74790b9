"""What all pages of the admin are made of: a page shows, its buttons call services, forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

import interactionlog as il
from interactionlog.adapters.unit_of_work import StoreUnitOfWork
from interactionlog.contrib.django.models import caption_of, words
from interactionlog.contrib.django.unit_of_work import work
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import MONEY_DECIMALS

PAGE = 50
MOST_PROBLEMS = 20
AGAIN = object()
"""A button's answer: the page is shown again, with what was sent and the errors of its form."""
_Button = TypeVar("_Button", bound=Callable[..., Any])


def needs(permission: str) -> Callable[[_Button], _Button]:
    """Say which permission a button needs, where it is not that of its page, ``{of}``."""

    def marked(button: _Button) -> _Button:
        button.permission = permission  # type: ignore[attr-defined]
        return button

    return marked


def asks(question: str) -> Callable[[_Button], _Button]:
    """Say what is asked before a button does what nothing takes back; ``{of}`` is its page."""

    def marked(button: _Button) -> _Button:
        button.question = question  # type: ignore[attr-defined]
        return button

    return marked


@contextmanager
def errors_told(request: HttpRequest) -> Iterator[None]:
    """Show an error of the library's above a page that has more to show than the library's part."""
    try:
        yield
    except il.InteractionLogError as error:
        messages.error(request, str(error))


def address(model: str, key: object, page: str = "change") -> str:
    """Return the address of a page about a record of the library's."""
    return str(reverse(f"admin:interactionlog_{model}_{page}", args=[quote(str(key))]))


def names_of(unit: StoreUnitOfWork, nos: Iterable[str | None]) -> dict[str | None, str]:
    """Return the names of contacts, in one query; one that is gone has none."""
    wanted = {no for no in nos if no}
    return {no: contact.name for no, contact in unit.contacts.many(wanted).items()}


def number_of(text: str) -> int | None:
    """Return a number that a database can hold, or ``None``."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


class Page:
    """
    One page: ``show`` gives what is seen, ``do_…`` does what the button of that name says.

    A button answers with the address to go to, ``None`` for the page itself, or `AGAIN`. One that
    `asks` does nothing before the user is sure. An error
    of the library's is shown above the page; nothing of what was begun stays.

    Args:
        admin: The admin of the model that the page belongs to.
        request: The request.
        key: Of the record that it is about, as the address has it.
    """

    template: ClassVar[str]
    verb: str

    def __init__(self, admin: Any, request: HttpRequest, key: str = "") -> None:
        self.admin, self.request, self.key = admin, request, key

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        """Return what the template is filled with."""
        raise NotImplementedError

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
            target = self._acted() if self.request.method == "POST" else AGAIN
            if isinstance(target, HttpResponse):
                return target
            if target is not AGAIN:
                return redirect(target or self.request.path)
            with work(self.request) as unit:
                context = self.show(unit)
        except il.NotFoundError as error:
            raise Http404(str(error)) from error
        except il.SegmentAlreadyLoggedError as error:
            return redirect(address("loggedsegment", error.logged_segment_entry_no))
        except il.InteractionLogError as error:
            self.tell(str(error), messages.ERROR)
            return redirect(self.came_from or reverse("admin:app_list", args=["interactionlog"]))
        return self._page(self.template, context)

    def _page(self, template: str, context: dict[str, Any]) -> HttpResponse:
        site = self.admin.admin_site
        context = {**site.each_context(self.request), "opts": self.admin.opts, **context}
        return TemplateResponse(self.request, f"interactionlog/{template}.html", context)

    def _acted(self) -> Any:
        name = next((name for name in self.data if name.startswith("do_")), "do_save")
        button = getattr(self, name, None)
        if button is None:
            return AGAIN
        self.need(getattr(button, "permission", self.verb).format(of=self))
        question = getattr(button, "question", "").format(of=self)
        if question and "sure" not in self.data:
            sent = [(name, each) for name, values in self.data.lists() for each in values]
            return self._page("sure", {"title": question, "sent": sent})
        try:
            with work(self.request) as unit:
                return button(unit)
        except il.CheckFailedError as error:
            for problem in error.problems[:MOST_PROBLEMS]:
                self.tell(
                    f"{error.subject[:1].upper()}{error.subject[1:]}: {problem}", messages.ERROR
                )
        except il.InteractionLogError as error:
            self.tell(str(error), messages.ERROR)
        return AGAIN

    def tell(self, text: str, level: int = messages.SUCCESS) -> None:
        messages.add_message(self.request, level, text)

    @property
    def data(self) -> QueryDict:
        return self.request.POST

    @property
    def came_from(self) -> str:
        """The page of this site that the user came from; ``""`` when that is not known."""
        target = self.data.get("next") or self.request.GET.get("next", "")
        is_path = target.startswith("/")  # anything else may be taken for the name of a view
        return target if is_path and url_has_allowed_host_and_scheme(target, None) else ""


# -- forms -------------------------------------------------------------------------------------


def _member_of(kind: type[Enum], **options: Any) -> forms.Field:
    """Return a field that chooses a member of an enumeration, or none."""
    choices = [("", "-"), *((each.name, words(each)) for each in kind)]
    return forms.TypedChoiceField(
        choices=choices, coerce=kind.__getitem__, empty_value=None, required=False, **options
    )


def _code_of(records: Iterable[Any], **options: Any) -> forms.Field:
    choices = [("", "-")]
    for each in records:
        code = getattr(each, "code", None) or each.no
        choices.append((code, f"{code} {each.description}"))
    options = {"required": False, **options}
    return forms.TypedChoiceField(choices=choices, empty_value=None, **options)


def _text(length: int, **options: Any) -> forms.Field:
    wide = forms.TextInput({"class": "vTextField"})
    return forms.CharField(max_length=length, required=False, widget=wide, **options)


def _code(length: int, **options: Any) -> forms.Field:
    return forms.CharField(max_length=length, required=False, empty_value=None, **options)


def _amount() -> forms.Field:
    return forms.DecimalField(min_value=0, decimal_places=MONEY_DECIMALS)


def _day() -> forms.Field:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(required=False, widget=widget)


def _field(name: str, unit: UnitOfWork) -> forms.Field:
    """Return the field of a form for a field of a record."""
    made: dict[str, Any] = {
        "campaign_no": lambda: _code_of(unit.campaigns.all()),
        "blocked": lambda: forms.BooleanField(required=False),
        "campaign_nos": lambda: forms.BooleanField(required=False, label="Numbers campaigns"),
        "code": lambda: forms.CharField(max_length=20),
        "comment": lambda: forms.CharField(
            max_length=2_000, required=False, widget=forms.Textarea({"rows": 3})
        ),
        "correspondence_type": lambda: _member_of(il.CorrespondenceType),
        "correspondence_type_default": lambda: _member_of(
            il.CorrespondenceType, label="Correspondence type"
        ),
        "cost_lcy": _amount,
        "date": _day,
        "description": lambda: _text(100),
        "duration_min": lambda: forms.IntegerField(min_value=0),
        "e_mail": lambda: forms.EmailField(max_length=80, required=False, label="E-mail"),
        "evaluation": lambda: _member_of(il.Evaluation),
        "information_flow": lambda: _member_of(il.InformationFlow),
        "initiated_by": lambda: _member_of(il.InitiatedBy),
        "interaction_group_code": lambda: _code_of(
            unit.interaction_groups.all(),
            help_text="Interaction groups are created on another page.",
            required=True,
        ),
        "interaction_successful": lambda: forms.BooleanField(required=False, label="Reached"),
        "interaction_template_code": lambda: _code_of(unit.templates.all()),
        "name": lambda: _text(50),
        "no": lambda: _code(20, help_text="Empty: the next of the series."),
        "salesperson_code": lambda: _code(20),
        "segment_nos": lambda: forms.BooleanField(required=False, label="Numbers segments"),
        "starting_date": _day,
        "starting_no": lambda: _code(
            20, label="Starting number", help_text="Begins a line of numbers, such as SM00001."
        ),
        "subject": lambda: _text(100),
        "subject_default": lambda: _text(100, label="Subject"),
        "time_of_interaction": lambda: forms.TimeField(
            required=False, label="Time", widget=forms.TimeInput({"type": "time"}, format="%H:%M")
        ),
        "unit_cost_lcy": _amount,
        "unit_duration_min": lambda: forms.IntegerField(min_value=0),
    }
    return made[name]()


class ValuesForm(forms.Form):
    """
    A form for named fields of a record; `changed` are those that the user gave other values.

    Args:
        unit: The unit of work: templates and campaigns are chosen from it.
        names: The fields, separated by blanks.
        record: What the fields show first; its attributes have their names.
        data: What was posted; ``None`` while the form is only shown.
    """

    def __init__(
        self,
        unit: UnitOfWork,
        names: str,
        record: object = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        fields = {name: _field(name, unit) for name in names.split()}
        shown = {name: getattr(record, name) for name in fields if hasattr(record, name)}
        super().__init__(data, initial={name: _shown(value) for name, value in shown.items()})
        self.label_suffix = ""
        self.fields.update(fields)
        for name, field in fields.items():
            field.label = field.label or caption_of(name)
            # what the form was filled with comes back: what another changed since is not undone
            is_told = data is None or self.add_initial_prefix(name) in data
            field.show_hidden_initial = is_told and not isinstance(record, il.InteractionDraft)

    def changed(self) -> dict[str, Any]:
        """Return the values that are not those of the record."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _shown(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    return Decimal(f"{value:f}") if isinstance(value, Decimal) else value  # not 1E+1


class FormPage(Page):
    """
    A page that is a form for a record.

    Attributes:
        names: The fields, separated by blanks.
        title: What is written above.
        button: What the button says; ``""`` for none.
    """

    template = "record"
    names: str
    title: str = ""
    button: str = "Save"

    def record(self, unit: StoreUnitOfWork) -> object:
        """Return the record whose values the form shows; ``None`` for a new one."""

    def save(self, unit: StoreUnitOfWork, values: dict[str, Any]) -> Any:
        """Do what the button says with the values that were changed, and answer as a button."""
        raise NotImplementedError

    def show(self, unit: StoreUnitOfWork) -> dict[str, Any]:
        record = self.record(unit)
        # another button of the page sends no fields: what was refused empties none
        posted = self.data if any(name in self.data for name in self.names.split()) else None
        form = ValuesForm(unit, self.names, record, posted)
        return {"title": self.title, "form": form, "button": self.button}

    def do_save(self, unit: StoreUnitOfWork) -> Any:
        form = ValuesForm(unit, self.names, self.record(unit), self.data)
        return self.save(unit, form.changed()) if form.is_valid() else AGAIN
