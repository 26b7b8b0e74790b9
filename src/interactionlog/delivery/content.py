"""
Merging content with what is known of a contact.

A merged text is what Jinja2 calls a template, and less: it names fields, passes them through a few
filters and chooses between passages. It has no loops, calls and assignments, so that merging
always ends and reaches nothing but the fields.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import attrs

from interactionlog.attachments.attachment import Attachment, AttachmentService
from interactionlog.contacts.contact import AlternativeAddress, Contact, Salesperson
from interactionlog.errors import RuleViolation, UsageError, extra
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    import jinja2

Fields = Mapping[str, Mapping[str, object]]
"""Values by field, in groups such as ``contact``."""

_ADDRESS = "name address post_code city county country_code e_mail phone_no mobile_phone_no"
_GROUPS: Mapping[str, str] = {
    "contact": f"no {_ADDRESS} company_no company_name job_title salutation_code language_code",
    "address": f"{_ADDRESS} address_2",
    "company": f"no {_ADDRESS}",
    "salesperson": "code name e_mail",
    "entry": "entry_no date time_of_interaction description subject campaign_no segment_no"
    " interaction_template_code interaction_language_code document_no contact_via host_ref user_id",
}
MERGE_FIELDS: Mapping[str, tuple[str, ...]] = {
    group: tuple(names.split()) for group, names in _GROUPS.items()
}
"""
The fields that content may name, by group: ``{{ contact.name }}``.

``address`` is the alternative address in use, field by field the contact's own where that says
nothing; ``company`` is the contact's company.
"""
MOST_MERGED = 10 * 2**20
"""Bytes of content that is merged; what is larger is sent as it is, or refused where it merges."""
MOST_PLACES = 5_000
"""Fields and choices in merged content; reading so many takes a second or two."""
_MERGED = {"html": "mail", "htm": "mail", "txt": "mail", "docx": "word"}
"""Extensions of content that is merged, with what needs to be installed for that."""


@attrs.define
class ContentError(RuleViolation, code="content-invalid", text="{0.name}: {0.reason}"):
    """
    Content cannot be merged or sent.

    Attributes:
        name: What the content is called.
        reason: What is wrong and where.
    """

    name: str
    reason: str


def merge_values(
    entry: InteractionLogEntry | None,
    contact: Contact,
    address: AlternativeAddress | None,
    company: Contact | None,
    salesperson: Salesperson | None,
) -> Fields:
    """Return what the fields stand for; what is not known is blank."""
    values = {"entry": entry, "contact": contact, "company": company, "salesperson": salesperson}
    found: dict[str, dict[str, object]] = {
        group: {name: _blank_or(getattr(record, name, None)) for name in MERGE_FIELDS[group]}
        for group, record in values.items()
    }
    found["address"] = address_values(contact, address)
    return found


def address_values(contact: Contact, address: AlternativeAddress | None) -> dict[str, object]:
    """Return where a contact is written to: the alternative address, else the contact's own."""
    found = {
        name: getattr(address, name, None) or _blank_or(getattr(contact, name, None))
        for name in MERGE_FIELDS["address"]
    }
    if address is not None and address.city:  # a place is taken whole, never mixed from two
        place = ("address", "address_2", "post_code", "city", "county", "country_code")
        found |= {name: _blank_or(getattr(address, name)) for name in place}
    return found


def _blank_or(value: object) -> object:
    return "" if value is None else value  # no filter writes "None" for what is not known


def merged(attachment: Attachment, content: bytes, fields: Fields) -> bytes:
    """
    Return content with the fields in place; content of other kinds comes back as it is.

    Raises:
        ContentError: It names an unknown field or does what merged content cannot do.
        UsageError: What merges it is not installed.
    """
    extension = attachment.extension.casefold()
    if extension not in _MERGED or not (extension == "docx" or _is_marked(content)):
        return content
    if len(content) > MOST_MERGED:
        raise ContentError(attachment.name, f"has {len(content)} bytes: too large to be merged")
    merging = "docxtpl" if extension == "docx" else "jinja2"
    extra(merging, _MERGED[extension], f"merging .{extension}")
    try:
        if extension == "docx":
            return _merged_word(content, fields)
        return _compiled(content, extension != "txt").render(fields).encode()
    except Exception as error:  # a broken file makes its readers raise whatever they meet
        line, text = getattr(error, "lineno", None), str(error) or type(error).__name__
        reason = text if line is None or extension == "docx" else f"line {line}: {text}"
        raise ContentError(attachment.name, reason) from error


