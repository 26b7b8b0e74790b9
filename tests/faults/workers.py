"""What the processes of the fault and concurrency tests run."""

from __future__ import annotations

import sys
from typing import Any

import interactionlog as il
from interactionlog.segments.logging.batch_run import BatchRun


def log_in_batches(path: str, segment_no: str, size: int) -> str:
    """Log a segment in batches, or go on with it; return how it ended."""
    with il.SqliteStore(path, synchronous="NORMAL", timeout=60) as store:
        print("ready", flush=True)
        try:
            BatchRun(store, user_id="WORKER").log(segment_no, size=size)
        except il.SegmentAlreadyLoggedError:
            return "already logged"
        return "logged"


def race_to_log(path: str, segment_nos: list[str], barrier: Any, outcomes: Any) -> None:
    """Log each segment in one transaction, all processes at the same moment."""
    with il.SqliteStore(path, synchronous="NORMAL", timeout=60) as store:
        for segment_no in segment_nos:
            barrier.wait()
            try:
                store.run(
                    lambda work, no=segment_no: il.SegmentLogger(work).log(no), user_id="RACER"
                )
                outcomes.put((segment_no, "logged"))
            except il.SegmentAlreadyLoggedError:
                outcomes.put((segment_no, "already logged"))


if __name__ == "__main__":
    print(log_in_batches(sys.argv[1], sys.argv[2], int(sys.argv[3])), flush=True)
