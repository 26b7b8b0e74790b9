"""Errors keep their facts as attributes, build their text from them and survive pickling."""

from __future__ import annotations

import gc
import importlib
import pickle
import pkgutil
import re
from datetime import date

import attrs
import pytest

import interactionlog
from interactionlog.errors import (
    CheckFailedError,
    FieldInvalidError,
    InteractionLogError,
    NotFoundError,
    Problem,
    RuleViolation,
    SegmentEmptyError,
)

for module in pkgutil.walk_packages(interactionlog.__path__, "interactionlog."):
    if not module.name.startswith(
        (
            "interactionlog.testing",
            "interactionlog.cli",
            "interactionlog.contrib",
            "interactionlog.__main",
        )
    ):
        importlib.import_module(module.name)


gc.collect()  # the classes that attrs has replaced by those with slots


def below(kind):
    return {kind}.union(*map(below, kind.__subclasses__()))


ERRORS = sorted(below(InteractionLogError), key=lambda kind: kind.__name__)
FACTS = {
    "problems": (Problem(code="no-date", message="a date is missing", line_no=10_000),),
    "counts": {"no-date": 2},
    "planned": {"log": 2},
    "found": {"log": 1},
    "used": {"evaluated": 1},
    "usage_date": date(2026, 1, 26),
    "differing_line_nos": (10_000,),
    "number": "SM00001",
    "rows": (),
}


def example(kind):
    if "__attrs_attrs__" not in vars(kind) and not attrs.has(kind):
        return kind("the text")
    return kind(
        **{
            field.name: FACTS.get(field.name, 7 if "int" in str(field.type) else "SM00001")
            for field in attrs.fields(kind)
        }
    )


def test_an_error_survives_pickling():
    for kind in ERRORS:
        error = example(kind)
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert type(copy) is kind
        assert str(copy) == str(error), kind
        assert copy.args == error.args, kind


def test_an_error_says_something_in_one_line():
    assert [kind for kind in ERRORS if not re.fullmatch(".+", str(example(kind)))] == []


def test_the_finding_of_a_rule_has_a_stable_code():
    kinds = below(RuleViolation)
    assert [kind for kind in kinds if not re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)] == []


def test_a_refused_value_is_a_value_error():
    assert issubclass(FieldInvalidError, RuleViolation | ValueError)
    assert issubclass(FieldInvalidError, ValueError)


def test_a_missing_record_is_a_lookup_error():
    assert issubclass(NotFoundError, LookupError)
    assert str(NotFoundError("contact", "CT1")) == "contact CT1 does not exist"


def test_a_failed_check_names_the_first_problem_and_counts_the_rest():
    first = Problem(code="no-date", message="a date is missing", line_no=10_000)
    assert str(CheckFailedError("segment SM1", (first,), {"no-date": 1})) == (
        "segment SM1: line 10000: a date is missing"
    )
    assert str(CheckFailedError("segment SM1", (first,), {"no-date": 3})).endswith("(and 2 more)")


@pytest.mark.parametrize(
    ("left_out", "reason"), [(0, "no line has a contact"), (1, "its only line"), (3, "all 3 lines")]
)
def test_an_empty_segment_says_why(left_out, reason):
    assert reason in str(SegmentEmptyError("SM1", left_out))
