"""INT-001 to INT-009: templates, their languages and content, and what guards them."""

from __future__ import annotations

import attrs
import pytest

from company import add_attachment, add_salesperson, log_interaction, set_up
from interactionlog.attachments.attachment import AttachmentService
from interactionlog.errors import (
    CheckFailedError,
    DuplicateEntryError,
    FieldInvalidError,
    NotFoundError,
    StateError,
    UsageError,
)
from interactionlog.segments.service import SegmentService
from interactionlog.templates.service import (
    TemplateService,
    following_action,
    goes_with,
)
from interactionlog.templates.template import InteractionGroup, TemplateLanguage
from interactionlog.testing import a_campaign, a_line, a_segment, a_template, an_entry
from interactionlog.values import CorrespondenceType, DocumentType, WizardAction

OPEN, IMPORT, MERGE = WizardAction.OPEN, WizardAction.IMPORT, WizardAction.MERGE
ACTIONS = (None, OPEN, IMPORT, MERGE)


def service(work, **values):
    templates = TemplateService(work)
    templates.put_group(InteractionGroup(code="G1"))
    template = a_template("T1", interaction_group_code="G1", description="TD", **values)
    templates.create(template)
    return templates


@pytest.mark.rule("INT-001")
def test_a_default_language_must_be_offered_or_is_made_when_asked_for(begin):
    with begin() as work:
        templates = service(work)
        with pytest.raises(NotFoundError):
            templates.change("T1", language_code_default="DAN")
        assert work.templates.get("T1").language_code_default is None
        templates.change("T1", language_code_default="dan", create_language=True)
        assert work.template_languages.get("T1", "DAN").description == "TD"
        with pytest.raises(NotFoundError):
            templates.create(
                a_template("T2", interaction_group_code="G1", language_code_default="DAN")
            )
        assert work.templates.find("T2") is None
        other = a_template("T3", interaction_group_code="G1", language_code_default="DAN")
        templates.create(other, create_language=True)
        assert work.template_languages.find("T3", "DAN") is not None


def test_a_template_has_no_correspondence_type_unless_one_is_given(begin):
    with begin() as work:
        service(work)
        assert work.templates.get("T1").correspondence_type_default is None


@pytest.mark.rule("INT-002")
@pytest.mark.parametrize("current", ACTIONS)
def test_the_wizard_action_follows_the_layout_of_the_default_language(current):
    row = TemplateLanguage(interaction_template_code="T1")
    layout = TemplateLanguage(interaction_template_code="T1", report_layout_name="Mail")
    assert following_action(layout, current) is MERGE
    expected = None if current is MERGE else current
    assert following_action(row, current) is expected
    assert following_action(None, current) is expected


@pytest.mark.rule("INT-003")
def test_the_word_template_follows_the_default_language(begin):
    with begin() as work:
        templates = service(work, word_template_code="OLD")
        templates.set_language("T1", "DAN", word_template_code="W")
        templates.set_language("T1", "ENU")
        danish = templates.change("T1", language_code_default="DAN")
        english = templates.change("T1", language_code_default="ENU")
    assert (danish.word_template_code, english.word_template_code) == ("W", None)


ACCEPTED = {
    # layout, Word template, content: the accepted actions
    (False, False, False): {None, OPEN, IMPORT},
    (False, False, True): {None, OPEN, IMPORT},
    (True, False, True): {MERGE},
    (True, False, False): set(),
    (False, True, False): {None, OPEN, MERGE},
    (True, True, False): {None, OPEN, MERGE},
}


@pytest.mark.rule("INT-004")
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(("layout", "word", "content"), ACCEPTED)
def test_a_wizard_action_must_go_with_layout_word_template_and_content(
    layout, word, content, action
):
    template = a_template(wizard_action=action, word_template_code="W" if word else None)
    row = TemplateLanguage(
        interaction_template_code=template.code,
        custom_layout_code="L" if layout else None,
        attachment_no=1 if content else None,
    )
    assert goes_with(template, row) is (action in ACCEPTED[layout, word, content])
    assert goes_with(template, None)


