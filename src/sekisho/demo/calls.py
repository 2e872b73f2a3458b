"""Call records of the last two hundred days: two parties each, numbers as they were held at that instant."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.demo.designated import Places
from sekisho.demo.lines import Lines
from sekisho.demo.stores import keyed

WINDOW_DAYS = 200
OUR_CALLER, BOTH_OURS = 0.75, 0.45  # the share of calls one of ours makes, and of those that go to one of ours
DESIGNATED_CALLS = 44


def table(
    lines: Lines, places: Places, elsewhere: list[str], count: int, at: np.datetime64, rng: np.random.Generator
) -> pa.Table:
    """`count` call records, sorted by day. `at` is now, UTC."""
    opening = at - np.timedelta64(WINDOW_DAYS, "D")
    since = np.maximum(lines.since, opening)
    until = np.where(np.isnat(lines.until), at, np.minimum(lines.until, at))
    first_told = min(places.lines.values())
    live = np.flatnonzero((until > since) & (np.arange(len(lines)) < first_told))
    span = (until[live] - since[live]).astype(np.int64)
    told = _told(lines, places, since, until, rng)
    drawn = max(0, count - len(told[0]))
    ours = live[np.searchsorted(np.cumsum(span), rng.random(drawn) * span.sum(), side="right").clip(0, len(live) - 1)]
    started = since[ours] + ((until[ours] - since[ours]).astype(np.int64) * rng.random(drawn)).astype("timedelta64[s]")
    partner = live[rng.integers(len(live), size=drawn)]
    partner_ours = (
        (rng.random(drawn) < BOTH_OURS) & (since[partner] <= started) & (started < until[partner]) & (partner != ours)
    )
    other = len(lines) + rng.integers(len(elsewhere), size=drawn)
    far_end = np.where(partner_ours, partner, other)
    outgoing = rng.random(drawn) < OUR_CALLER
    caller = np.concatenate([np.where(outgoing, ours, far_end), told[0]])
    callee = np.concatenate([np.where(outgoing, far_end, ours), told[1]])
    started = np.concatenate([started, told[2]])
    order = np.argsort(started, kind="stable")
    return _records(lines.number + elsewhere, caller[order], callee[order], started[order], len(lines), rng)


def _records(
    pool: list[str],
    caller: npt.NDArray[np.int64],
    callee: npt.NDArray[np.int64],
    started: npt.NDArray[np.datetime64],
    ours: int,
    rng: np.random.Generator,
) -> pa.Table:
    total = len(started)
    seconds = np.minimum(rng.lognormal(4.2, 1.1, total), 7_200).astype(np.int64)
    is_sms = rng.random(total) < 0.15
    seconds[is_sms] = 0
    is_ours = caller < ours
    charged = np.where(is_sms, 3, (seconds // 30 + 1) * 22) * is_ours
    numbers = pa.array(pool)
    cells = pa.array([f"CELL-{i:05d}" for i in range(2_000)])
    seen_at = cells.take(pa.array(rng.integers(2_000, size=total)))
    when = started.astype("datetime64[s]")
    return keyed(
        pa.table(
            {
                "call_id": np.arange(1, total + 1),
                "kind": pa.array(np.array(["voice", "sms"], object)[is_sms.astype(int)]),
                "caller": numbers.take(pa.array(caller)),
                "callee": numbers.take(pa.array(callee)),
                "started_at": pa.array(when).cast(pa.timestamp("us", tz="UTC")),
                "ended_at": pa.array(when + seconds.astype("timedelta64[s]")).cast(pa.timestamp("us", tz="UTC")),
                "seconds": seconds,
                "charged_yen": charged,
                "cell": seen_at,
                "day": pa.array((when + np.timedelta64(9, "h")).astype("datetime64[D]")),
            }
        ),
        "call_id",
    )


def _told(
    lines: Lines,
    places: Places,
    since: npt.NDArray[np.datetime64],
    until: npt.NDArray[np.datetime64],
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.datetime64]]:
    """The story's people call and are called: half as caller, half as callee, each while they hold their number."""
    caller, callee, started = [], [], []
    for line in places.lines.values():
        moments = since[line] + ((until[line] - since[line]).astype(np.int64) * rng.random(DESIGNATED_CALLS)).astype(
            "timedelta64[s]"
        )
        for i, moment in enumerate(moments):
            other = len(lines) + i
            caller.append(line if i % 2 else other)
            callee.append(other if i % 2 else line)
            started.append(moment)
    return np.array(caller), np.array(callee), np.array(started, "datetime64[s]")
