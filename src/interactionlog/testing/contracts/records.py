"""What records under a key promise."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from interactionlog.campaigns.campaign import Campaign
from interactionlog.errors import (
    DuplicateEntryError,
    FieldInvalidError,
    NotFoundError,
    UsageError,
)
from interactionlog.templates.setup import MarketingSetup, TemplateSetup
from interactionlog.templates.template import InteractionGroup, TemplateLanguage
from interactionlog.testing.builders import (
    Begin,
    a_template,
)
from interactionlog.unit_of_work import Records, UnitOfWork


@attrs.frozen
class RecordsSample:
    """
    Records to hold against a `Records` of the unit of work.

    Attributes:
        attribute: Name of the records in the unit of work.
        key: Names of the fields of the key.
        first, second: Two records in the order of their keys.
        changed: Other content under the key of ``first``.
    """

    attribute: str
    key: tuple[str, ...]
    first: Any
    second: Any
    changed: Any

    def of(self, work: UnitOfWork) -> Records[Any]:
        """Return the records of a unit of work."""
        records: Records[Any] = getattr(work, self.attribute)
        return records

    def key_of(self, record: Any) -> tuple[object, ...]:
        """Return the key of a record."""
        return tuple(getattr(record, name) for name in self.key)

    @property
    def values(self) -> dict[str, Any]:
        """The fields in which ``changed`` differs from ``first``."""
        names = [field.name for field in attrs.fields(type(self.changed))]
        pairs = {name: getattr(self.changed, name) for name in names}
        return {name: it for name, it in pairs.items() if it != getattr(self.first, name)}


RECORDS = (
    RecordsSample(
        "template_setup",
        ("purpose",),
        TemplateSetup(purpose="e_mails", interaction_template_code="MAIL"),
        TemplateSetup(purpose="outg_calls", interaction_template_code="CALL"),
        TemplateSetup(purpose="e_mails", interaction_template_code="LETTER"),
    ),
    RecordsSample(
        "interaction_groups",
        ("code",),
        InteractionGroup(code="LETTERS"),
        InteractionGroup(code="PHONE"),
        InteractionGroup(code="LETTERS", description="by post"),
    ),
    RecordsSample(
        "templates",
        ("code",),
        a_template("CALL"),
        a_template("LETTER"),
        a_template("CALL", unit_cost_lcy="7.25"),
    ),
    RecordsSample(
        "template_languages",
        ("interaction_template_code", "language_code"),
        TemplateLanguage(interaction_template_code="CALL"),
        TemplateLanguage(interaction_template_code="CALL", language_code="DAN"),
        TemplateLanguage(interaction_template_code="CALL", description="without language"),
    ),
    RecordsSample(
        "campaigns",
        ("no",),
        Campaign(no="CP1001"),
        Campaign(no="CP1002"),
        Campaign(no="CP1001", activated=True),
    ),
)
"""One sample for every `Records` of the unit of work that has more than one record."""


@pytest.mark.parametrize("sample", RECORDS, ids=lambda sample: sample.attribute)
class RecordsContract:
    """What every `Records` promises. Needs a ``begin`` fixture."""

    def test_a_committed_record_comes_back_equal(self, begin: Begin, sample: RecordsSample) -> None:
        with begin() as work:
            sample.of(work).add(sample.first)
        with begin() as work:
            assert sample.of(work).get(*sample.key_of(sample.first)) == sample.first

    def test_an_absent_record_is_not_found(self, begin: Begin, sample: RecordsSample) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            sample.of(work).get(*sample.key_of(sample.first))

    def test_find_gives_none_for_an_absent_record(
        self, begin: Begin, sample: RecordsSample
    ) -> None:
        with begin() as work:
            assert sample.of(work).find(*sample.key_of(sample.first)) is None

    def test_a_taken_key_is_refused_and_the_first_record_stays(
        self, begin: Begin, sample: RecordsSample
    ) -> None:
        with begin() as work:
            sample.of(work).add(sample.first)
            with pytest.raises(DuplicateEntryError):
                sample.of(work).add(sample.changed)
            assert sample.of(work).get(*sample.key_of(sample.first)) == sample.first

    def test_put_stores_a_new_record(self, begin: Begin, sample: RecordsSample) -> None:
        with begin() as work:
            sample.of(work).put(sample.first)
            assert sample.of(work).get(*sample.key_of(sample.first)) == sample.first

    def test_put_takes_the_place_of_the_record_with_its_key(
        self, begin: Begin, sample: RecordsSample
    ) -> None:
        with begin() as work:
            sample.of(work).put(sample.first)
            sample.of(work).put(sample.changed)
            assert sample.of(work).all() == [sample.changed]

    def test_replace_takes_the_place_of_the_record_and_others_stay(
        self, begin: Begin, sample: RecordsSample
    ) -> None:
        with begin() as work:
            sample.of(work).add(sample.first)
            sample.of(work).add(sample.second)
            sample.of(work).replace(sample.changed)
            assert sample.of(work).all() == [sample.changed, sample.second]

    def test_an_absent_record_cannot_be_replaced(self, begin: Begin, sample: RecordsSample) -> None:
        with begin() as work:
            sample.of(work).add(sample.second)
            with pytest.raises(NotFoundError):
                sample.of(work).replace(sample.first)
            assert sample.of(work).all() == [sample.second]

    def test_set_changes_the_named_fields_of_one_record(
        self, begin: Begin, sample: RecordsSample
    ) -> None:
        with begin() as work:
            sample.of(work).add(sample.first)
            sample.of(work).add(sample.second)
            sample.of(work).set(*sample.key_of(sample.first), **sample.values)
            assert sample.of(work).all() == [sample.changed, sample.second]
        with begin() as work:
            assert sample.of(work).all() == [sample.changed, sample.second]

    def test_an_absent_record_cannot_be_set(self, begin: Begin, sample: RecordsSample) -> None:
        with begin() as work:
            with pytest.raises(NotFoundError):
                sample.of(work).set(*sample.key_of(sample.first), **sample.values)
            assert sample.of(work).all() == []

    def test_set_refuses_what_the_constructor_refuses_in_its_words(
        self, begin: Begin, sample: RecordsSample
    ) -> None:
        key = sample.key_of(sample.first)
        for name in sample.values:
            with pytest.raises(FieldInvalidError) as expected:
                attrs.evolve(sample.first, **{name: 0.5})
            with begin() as work:
                sample.of(work).put(sample.first)
                with pytest.raises(FieldInvalidError) as raised:
                    sample.of(work).set(*key, **sample.values | {name: 0.5})
                assert str(raised.value) == str(expected.value)
                assert sample.of(work).all() == [sample.first]

    def test_set_takes_fields_outside_the_key_only(
        self, begin: Begin, sample: RecordsSample
    ) -> None:
        key = sample.key_of(sample.first)
        with begin() as work:
            sample.of(work).add(sample.first)
            sample.of(work).set(*key)
            for values in ({"colour": "red"}, dict(zip(sample.key, key, strict=True))):
                with pytest.raises(UsageError, match=next(iter(sample.values))):
                    sample.of(work).set(*key, **values)
            assert sample.of(work).all() == [sample.first]

    def test_set_many_changes_those_that_are_there(
        self, begin: Begin, sample: RecordsSample
    ) -> None:
        nos: list[Any] = [sample.key_of(each)[0] for each in (sample.first, sample.second)]
        with begin() as work:
            sample.of(work).add(sample.first)
            if len(sample.key) > 1:
                with pytest.raises(UsageError, match="one at a time"):
                    sample.of(work).set_many(nos, **sample.values)
                return
            assert sample.of(work).set_many([], **sample.values) == 0
            assert sample.of(work).set_many(nos, **sample.values) == 1
            assert sample.of(work).all() == [sample.changed]
            sample.of(work).put(sample.first)
            sample.of(work).add(sample.second)
            assert sample.of(work).set_many(nos, **sample.values) == 2
            changed = attrs.evolve(sample.second, **sample.values)
            assert sample.of(work).all() == [sample.changed, changed]

    def test_a_removed_record_is_gone_and_others_stay(
        self, begin: Begin, sample: RecordsSample
    ) -> None:
        with begin() as work:
            sample.of(work).add(sample.first)
            sample.of(work).add(sample.second)
            sample.of(work).remove(*sample.key_of(sample.first))
            assert sample.of(work).all() == [sample.second]

    def test_an_absent_record_cannot_be_removed(self, begin: Begin, sample: RecordsSample) -> None:
        with begin() as work, pytest.raises(NotFoundError):
            sample.of(work).remove(*sample.key_of(sample.first))

    def test_all_is_in_the_order_of_the_keys(self, begin: Begin, sample: RecordsSample) -> None:
        with begin() as work:
            sample.of(work).add(sample.second)
            sample.of(work).add(sample.first)
            assert sample.of(work).all() == [sample.first, sample.second]

    def test_all_may_be_asked_for_any_first_parts_of_the_key(
        self, begin: Begin, sample: RecordsSample
    ) -> None:
        with begin() as work:
            sample.of(work).add(sample.first)
            sample.of(work).add(sample.second)
            key = sample.key_of(sample.second)
            for parts in range(len(key) + 1):
                expected = [
                    record
                    for record in (sample.first, sample.second)
                    if sample.key_of(record)[:parts] == key[:parts]
                ]
                assert sample.of(work).all(*key[:parts]) == expected

    def test_all_of_nothing_is_empty(self, begin: Begin, sample: RecordsSample) -> None:
        with begin() as work:
            assert sample.of(work).all() == []


class SetupContract:
    """What the one setup record promises. Needs a ``begin`` fixture."""

    def test_there_is_none_at_first(self, begin: Begin) -> None:
        with begin() as work:
            assert work.marketing_setup.find() is None
            assert work.marketing_setup.all() == []

    def test_there_is_at_most_one(self, begin: Begin) -> None:
        with begin() as work:
            work.marketing_setup.put(MarketingSetup(segment_nos="SEGM"))
            work.marketing_setup.put(MarketingSetup(segment_nos="SEGM2"))
        with begin() as work:
            assert work.marketing_setup.get().segment_nos == "SEGM2"
            assert work.marketing_setup.all() == [MarketingSetup(segment_nos="SEGM2")]

    def test_set_stores_it_with_defaults_and_then_changes_the_named_fields(
        self, begin: Begin
    ) -> None:
        with begin() as work:
            work.marketing_setup.set(segment_nos=" segm ")
            assert work.marketing_setup.get() == MarketingSetup(segment_nos="SEGM")
            work.marketing_setup.set(campaign_nos="CAMP", segment_nos="SEGM2")
        with begin() as work:
            work.marketing_setup.set(segment_nos=None)
            assert work.marketing_setup.get() == MarketingSetup(campaign_nos="CAMP")

    def test_set_refuses_what_the_constructor_refuses(self, begin: Begin) -> None:
        with begin() as work:
            with pytest.raises(FieldInvalidError):
                work.marketing_setup.set(segment_nos="X" * 21)
            assert work.marketing_setup.find() is None