@pytest.mark.rule("INT-005")
def test_a_word_template_replaces_the_content_only_when_that_is_said(begin):
    with begin() as work:
        templates = service(work)
        content = add_attachment(work)
        templates.set_content("T1", None, content)
        with pytest.raises(StateError, match="remove_content"):
            templates.change("T1", word_template_code="W")
        assert work.templates.get("T1").word_template_code is None
        templates.change("T1", word_template_code="W", remove_content=True)
        row = work.template_languages.get("T1", None)
        assert (row.word_template_code, row.attachment_no) == ("W", None)
        assert work.attachments.find(content) is None
        with pytest.raises(CheckFailedError):
            templates.change("T1", wizard_action=IMPORT)
        templates.change("T1", word_template_code=None)
        assert work.template_languages.get("T1", None).word_template_code is None
        kept = add_attachment(work)
        templates.set_content("T1", None, kept)
        templates.change("T1", word_template_code=None)
        assert templates.default_attachment_no("T1") == kept
        templates.set_content("T1", None, None)
        templates.change("T1", wizard_action=IMPORT)
        with pytest.raises(CheckFailedError):
            templates.change("T1", word_template_code="W")


@pytest.mark.rule("INT-005")
def test_a_word_template_does_not_make_a_language_row(begin):
    with begin() as work:
        service(work).change("T1", word_template_code="W")
        assert not work.template_languages.all("T1")


@pytest.mark.rule("INT-006")
def test_one_kind_of_layout_clears_the_other(begin):
    with begin() as work:
        templates = service(work)
        row = templates.set_language("T1", "DAN", report_layout_name="Mail")
        assert row.has_layout
        row = templates.set_language("T1", "DAN", custom_layout_code="L")
        assert (row.custom_layout_code, row.report_layout_name) == ("L", "")
        row = templates.set_language("T1", "DAN", report_layout_name="Mail")
        assert (row.custom_layout_code, row.report_layout_name) == (None, "Mail")
        row = templates.set_language("T1", "DAN", description="Danish")
        assert (row.report_layout_name, row.description) == ("Mail", "Danish")
        for language in ("DAN", "ENU"):
            with pytest.raises(FieldInvalidError, match="beside a custom_layout_code"):
                templates.set_language(
                    "T1", language, custom_layout_code="L", report_layout_name="Mail"
                )
        assert work.template_languages.all("T1") == [row]


@pytest.mark.rule("INT-007")
def test_a_renamed_default_language_stays_the_default(begin):
    with begin() as work:
        templates = service(work)
        templates.change("T1", language_code_default="DAN", create_language=True)
        templates.set_language("T1", "ENU")
        with pytest.raises(DuplicateEntryError):
            templates.rename_language("T1", "DAN", "ENU")
        templates.rename_language("T1", "dan", "dea")
        templates.rename_language("T1", "ENU", None)
        rows = [row.language_code for row in work.template_languages.all("T1")]
        assert rows == [None, "DEA"]
        assert work.templates.get("T1").language_code_default == "DEA"
        with pytest.raises(NotFoundError):
            templates.rename_language("T1", "ENU", "FRA")


@pytest.mark.rule("INT-008")
def test_a_deleted_template_takes_only_its_own_content_along(begin):
    with begin() as work:
        templates = service(work)
        content = add_attachment(work)
        templates.set_content("T1", "DAN", content)
        work.segments.add(a_segment("S1"))
        work.segments.add_lines([a_line(segment_no="S1", attachment_no=content)])
        templates.delete("t1")
        assert work.templates.find("T1") is None
        assert not work.template_languages.all("T1")
        assert work.attachments.find(content) is not None
        with pytest.raises(NotFoundError):
            templates.delete("T1")
        with pytest.raises(NotFoundError):
            templates.delete_language("T1", "DAN")


@pytest.mark.rule("INT-008")
@pytest.mark.parametrize(
    ("use", "user"),
    [
        (lambda work: TemplateService(work).assign("outg_calls", "T1"), "setup field outg_calls"),
        (lambda work: work.segments.add(a_segment(interaction_template_code="T1")), "segment"),
        (
            lambda work: (
                work.segments.add(a_segment()),
                work.segments.add_lines([a_line(interaction_template_code="T1")]),
            ),
            "segment",
        ),
        (
            lambda work: work.interactions.add(an_entry(7, interaction_template_code="T1")),
            "entry 7",
        ),
    ],
)
def test_a_template_in_use_is_not_deleted(begin, use, user):
    with begin() as work:
        templates = service(work)
        templates.set_language("T1", "DAN")
        templates.create(a_template("T0", interaction_group_code="G1"))
        templates.assign("e_mails", "T0")
        use(work)
        with pytest.raises(StateError, match=f"template T1 is used by {user}"):
            templates.delete("T1")
        assert work.templates.find("T1") is not None
        assert work.template_languages.find("T1", "DAN") is not None


