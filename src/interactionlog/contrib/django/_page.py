"""What all pages of the admin are made of: a page shows, and its buttons call services."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

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
from interactionlog.contrib.django._forms import ValuesForm
from interactionlog.contrib.django.unit_of_work import work

PAGE = 50
MOST_PROBLEMS = 20
AGAIN = object()
"""A button's answer: the page is shown again, with what was sent and the errors of its form."""
_Button = TypeVar("_Button", bound=Callable[..., Any])


def needs(permission: str) -> Callable[[_Button], _Button]:
    """Say which permission a button needs, where it is not that of its page."""

    def marked(button: _Button) -> _Button:
        button.permission = permission  # type: ignore[attr-defined]
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

    A button answers with the address to go to, ``None`` for the page itself, or `AGAIN`. An error
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
        site = self.admin.admin_site
        context = {**site.each_context(self.request), "opts": self.admin.opts, **context}
        return TemplateResponse(self.request, f"interactionlog/{self.template}.html", context)

    def _acted(self) -> Any:
        name = next((name for name in self.data if name.startswith("do_")), "do_save")
        button = getattr(self, name, None)
        if button is None:
            return AGAIN
        self.need(getattr(button, "permission", self.verb))
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
        return target if url_has_allowed_host_and_scheme(target, {self.request.get_host()}) else ""


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
        posted = self.data if self.request.method == "POST" else None
        form = ValuesForm(unit, self.names, record, posted)
        return {"title": self.title, "form": form, "button": self.button}

    def do_save(self, unit: StoreUnitOfWork) -> Any:
        form = ValuesForm(unit, self.names, self.record(unit), self.data)
        return self.save(unit, form.changed()) if form.is_valid() else AGAIN