def _is_marked(content: bytes) -> bool:
    """Say whether a text has a field, in UTF-16 too: that is refused, and not sent as it is."""
    text = content.replace(b"\0", b"")
    return any(mark in text for mark in (b"{{", b"{%", b"{#"))


def check_content(attachment: Attachment, content: bytes) -> None:
    """
    Raise `ContentError` for content that cannot be merged, as `merged` does.

    Where what merges it is not installed, nothing is said: this application delivers nothing.
    """
    fields = {group: dict.fromkeys(names, "text") for group, names in MERGE_FIELDS.items()}
    moments = {"date": dt.date(2026, 1, 26), "time_of_interaction": dt.time(9, 30), "entry_no": 1}
    try:
        merged(attachment, content, {**fields, "entry": {**fields["entry"], **moments}})
    except UsageError:
        return


def require_mergeable(work: UnitOfWork, attachment_no: int) -> None:
    """Raise `ContentError` for a stored attachment that cannot be merged."""
    attachment = work.attachments.get(attachment_no)
    if attachment.extension.casefold() in _MERGED:
        with AttachmentService(work).open(attachment_no) as content:
            check_content(attachment, content.read(MOST_MERGED + 1))


@lru_cache(maxsize=64)
def _compiled(content: bytes, escaped: bool) -> jinja2.Template:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ValueError("is not in UTF-8: save it so")
    return _environment(escaped).from_string(text)


def _merged_word(content: bytes, fields: Fields) -> bytes:
    from docxtpl import DocxTemplate  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > 10 * MOST_MERGED:
        raise ValueError(f"would be {size} bytes unpacked: too large to be merged")
    merging, target = DocxTemplate(io.BytesIO(content)), io.BytesIO()
    merging.render(fields, _environment(True), autoescape=True)
    merging.save(target)
    return target.getvalue()


class _RefusedError(Exception):
    """A template does what merged content cannot do."""

    def __init__(self, text: str, lineno: int) -> None:
        super().__init__(text)
        self.lineno = lineno


def _given(value: object, otherwise: object = "", _always: bool = True) -> object:
    """Return the value, or what stands in for a blank one."""
    return value or otherwise


def _formatted(value: object, pattern: str = "%Y-%m-%d") -> str:
    """Write a date or a time by a pattern of `strftime`; blank stays blank."""
    return value.strftime(pattern) if isinstance(value, dt.date | dt.time) else ""


_FILTERS = "capitalize default e escape lower title trim upper"
_NODES = """
    And CondExpr Compare Const Filter Getattr If Name Not Operand Or Output Template TemplateData
"""


@cache
def _environment(escaped: bool) -> jinja2.Environment:
    from jinja2 import nodes  # noqa: PLC0415
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415

    class Merging(SandboxedEnvironment):
        """Refuses what is not listed before it is compiled, whichever part it stands in."""

        def compile(self, source: Any, *args: Any, **named: Any) -> Any:
            if isinstance(source, str):
                places = source.count("{{") + source.count("{%")
                if places > MOST_PLACES or any(islice(self.lex(source), 20 * MOST_PLACES, None)):
                    raise _RefusedError(f"merged content has at most {MOST_PLACES} fields", 1)
                source = self.parse(source)
            for text, line in _refused(source, nodes):
                raise _RefusedError(text, line)
            return super().compile(source, *args, **named)

    made = Merging(autoescape=escaped, keep_trailing_newline=True)
    kept = {name: made.filters[name] for name in _FILTERS.split()}
    made.filters = {**kept, "date": _formatted, "default": _given}
    made.globals, made.tests = {}, {}
    return made


def _refused(tree: Any, nodes: Any) -> Iterator[tuple[str, int]]:
    """Give what a template may not do, in the order of its lines."""
    allowed = {getattr(nodes, name) for name in _NODES.split()}
    stack = [tree]
    while stack:
        node = stack.pop()
        kind = type(node).__name__
        if type(node) not in allowed:
            yield (
                f"merged content cannot use {kind.lower()}: it names fields and chooses",
                node.lineno,
            )
        elif kind == "Filter" and node.name not in {*_FILTERS.split(), "date"}:
            yield f"there is no filter {node.name}", node.lineno
        elif kind == "Getattr":
            group = node.node.name if isinstance(node.node, nodes.Name) else ""
            if node.attr not in MERGE_FIELDS.get(group, ()):
                yield f"there is no field {group}.{node.attr}", node.lineno
            continue
        elif kind == "Name":
            yield f"there is no field {node.name}: name a group and its field", node.lineno
        stack += reversed([*node.iter_child_nodes()])
