"""Merging content: fields, filters and choices, and nothing that does not end."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import docx
import pytest

from interactionlog.contacts.contact import AlternativeAddress, Salesperson
from interactionlog.delivery.content import (
    _FILTERS,
    MERGE_FIELDS,
    MOST_MERGED,
    ContentError,
    check_content,
    merge_values,
    merged,
)
from interactionlog.testing import a_contact, an_attachment, an_entry

CONTACT = a_contact(
    "CT1", name="Cannon & <Sons>", address="1 Long Road", city="Pisa", e_mail="a@c.example"
)
FIELDS = merge_values(
    an_entry(7, "CT1", subject="Spring"), CONTACT, None, None, Salesperson(code="HR", name="Helena")
)


def a_file(extension):
    return an_attachment(1, name=f"letter.{extension}", extension=extension)


def merge(text, extension="html"):
    return merged(a_file(extension), text.encode(), FIELDS).decode()


def a_document(*paragraphs, footer=""):
    document, target = docx.Document(), io.BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    document.sections[0].footer.paragraphs[0].text = footer
    document.save(target)
    return target.getvalue()


def words_of(content):
    document = docx.Document(io.BytesIO(content))
    footer = document.sections[0].footer.paragraphs[0].text
    return [each.text for each in document.paragraphs], footer


@pytest.mark.parametrize("extension", ["html", "htm", "txt"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_text_that_is_not_in_utf_8_is_refused_and_not_sent_with_its_marks(extension, encoding):
    text = "Grüße, {{ contact.name }}"
    with pytest.raises(ContentError) as refused:
        merged(a_file(extension), text.encode(encoding), FIELDS)
    assert refused.value.reason == "is not in UTF-8: save it so"
    plain = text.replace("{{", "").encode(encoding)
    assert merged(a_file(extension), plain, FIELDS) == plain


def test_fields_are_put_in_their_place_and_escaped_in_html():
    assert (
        merge("<p>{{ contact.name }}, {{ entry.subject|upper }}")
        == "<p>Cannon &amp; &lt;Sons&gt;, SPRING"
    )
    assert merge("{{ contact.name }}\n", "txt") == "Cannon & <Sons>\n"


def test_a_passage_is_chosen_by_a_field_and_a_date_is_written_as_asked():
    text = "{% if contact.city == 'Pisa' and not entry.campaign_no %}Ciao{% else %}Hello{% endif %}"
    assert merge(text) == "Ciao"
    assert (
        merge("{{ entry.date|date('%d.%m.%Y') }}{{ entry.time_of_interaction|date }}")
        == "26.01.2026"
    )


def test_what_is_not_known_is_blank():
    assert merge("[{{ company.name }}{{ contact.job_title|default('x', true) }}]") == "[x]"


@pytest.mark.parametrize(
    "written",
    ["", *(f"|{name}" for name in _FILTERS.split())],
)
def test_a_blank_field_is_empty_text_through_every_filter(written):
    nothing = merge_values(None, CONTACT, None, None, None)
    fields = [
        f"{group}.{name}"
        for group, names in MERGE_FIELDS.items()
        for name in names
        if nothing[group][name] in {"", None}
    ]
    assert {"salesperson.name", "company.city", "contact.job_title", "entry.date"} <= {*fields}
    text = "".join(f"{{{{ {each}{written} }}}}" for each in fields)
    assert merged(a_file("html"), text.encode(), nothing) == b""
    given = "".join(f"{{{{ {each}|default('x') }}}}" for each in fields)
    assert merged(a_file("txt"), given.encode(), nothing) == b"x" * len(fields)
    document = a_document(text + "{{ salesperson.name|default('us') }}")
    assert words_of(merged(a_file("docx"), document, nothing))[0] == ["us"]


def test_a_choice_without_else_is_empty_text_where_it_does_not_apply():
    assert merge("{{ 'Ms' if contact.job_title }}|{{ ('x' if company.no)|upper }}") == "|"


def test_an_alternative_address_is_taken_whole():
    summer = AlternativeAddress(contact_no="CT1", code="S", city="Rimini", phone_no="1")
    fields = merge_values(None, CONTACT, summer, None, None)["address"]
    assert (fields["city"], fields["address"], fields["name"]) == ("Rimini", "", CONTACT.name)
    assert (fields["e_mail"], fields["phone_no"]) == ("a@c.example", "1")


@pytest.mark.parametrize("extension", ["pdf", "doc", ""])
def test_other_content_is_sent_as_it_is(extension):
    assert merged(a_file(extension), b"\xff{{ x }}", FIELDS) == b"\xff{{ x }}"


def test_content_without_marks_is_not_touched():
    assert merged(a_file("html"), "Grüße".encode("latin-1"), FIELDS) == "Grüße".encode("latin-1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\n{{ contact.nam }}", "line 2: there is no field contact.nam"),
        ("{{ kontakt.name }}", "there is no field kontakt.name"),
        ("{{ contact }}", "there is no field contact"),
        ("{{ contact.name.upper }}", "there is no field .upper"),
        ("{{ contact.__class__ }}", "there is no field contact.__class__"),
        ("{{ contact['name'] }}", "cannot use getitem"),
        ("{{ contact.name|attr('x') }}", "there is no filter attr"),
        ("{{ contact.name|center(1000000000) }}", "there is no filter center"),
        ("{% for n in range(9) %}x{% endfor %}", "cannot use for"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "cannot use"),
        ("{{ 'x' * 10000000000 }}", "cannot use mul"),
        ("{{ 9 ** 99999999 }}", "cannot use pow"),
        ("{% set contact = 1 %}", "cannot use assign"),
        ("{% include 'x' %}", "cannot use include"),
        ("{{ contact.name() }}", "cannot use call"),
        ("{% if contact.name %}", "line 1"),
        ("{{ contact.name }}" * 5_001, "at most 5000 fields"),
        ("{{ contact.name" + "|e" * 5_000 + " }}", "recursion"),
        ("{% if contact.no" + " < contact.no" * 100_000 + " %}x{% endif %}", "at most 5000 fields"),
        ("{{ 'a'" + " 'a'" * 100_000 + " }}", "at most 5000 fields"),
        ("{{ contact.name|date('%Y' }}", "line 1"),
        ("{{ entry.date|date(1) }}", "letter.html"),
        ("{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}", "letter.html"),
    ],
)
def test_what_cannot_be_merged_is_refused_when_it_is_stored(text, reason):
    with pytest.raises(ContentError, match=r"letter\.html") as refused:
        check_content(a_file("html"), text.encode())
    assert reason in str(refused.value)


def test_a_field_that_is_unknown_in_a_passage_that_is_seldom_taken_is_found():
    with pytest.raises(ContentError, match=r"no field entry\.naem"):
        check_content(a_file("txt"), b"{% if contact.name == 'Z' %}{{ entry.naem }}{% endif %}")


def test_merged_content_is_utf_8_and_has_a_greatest_size():
    with pytest.raises(ContentError, match="is not in UTF-8: save it so"):
        check_content(a_file("html"), b"{{ contact.name }}\xff")
    with pytest.raises(ContentError, match="too large"):
        check_content(a_file("html"), b"{{" + b" " * MOST_MERGED)


def test_every_field_can_be_named():
    text = "".join(
        f"{{{{ {group}.{name} }}}}" for group, names in MERGE_FIELDS.items() for name in names
    )
    check_content(a_file("html"), text.encode())
    assert "CT1" in merge(text)


def test_word_documents_are_merged_with_their_footers():
    content = a_document(
        "Dear {{ contact.name }},", "{{ entry.date|date('%Y') }}", footer="{{ salesperson.name }}"
    )
    check_content(a_file("docx"), content)
    paragraphs, footer = words_of(merged(a_file("docx"), content, FIELDS))
    assert (paragraphs, footer) == (["Dear Cannon & <Sons>,", "2026"], "Helena")


def an_archive(size):
    """Return an archive that is small, and large when it is unpacked."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w") as part,
    ):
        for _ in range(size // 2**20):
            part.write(b" " * 2**20)
    return file.getvalue()


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (a_document("{{ contact.nam }}"), "no field contact.nam"),
        (a_document("x", footer="{{ company.x }}"), "no field company.x"),
        (a_document("{% for n in contact %}x{% endfor %}"), "cannot use for"),
        (b"PK not a document", "not a zip file"),
        (an_archive(200 * 2**20), "209715200 bytes unpacked: too large"),
    ],
)
def test_word_documents_are_checked_when_they_are_stored(document, reason):
    with pytest.raises(ContentError, match=reason):
        check_content(a_file("docx"), document)


def test_a_date_is_not_asked_of_what_has_none():
    assert merge("{{ contact.name|date }}") == ""
    assert date(2026, 1, 26) == FIELDS["entry"]["date"]
