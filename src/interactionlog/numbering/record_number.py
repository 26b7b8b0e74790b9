"""The number of a new record that is numbered from the series of the setup, or by hand."""

from __future__ import annotations

from typing import Literal

from interactionlog._fields import as_code
from interactionlog.errors import SetupMissingError
from interactionlog.numbering.number_series import NumberSeries
from interactionlog.numbering.series_choice import SeriesChoice
from interactionlog.unit_of_work import UnitOfWork

__all__ = ["record_number"]


def record_number(
    work: UnitOfWork,
    kind: Literal["segment", "campaign"],
    no: str | None,
    no_series: str | None = None,
) -> tuple[str, str | None]:
    """
    Return the number of a new record and the series it came from, ``None`` when given by hand.

    Args:
        work: The unit of work.
        kind: Which series of the setup.
        no: Number given by hand; ``None`` draws one.
        no_series: Series to draw from when it is related to that of the setup.

    Raises:
        SetupMissingError: No number is given and the setup names no series.
        NumberSeriesError: The series does not allow what is asked, or gives no number.

    Source: SEG-001, SEG-002, SEG-131; NS-E08, NS-E10.
    """
    setup = work.marketing_setup.find()
    series: str | None = getattr(setup, f"{kind}_nos") if setup else None
    choice = SeriesChoice(work)
    if no is not None:
        choice.require_manual(series, no)
        return as_code(no), None
    if series is None:
        raise SetupMissingError(f"{kind}_nos", f"to number {kind}s")
    chosen = choice.choose(series, no_series)
    choice.require_automatic(chosen)
    drawn = NumberSeries(work).next(chosen, record_kind=kind)
    return drawn.no, drawn.series_code