def test_a_group_in_use_is_not_deleted(begin):
    with begin() as work:
        templates = service(work)
        with pytest.raises(StateError, match="group G1 is used by template T1"):
            templates.delete_group("G1")
        templates.delete("T1")
        templates.put_group(InteractionGroup(code="G0"))
        templates.create(a_template("T0", interaction_group_code="G0"))
        work.interactions.add(an_entry(7, interaction_group_code="G1"))
        with pytest.raises(StateError, match="group G1 is used by entry 7"):
            templates.delete_group("G1")
        work.interactions.remove(7)
        templates.delete_group("g1")
        assert work.interaction_groups.find("G1") is None
        with pytest.raises(NotFoundError):
            templates.delete_group("G1")


@pytest.mark.rule("INT-009")
@pytest.mark.rule("INT-069")
def test_content_is_set_replaced_and_copied_and_the_row_is_made_for_it(begin):
    with begin() as work:
        templates = service(work)
        first, second = add_attachment(work, b"1"), add_attachment(work, b"2")
        assert templates.set_content("T1", "DAN", first).description == "TD"
        templates.set_content("T1", "DAN", second)
        assert work.attachments.find(first) is None
        copy = templates.set_content("T1", "ENU", second).attachment_no
        assert copy != second
        assert work.attachments.get(copy).digest == work.attachments.get(second).digest
        templates.set_content("T1", "DAN", None)
        with AttachmentService(work).open(copy) as content:
            assert content.read() == b"2"
        with pytest.raises(NotFoundError):
            templates.set_content("T1", "DAN", 99)


@pytest.mark.rule("INT-070")
@pytest.mark.rule("INT-071")
def test_read_only_content_is_not_replaced_but_can_be_removed(begin):
    with begin() as work:
        templates = service(work)
        content = add_attachment(work, b"1")
        templates.set_content("T1", None, content)
        work.attachments.set_read_only([content])
        with pytest.raises(StateError, match="read-only"):
            templates.set_content("T1", None, add_attachment(work, b"2"))
        assert templates.default_attachment_no("T1") == content
        templates.set_content("T1", None, None)
        assert work.attachments.find(content) is None


@pytest.mark.rule("INT-075")
def test_the_template_of_a_document_has_no_content(begin):
    with begin() as work:
        templates = service(work)
        templates.assign(DocumentType.SALES_INVOICE, "t1")
        assert work.template_setup.get("sales_invoices").interaction_template_code == "T1"
        templates.assign(DocumentType.SALES_INVOICE, None)
        templates.assign(DocumentType.SALES_INVOICE, None)
        assert work.template_setup.find("sales_invoices") is None
        templates.set_content("T1", None, add_attachment(work))
        with pytest.raises(StateError, match="has content"):
            templates.assign(DocumentType.SALES_INVOICE, "T1")
        templates.assign("meeting_invitation", "T1")
        with pytest.raises(NotFoundError):
            templates.assign("outg_calls", "XX")
        with pytest.raises(FieldInvalidError):
            templates.assign("unheard_of", "T1")
        assert len(work.template_setup.all()) == 1


GIVEN_CONTENT = {
    "attachment": lambda service: service.set_content("T1", None, add_attachment(service.work)),
    "of another language": lambda service: service.set_content(
        "T1", "DAN", add_attachment(service.work)
    ),
    "Word template": lambda service: service.set_language("T1", "DAN", word_template_code="W"),
    "of the header": lambda service: (
        service.set_language("T1", None, description="x"),
        service.change("T1", word_template_code="W"),
    ),
}


@pytest.mark.rule("INT-076")
@pytest.mark.parametrize("give", GIVEN_CONTENT)
def test_the_template_of_a_document_gets_no_content_before_or_after(begin, give):
    with begin() as work:
        templates = service(work)
        templates.assign(DocumentType.SALES_INVOICE, "T1")
        with pytest.raises(StateError, match="has content and cannot serve sales_invoices"):
            GIVEN_CONTENT[give](templates)
        assert not any(row.has_content for row in work.template_languages.all("T1"))
        templates.assign(DocumentType.SALES_INVOICE, None)
        GIVEN_CONTENT[give](templates)
        with pytest.raises(StateError, match="has content and cannot serve sales_invoices"):
            templates.assign(DocumentType.SALES_INVOICE, "T1")
        assert templates.assigned(DocumentType.SALES_INVOICE) is None
        templates.assign("meeting_invitation", "T1")


