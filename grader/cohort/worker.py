"""For `dask-worker --preload grader.cohort.worker`: a worker that grades, with the kit it was started in.

It offers its threads under the kit's own name, so that a class is graded by one and the same kit, whatever
other workers there are.
"""

from __future__ import annotations

import distributed

from grader.cohort.work import kit_digest


def dask_setup(worker: distributed.Worker) -> None:
    """What Dask calls before the worker announces itself."""
    state = worker.state
    for table in (state.total_resources, state.available_resources):
        table[kit_digest.name()] = state.nthreads
