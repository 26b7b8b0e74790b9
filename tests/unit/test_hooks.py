"""The three kinds of hooks."""

from __future__ import annotations

import pytest

import interactionlog as il
from company import add_company, add_language, set_up
from interactionlog.errors import UsageError
from interactionlog.hooks import Hooks
from interactionlog.interactions.service import InteractionService
from interactionlog.values import CorrespondenceType

HARD_COPY = CorrespondenceType.HARD_COPY


class Danish:
    def resolve_language(self, work, template, contact):
        return "DAN"


class Paper:
    def resolve_correspondence_type(self, work, template, contact):
        return HARD_COPY if contact else None


class Everything(Danish, Paper):
    def check_draft(self, work, draft):
        return ()

    def check_line(self, work, line, contact):
        return ()

    def resolve_document_template(self, work, document_type, contact):
        return None

    def interactions_logged(self, work, entries):
        pass


def test_resolvers_replace_the_choice_of_language_and_correspondence_type(begin):
    with begin.with_hooks([Danish(), Paper()])() as work:
        set_up(work, language_code_default="ENU")
        add_company(work, correspondence_type=CorrespondenceType.EMAIL)
        add_language(work, "T1", "DAN", word_template_code="W")
        draft = InteractionService(work).start("C", interaction_template_code="T1")
    assert (draft.language_code, draft.word_template_code) == ("DAN", "W")
    assert draft.correspondence_type is HARD_COPY


def test_an_object_is_sorted_by_the_methods_that_it_has():
    one = Everything()
    hooks = Hooks([Danish(), one])
    assert hooks.language is hooks.correspondence_type is hooks.document_template is one
    assert hooks.draft_checks == hooks.line_checks == hooks.observers == (one,)
    assert Hooks().language is None


def test_an_object_without_any_of_the_methods_is_refused():
    with pytest.raises(UsageError, match=r"is not a hook.*check_draft, .*interactions_logged"):
        Hooks([object()])
    with pytest.raises(UsageError, match=r"Danish is a class: give an object, Danish\(\)"):
        Hooks([Danish])


class _Returns:
    def __init__(self, found):
        self.found = found

    def check_draft(self, work, draft):
        return self.found

    def check_line(self, work, line, contact):
        return self.found

    def __repr__(self):
        return "the check of the shop"


@pytest.mark.parametrize("found", [None, "busy", ["busy"], 7, object()])
def test_a_check_that_returns_no_problems_is_named(begin, found):
    from interactionlog.testing import add_segment

    with begin() as work:
        add_segment(work, "SM1", ["CT1"])
    with begin.with_hooks([_Returns(found)])() as work:
        for call in (
            lambda: il.SegmentLogger(work).plan("SM1"),
            lambda: il.SegmentLogger(work).log("SM1"),
            lambda: InteractionService(work).check(InteractionService(work).start("CT1")),
        ):
            with pytest.raises(il.UsageError, match="the check of the shop returned") as told:
                call()
            assert repr(found)[:60] in str(told.value)  # what it gave, and not a letter of it
        assert work.interactions.newest(il.LogFilter()) == []
