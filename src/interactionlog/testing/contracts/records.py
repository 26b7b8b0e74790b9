"""What records under a key promise."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import Any, cast

import attrs
import pytest

import interactionlog as il
from interactionlog.adapters.tables import TABLES
from interactionlog.interactions.idempotency import IdempotencyKey
from interactionlog.numbering.series import NoSeries
from interactionlog.privacy import Suppression
from interactionlog.segments.segment import SavedCriteria, SavedCriteriaStep
from interactionlog.testing.builders import (
    MOMENT,
    Begin,
    a_campaign_entry,
    a_comment,
    a_contact,
    a_key,
    a_language,
    a_logged_segment,
    a_number_line,
    a_receipt,
    a_segment,
    a_step,
    a_template,
    an_attachment,
    in_full,
)
from interactionlog.testing.contracts import Contract, Work, assert_alike
from interactionlog.unit_of_work import Records
from interactionlog.values import LoggedSegmentState, ResetPeriod

Some = Records[Any]


class Sample:
    """
    Records to hold against a `Records` of the unit of work.

    Args:
        attribute: Name of the records in the unit of work; ``""`` for those without one.
        first, second: Two records in the order of their keys, or in what the second differs.
        values: Fields in which other content under the key of ``first`` differs from it.
    """

    def __init__(self, attribute: str, first: Any, second: Any, **values: Any) -> None:
        self.attribute, self.values, self.entity = attribute, values, type(first)
        self.names = TABLES[self.entity].key
        self.first = in_full(first, *self.names)
        self.second = attrs.evolve(first, **second) if isinstance(second, dict) else second
        self.changed = attrs.evolve(self.first, **values)
        self.key, self.other_key = self.key_of(first), self.key_of(self.second)

    def of(self, work: Work) -> Some:
        """Return the records of a unit of work."""
        named = attrgetter(self.attribute)(work) if self.attribute else work.records(self.entity)
        return cast("Some", named)

    def key_of(self, record: Any) -> tuple[Any, ...]:
        """Return the key of a record."""
        return tuple(getattr(record, name) for name in self.names)


_YEARLY: dict[str, Any] = {"template": "S{yyyy}-{n:03}", "reset_period": ResetPeriod.YEAR}
_LOGGED = a_logged_segment(
    7,
    header=a_segment(unit_cost_lcy="7.25"),
    policy=il.LoggingPolicy(duplicate=il.Treatment.LEAVE_OUT),
    counts={"log": 12, "leave-out": 1},
    state=LoggedSegmentState.UNDONE,
    follow_up_filter=il.OutcomeFilter(evaluations=frozenset({None, il.Evaluation.POSITIVE})),
)
_SETUP = il.TemplateSetup(purpose="e_mails", interaction_template_code="MAIL")
_LANGUAGE = il.TemplateLanguage(interaction_template_code="CALL", language_code=None)
_ENTRY, _LINE = a_campaign_entry(7, register_no=3), a_number_line(suffix="/S", last_allowed=99)
_NEWS = il.ReferenceCode(kind=il.ReferenceKind.MAILING_GROUP, code="NEWS")
_STEP = SavedCriteriaStep(code="SPRING", step_no=1, action=il.CriteriaAction.ADD)
_SUPPRESSED = Suppression(address="eve@x.example", channel=None, recorded_at=MOMENT)
RECORDS = (
    Sample("template_setup", _SETUP, {"purpose": "outg_calls"}, interaction_template_code="CALL"),
    Sample("interaction_groups", il.InteractionGroup(code="A"), {"code": "B"}, description="new"),
    Sample("templates", a_template("CALL"), {"code": "LETTER"}, unit_cost_lcy="7.25"),
    Sample("template_languages", _LANGUAGE, {"language_code": "DAN"}, description="new"),
    Sample("campaigns", il.Campaign(no="CP1"), {"no": "CP2"}, activated=False),
    Sample("campaign_entries", _ENTRY, {"entry_no": 10, "register_no": 4}, description="new"),
    Sample("attachments", an_attachment(7), {"no": 10}, name="letter.html"),
    Sample("contacts", a_contact("CT1", name="Ægir"), a_contact("CT10"), name="new"),
    Sample("salespeople", il.Salesperson(code="HR"), {"code": "JO"}, name="new"),
    Sample("users", il.User(user_id="HELENA"), {"user_id": "JIM"}, full_name="Helena"),
    Sample("reference_codes", _NEWS, {"code": "TIPS"}, description="News"),
    Sample("idempotency_keys", a_key("K1"), {"key": "k1"}, result_no="9"),
    Sample("suppressions", _SUPPRESSED, {"channel": "MAIL"}, reason="bounced"),
    Sample("segments", a_segment("SM1"), {"no": "SM2"}, description="changed"),
    Sample("", SavedCriteria(code="A"), {"code": "B"}, description="new"),
    Sample("", _STEP, {"step_no": 2}, all_contacts=True),
    Sample("", a_step(), {"step_no": 2}, lines_added=7),
    Sample("", a_language(), {"segment_line_no": 10_000}, subject="new"),
    Sample("", a_comment(), {"line_no": 20_000}, comment="first\nof two"),
    Sample("", a_receipt(), {"happened_at": MOMENT + timedelta(1)}, text="no such mailbox"),
    Sample("logged_segments", _LOGGED, a_logged_segment(10, "SM2"), cancel_state=0),
    Sample("numbers.series", NoSeries(code="A"), {"code": "B"}, description="changed"),
    Sample("numbers.lines", _LINE, a_number_line(20_000, prefix="", width=3, **_YEARLY), step=50),
)
"""One sample for every `Records` of the unit of work with several records and other fields."""


@pytest.mark.parametrize("sample", RECORDS, ids=attrgetter("entity.__name__"))
class RecordsContract(Contract):
    """What every `Records` promises. Needs a ``begin`` fixture."""

    @pytest.fixture
    def records(self, work: Work, sample: Sample) -> Some:
        """Return the records of a unit of work that ends with the test."""
        return sample.of(work)

    def test_a_committed_record_comes_back_equal(self, begin: Begin, sample: Sample) -> None:
        with begin() as work:
            sample.of(work).add(sample.first)
        with begin() as work:
            records = sample.of(work)
            assert_alike(records.get(*sample.key), sample.first)
            if not isinstance(sample.first, IdempotencyKey):  # of a code the case does not count
                typed = [part.lower() if isinstance(part, str) else part for part in sample.key]
                assert records.get(*typed) == sample.first

    def test_an_absent_record_is_not_found(self, records: Some, sample: Sample) -> None:
        assert records.find(*sample.key) is None
        assert records.hold(*sample.key) is None
        assert records.all() == []
        for look in (records.get, records.lock):
            with pytest.raises(il.NotFoundError):
                look(*sample.key)

    def test_a_key_has_all_its_parts_and_no_more(self, records: Some, sample: Sample) -> None:
        records.add(sample.first)
        looks = (records.find, records.get, records.hold, records.lock, records.remove)
        for look in looks:
            for wrong in (sample.key[:-1], (*sample.key, "1")):
                with pytest.raises(il.UsageError, match="the key of a "):
                    look(*wrong)
        with pytest.raises(il.UsageError, match="the key of a "):
            records.all(*sample.key, "1")
        for wrong in (sample.key[:-1], (*sample.key, "1")):
            with pytest.raises(il.UsageError, match="the key of a "):
                records.set(*wrong, **sample.values)
        assert records.all() == [sample.first]

    def test_a_taken_key_is_refused_and_the_first_stays(
        self, records: Some, sample: Sample
    ) -> None:
        records.add(sample.first)
        with pytest.raises(il.DuplicateEntryError):
            records.add(sample.changed)
        assert records.get(*sample.key) == sample.first

    def test_put_adds_or_takes_the_place_of_the_same_key(
        self, records: Some, sample: Sample
    ) -> None:
        for record in (sample.first, sample.changed):
            records.put(record)
            assert records.all() == [record]

    def test_replace_takes_its_place_and_others_stay(self, records: Some, sample: Sample) -> None:
        records.add(sample.first)
        records.add(sample.second)
        records.replace(sample.changed)
        assert records.all() == [sample.changed, sample.second]

    def test_set_changes_the_named_fields_of_one_record(self, begin: Begin, sample: Sample) -> None:
        with begin() as work:
            records = sample.of(work)
            records.add(sample.first)
            records.add(sample.second)
            records.set(*sample.key, **sample.values)
            assert records.all() == [sample.changed, sample.second]
        with begin() as work:
            assert sample.of(work).all() == [sample.changed, sample.second]

    def test_an_absent_record_cannot_be_changed(self, records: Some, sample: Sample) -> None:
        records.add(sample.second)
        with pytest.raises(il.NotFoundError):
            records.replace(sample.first)
        with pytest.raises(il.NotFoundError):
            records.set(*sample.key, **sample.values)
        with pytest.raises(il.NotFoundError):
            records.remove(*sample.key)
        assert records.all() == [sample.second]

    def test_set_refuses_in_the_words_of_the_constructor(
        self, records: Some, sample: Sample
    ) -> None:
        records.put(sample.first)
        for name in sample.values:
            with pytest.raises(il.FieldInvalidError) as expected:
                attrs.evolve(sample.first, **{name: 0.5})
            with pytest.raises(il.FieldInvalidError) as raised:
                records.set(*sample.key, **sample.values | {name: 0.5})
            assert str(raised.value) == str(expected.value)
            assert records.all() == [sample.first]

    def test_set_takes_fields_outside_the_key_only(self, records: Some, sample: Sample) -> None:
        records.add(sample.first)
        records.set(*sample.key)
        for values in ({"colour": "red"}, dict(zip(sample.names, sample.key, strict=True))):
            with pytest.raises(il.UsageError, match=next(iter(sample.values))):
                records.set(*sample.key, **values)
        assert records.all() == [sample.first]

    def test_set_many_changes_those_that_are_there(self, records: Some, sample: Sample) -> None:
        nos, values = [sample.key[0], sample.other_key[0]], sample.values
        records.add(sample.first)
        if len(sample.key) > 1:
            with pytest.raises(il.UsageError, match="one at a time"):
                records.set_many(nos, **values)
            return
        assert records.set_many([], **values) == 0
        assert records.set_many(nos, **values) == 1
        assert records.all() == [sample.changed]
        records.put(sample.first)
        records.add(sample.second)
        assert records.set_many([*nos, *nos], **values) == 2
        assert records.all() == [sample.changed, attrs.evolve(sample.second, **values)]

    def test_a_removed_record_is_gone_and_others_stay(self, records: Some, sample: Sample) -> None:
        records.add(sample.first)
        records.add(sample.second)
        records.remove(*sample.key)
        assert records.all() == [sample.second]

    def test_all_is_in_order_and_takes_first_parts_of_keys(
        self, records: Some, sample: Sample
    ) -> None:
        both = (sample.first, sample.second)
        for record in reversed(both):
            records.add(record)
        for parts in range(len(sample.names) + 1):
            first = sample.other_key[:parts]
            expected = [record for record in both if sample.key_of(record)[:parts] == first]
            assert records.all(*first) == expected


class SetupContract(Contract):
    """What the one setup record promises. Needs a ``begin`` fixture."""

    def test_there_is_none_at_first(self, work: Work) -> None:
        assert work.marketing_setup.find() is None
        assert work.marketing_setup.all() == []

    def test_there_is_at_most_one(self, begin: Begin) -> None:
        with begin() as work:
            work.marketing_setup.put(il.MarketingSetup(segment_nos="SEGM"))
            work.marketing_setup.put(il.MarketingSetup(segment_nos="SEGM2"))
        with begin() as work:
            assert work.marketing_setup.get().segment_nos == "SEGM2"
            assert work.marketing_setup.all() == [il.MarketingSetup(segment_nos="SEGM2")]

    def test_set_stores_it_and_then_changes_the_named_fields(self, begin: Begin) -> None:
        with begin() as work:
            work.marketing_setup.set(segment_nos=" segm ")
            assert work.marketing_setup.get() == il.MarketingSetup(segment_nos="SEGM")
            work.marketing_setup.set(campaign_nos="CAMP", segment_nos="SEGM2")
        with begin() as work:
            work.marketing_setup.set(segment_nos=None)
            assert work.marketing_setup.get() == il.MarketingSetup(campaign_nos="CAMP")

    def test_set_refuses_what_the_constructor_refuses(self, work: Work) -> None:
        with pytest.raises(il.FieldInvalidError):
            work.marketing_setup.set(segment_nos="X" * 21)
        assert work.marketing_setup.find() is None
