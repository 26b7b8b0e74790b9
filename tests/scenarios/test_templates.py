"""Area "Interaction groups, templates and template languages"."""

from __future__ import annotations

import pytest

from company import add_attachment
from interactionlog.errors import CheckFailedError
from interactionlog.templates.service import TemplateService
from interactionlog.templates.template import InteractionGroup
from interactionlog.testing import a_template
from interactionlog.values import WizardAction

OPEN, IMPORT, MERGE = WizardAction.OPEN, WizardAction.IMPORT, WizardAction.MERGE


def service(work, **values):
    """Return the service over group G1 and template T1."""
    templates = TemplateService(work)
    templates.put_group(InteractionGroup(code="G1"))
    templates.create(a_template("T1", interaction_group_code="G1", **values))
    return templates


def accept(work, *actions):
    for action in actions:
        TemplateService(work).change("T1", wizard_action=action)
        assert work.templates.get("T1").wizard_action is action


def refuse(work, *actions):
    before = work.templates.get("T1")
    for action in actions:
        with pytest.raises(CheckFailedError) as refused:
            TemplateService(work).change("T1", wizard_action=action)
        (problem,) = refused.value.problems
        assert (problem.field, problem.record) == ("wizard_action", "T1")
        assert (action.name if action else "no wizard action") in problem.message
        assert work.templates.get("T1") == before


@pytest.mark.scenario("MarketingInteraction.CreationInteractionGroup")
def test_a_stored_group_is_found(begin):
    group = InteractionGroup(code="G1", description="Letters")
    with begin() as work:
        TemplateService(work).put_group(group)
    with begin.read() as work:
        assert work.interaction_groups.get("G1") == group


@pytest.mark.scenario("MarketingInteraction.CreationInteractionTemplate")
def test_a_template_keeps_its_group(begin):
    with begin() as work:
        templates = service(work)
        templates.put_group(InteractionGroup(code="G2"))
        templates.change("T1", interaction_group_code="G2")
    with begin.read() as work:
        assert work.templates.get("T1").interaction_group_code == "G2"


@pytest.mark.scenario("MarketingInteraction.RemoveAttachment")
def test_a_template_whose_content_is_removed_has_none(begin):
    with begin() as work:
        templates = service(work)
        no = add_attachment(work)
        templates.set_content("T1", None, no)
        assert templates.default_attachment_no("T1") == no
        templates.set_content("T1", None, None)
        assert templates.default_attachment_no("T1") is None
        assert work.attachments.find(no) is None


@pytest.mark.scenario("MarketingInteraction.ValidateWizardActionWithoutLangCode")
def test_without_language_row_every_wizard_action_is_accepted(begin):
    with begin() as work:
        service(work)
        accept(work, None, OPEN, IMPORT, MERGE)


@pytest.mark.scenario("MarketingInteraction.ValidateWizardActionWithLangCodeWithoutAttachment")
def test_without_content_merge_is_refused(begin):
    with begin() as work:
        service(work).change("T1", language_code_default="L1", create_language=True)
        accept(work, None, OPEN, IMPORT)
        refuse(work, MERGE)


@pytest.mark.scenario("MarketingInteraction.ValidateWizardActionWithLangCodeWithWordAttachment")
def test_with_a_word_document_as_content_merge_is_refused(begin):
    with begin() as work:
        templates = service(work)
        templates.change("T1", language_code_default="L1", create_language=True)
        templates.set_content("T1", "L1", add_attachment(work, name="letter.DOC"))
        accept(work, None, OPEN, IMPORT)
        refuse(work, MERGE)


def add_merging_language(work, code):
    templates = TemplateService(work)
    templates.set_language("T1", code, custom_layout_code="MAIL")
    templates.set_content("T1", code, add_attachment(work, b"<p>", "mail.html"))


@pytest.mark.scenario(
    "MarketingInteraction.ValidateWizardActionWithLangCodeWithEmailMergeAttachment"
)
def test_a_default_language_with_a_layout_allows_merge_only(begin):
    with begin() as work:
        templates = service(work)
        add_merging_language(work, "L1")
        templates.change("T1", language_code_default="L1")
        assert work.templates.get("T1").wizard_action is MERGE
        refuse(work, None, OPEN, IMPORT)


@pytest.mark.parametrize(
    ("first", "second", "actions"),
    [
        pytest.param(
            "L1",
            "L2",
            [None, MERGE],
            marks=pytest.mark.scenario(
                "MarketingInteraction."
                "WizardActionIsChangedFromEmptyToMergeAfterValidateEmailMergeAttachment"
            ),
        ),
        pytest.param(
            "L2",
            "L1",
            [MERGE, None],
            marks=pytest.mark.scenario(
                "MarketingInteraction."
                "WizardActionIsChangedFromMergeToEmptyAfterValidateLangCodeWithoutAttachment"
            ),
        ),
    ],
)
def test_the_wizard_action_follows_the_default_language(begin, first, second, actions):
    with begin() as work:
        templates = service(work)
        templates.set_language("T1", "L1")
        add_merging_language(work, "L2")
        changed = [templates.change("T1", language_code_default=code) for code in (first, second)]
    assert [template.wizard_action for template in changed] == actions


@pytest.mark.scenario("MarketingInteraction.DeleteInteractionTmplWithEmailMergeAttachment")
def test_a_deleted_template_takes_its_languages_and_their_content_along(begin):
    with begin() as work:
        others = [add_attachment(work, name=f"{number}.txt") for number in range(3)]
        templates = service(work)
        for code in ("L1", "L2", "L3"):
            add_merging_language(work, code)
        own = [row.attachment_no for row in work.template_languages.all("T1")]
        assert len({*own, *others}) == 6
        templates.delete("T1")
        assert not work.template_languages.all("T1")
        assert not [no for no in own if work.attachments.find(no)]
        assert [no for no in others if work.attachments.find(no)] == others


@pytest.mark.scenario("MarketingInteraction.InteractionEditAttachmentWhenWordTemplateUsedError")
def test_content_cannot_be_used_together_with_a_word_template(begin):
    with begin() as work:
        templates = service(work, word_template_code="CODE")
        with pytest.raises(CheckFailedError) as refused:
            templates.set_content("T1", None, add_attachment(work))
        assert "cannot be used together with Word template CODE" in str(refused.value)
        assert templates.default_attachment_no("T1") is None


@pytest.mark.scenario(
    "MarketingInteraction.ValidateWizardActionWithLangCodeWithoutWordAttachmentWithWordTemplate"
)
def test_with_a_word_template_import_is_refused(begin):
    with begin() as work:
        templates = service(work)
        templates.set_language("T1", "L1", word_template_code="CODE")
        templates.change("T1", language_code_default="L1")
        assert work.templates.get("T1").word_template_code == "CODE"
        accept(work, None, OPEN, MERGE)
        refuse(work, IMPORT)


@pytest.mark.scenario("AttachmentStorageType.EmailMergeAttachment_Delete_InterTmplLang")
def test_a_deleted_language_row_takes_its_content_along(begin):
    with begin() as work:
        templates = service(work)
        add_merging_language(work, "L1")
        no = work.template_languages.get("T1", "L1").attachment_no
        templates.delete_language("T1", "L1")
        assert work.attachments.find(no) is None