@pytest.mark.rule("INT-076")
def test_content_that_the_template_of_a_document_has_is_removed_language_by_language(begin):
    with begin() as work:
        templates = service(work)
        templates.assign(DocumentType.SALES_INVOICE, "T1")
        for code in (None, "DAN"):
            row = TemplateLanguage(interaction_template_code="T1", language_code=code)
            work.template_languages.put(attrs.evolve(row, attachment_no=add_attachment(work)))
        templates.change("T1", description="Invoice")
        templates.set_language("T1", "DAN", description="Faktura")
        for code in (None, "DAN"):
            templates.set_content("T1", code, None)
        assert not any(row.has_content for row in work.template_languages.all("T1"))


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"interaction_group_code": "XX"}, NotFoundError),
        ({"campaign_no": "XX"}, NotFoundError),
        ({"colour": "red"}, UsageError),
        ({"unit_cost_lcy": -1}, FieldInvalidError),
        ({"description": "x" * 101}, FieldInvalidError),
    ],
)
def test_a_refused_change_leaves_the_template_as_it_was(begin, values, error):
    with begin() as work:
        templates = service(work)
        before = work.templates.get("T1")
        with pytest.raises(error):
            templates.change("T1", **values)
        assert work.templates.all() == [before]
        with pytest.raises(NotFoundError):
            templates.change("XX", description="x")
        with pytest.raises(UsageError):
            templates.set_language("T1", "DAN", colour="red")
        assert not work.template_languages.all("T1")


def test_a_template_is_created_once_in_a_group_that_exists(begin):
    with begin() as work:
        templates = service(work)
        with pytest.raises(DuplicateEntryError):
            templates.create(a_template("T1", interaction_group_code="G1"))
        with pytest.raises(NotFoundError):
            templates.create(a_template("T2", interaction_group_code="XX"))
        work.campaigns.put(a_campaign("CP1"))
        templates.create(
            a_template("T2", interaction_group_code="G1", campaign_no="CP1", wizard_action=MERGE)
        )
        assert [template.code for template in work.templates.all()] == ["T1", "T2"]


def test_what_is_logged_keeps_group_and_cost_when_the_template_changes(begin):
    with begin() as work:
        set_up(work, correspondence_type_default=CorrespondenceType.HARD_COPY)
        entry = log_interaction(work)
        templates = TemplateService(work)
        templates.put_group(InteractionGroup(code="G2"))
        templates.change("T1", interaction_group_code="G2", unit_cost_lcy=9)
        assert work.interactions.get(entry.entry_no) == entry
        add_salesperson(work, "SP2")
        segments = SegmentService(work)
        segment = segments.create(
            "S", no="S1", interaction_template_code="T1", salesperson_code="SP2"
        )
    assert segment.interaction_group_code == "G2"


@pytest.mark.rule("INT-001")
def test_a_default_language_whose_row_is_deleted_is_none_and_the_template_can_be_changed(begin):
    with begin() as work:
        templates = TemplateService(work)
        work.interaction_groups.put(InteractionGroup(code="G"))
        templates.create(a_template("LETTERS", interaction_group_code="G"))
        for code in ("DAN", "ENU"):
            templates.set_language("LETTERS", code)
        templates.change("LETTERS", language_code_default="ENU")
        templates.delete_language("letters", "dan")
        assert work.templates.get("LETTERS").language_code_default == "ENU"
        templates.delete_language("letters", "enu")
        assert work.templates.get("LETTERS").language_code_default is None
        assert templates.change("LETTERS", description="New").description == "New"


def test_a_template_whose_campaign_is_gone_is_deleted_with_its_languages(begin):
    with begin() as work:
        templates = TemplateService(work)
        work.interaction_groups.put(InteractionGroup(code="G"))
        templates.create(a_template("LETTERS", interaction_group_code="G"))
        templates.set_language("LETTERS", "ENU")
        work.templates.set("LETTERS", language_code_default="ENU", campaign_no="GONE")
        templates.delete("LETTERS")
        assert work.templates.find("LETTERS") is None
        assert work.template_languages.all("LETTERS") == []
