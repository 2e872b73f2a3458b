"""Columns of the gate from Arrow tables, and its answers as one."""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.engine.gate.ask import Permit
from sekisho.engine.gate.columns import ColumnDecision, Columns

OF_THE_GATE = ("kind", "era", "known", "value")
EFFECTS = ("permit", "needs_consent", "needs_approval", "refuse")


def columns_of(rows: pa.Table, attributes: Mapping[str, object] | None = None) -> Columns:
    """Rows as the gate takes them: `kind` and `era` as strings (no era = unknown), `known` and `value` as int64.

    Any other column is a value that conditions may read, under its own name.
    """
    kinds, kind = _numbered(rows.column("kind"))
    eras, era = _numbered(rows.column("era"))
    return Columns(
        kinds=tuple(one or "" for one in kinds),  # an unknown kind refuses
        kind=kind,
        eras=eras,
        era=era,
        known=_words(rows.column("known")),
        value=_words(rows.column("value")),
        attributes=attributes or {},
        values={name: rows.column(name).combine_chunks() for name in rows.column_names if name not in OF_THE_GATE},
    )


def as_arrow(said: ColumnDecision) -> pa.Table:
    """One row for each: `effect`, `failing`, and `reasons`, the codes in the order of looking."""
    reasons = [
        () if isinstance(outcome.decision, Permit) else tuple(reason.code for reason in outcome.decision.reasons)
        for outcome in said.outcomes
    ]
    outcome = pa.array(said.outcome)
    return pa.table(
        {
            "effect": pa.DictionaryArray.from_arrays(pa.array(said.effect.astype(np.int8)), pa.array(EFFECTS)),
            "failing": pa.array(said.failing),
            "reasons": pa.DictionaryArray.from_arrays(outcome, pa.array([" ".join(codes) for codes in reasons])),
        }
    )


def _numbered(column: pa.ChunkedArray) -> tuple[tuple[str | None, ...], npt.NDArray[np.int16]]:
    """The distinct texts, and for each row which of them it is."""
    encoded = column.combine_chunks().cast(pa.string()).dictionary_encode(null_encoding="encode")
    return tuple(encoded.dictionary.to_pylist()), encoded.indices.to_numpy().astype(np.int16)


def _words(column: Iterable[object]) -> npt.NDArray[np.int64]:
    return np.asarray(column, dtype=np.int64)
