"""The worked examples of number series, row by row, under the identifier of the specification."""

from __future__ import annotations

import pytest

from interactionlog.numbering.errors import (
    FormatMismatchError,
    NotIncrementableError,
    NumberTooLongError,
)
from interactionlog.numbering.number_format import fit, increment

INCREMENTS = [
    pytest.param("SEG0007", 1, "SEG0008", id="EX-01"),
    pytest.param("SEG0099", 1, "SEG0100", id="EX-02"),
    pytest.param("SEG999", 1, "SEG1000", id="EX-03"),
    pytest.param("Q4-18/B", 1, "Q4-19/B", id="EX-04"),
    pytest.param("K7L", 1, "K8L", id="EX-05"),
    pytest.param("0", 1, "1", id="EX-06"),
    pytest.param("-12", 1, "-13", id="EX-07"),
    pytest.param("V1.09", 1, "V1.10", id="EX-08"),
    pytest.param("M08", 5, "M13", id="EX-10-within-width"),
    pytest.param("M98", 5, "M103", id="EX-10-growing"),
    pytest.param("12-34-", 1, "12-35-", id="EX-11"),
]


@pytest.mark.parametrize(("code", "step", "expected"), INCREMENTS)
def test_a_code_is_counted_up_at_its_right_most_digits(code, step, expected):
    assert increment(code, step) == expected


INCREMENT_REFUSALS = [
    # EX-09 gives a blank text in the original; a number is never blank here
    pytest.param("LEAD", NotIncrementableError, id="EX-09"),
    pytest.param("X9999999999999999999", NumberTooLongError, id="EX-12"),
]


@pytest.mark.parametrize(("code", "error"), INCREMENT_REFUSALS)
def test_a_code_that_cannot_be_counted_up_is_refused(code, error):
    with pytest.raises(error):
        increment(code)


SHAPES = [
    pytest.param(("c1",), ("C1",), id="EX-13"),
    pytest.param(("C1", "C250"), ("C001", "C250"), id="EX-14"),
    pytest.param(("1", "500"), ("1", "500"), id="EX-16"),
    pytest.param(("C1", None, None, "C700"), ("C001", None, None, "C700"), id="EX-19"),
    pytest.param(("b7end", "b70end"), ("B07END", "B70END"), id="EX-24"),
]


@pytest.mark.parametrize(("codes", "expected"), SHAPES)
def test_the_numbers_of_a_line_take_one_form(codes, expected):
    shape, values = fit(*codes)
    assert tuple(None if value is None else shape.format(value) for value in values) == expected


SHAPE_REFUSALS = [
    # EX-15 rewrites the start to D001 in the original; a prefix is never rewritten here
    pytest.param(("C001", "D900"), FormatMismatchError, id="EX-15"),
    # EX-17 is accepted in the original and gives no number ever
    pytest.param(("C01", "50"), FormatMismatchError, id="EX-17"),
    pytest.param(("C",), NotIncrementableError, id="EX-20"),
    # EX-23 is too long in the original because the start's prefix is put before the end's digits
    pytest.param(("ABCDEFGHIJKLMNOP1", "C12345"), FormatMismatchError, id="EX-23"),
    pytest.param(
        ("ABCDEFGHIJKLMNOP1", "ABCDEFGHIJKLMNOP12345"), NumberTooLongError, id="EX-23-long"
    ),
    # EX-45: a line without a starting number is accepted in the original until it is drawn from
    pytest.param((None, "C9"), NotIncrementableError, id="EX-45"),
]


@pytest.mark.parametrize(("codes", "error"), SHAPE_REFUSALS)
def test_numbers_that_do_not_go_together_are_refused(codes, error):
    with pytest.raises(error):
        fit(*codes)
