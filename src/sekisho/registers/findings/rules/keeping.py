"""Counts of a column as they are kept, and back."""

from collections.abc import Mapping
from typing import Any

from sekisho.engine.scanning.measures import Fit, Inside, Measures
from sekisho.engine.scanning.recogniser import Words
from sekisho.engine.scanning.recognisers import RECOGNISERS

Kept = Mapping[str, Any]


def kept(measures: Measures | None) -> Kept | None:
    """Plain values to store."""
    if measures is None:
        return None
    return {
        "distinct": measures.distinct,
        "fits": {type_: [fit.matched, fit.confirmed] for type_, fit in measures.fits.items()},
        "texts": measures.texts,
        "inside": {type_: [one.matched, one.score, one.why.ja, one.why.en] for type_, one in measures.inside.items()},
        "instants": measures.instants,
    }


def unkept(stored: Kept | None) -> Measures | None:
    """The counts again. What no recogniser of today counts is left out."""
    if stored is None:
        return None
    known = {one.type: one for one in RECOGNISERS}
    return Measures(
        distinct=stored["distinct"],
        fits={type_: Fit(*counts) for type_, counts in stored["fits"].items() if type_ in known},
        texts=stored["texts"],
        inside={
            type_: Inside(
                matched=matched,
                score=score,
                why=Words(ja, en),
                label=known[type_].label,
                grade=known[type_].grade,
            )
            for type_, (matched, score, ja, en) in stored["inside"].items()
            if type_ in known
        },
        instants=stored["instants"],
    )
