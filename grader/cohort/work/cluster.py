"""Other machines: the same work, sent to the workers of a Dask scheduler (docs/class.md).

Only workers with this very kit get any. When one dies or stops answering, another grades what it had.
"""

from __future__ import annotations

import logging
import math
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, urlsplit

import distributed

from grader.cohort.work import kit_digest
from grader.cohort.work.crew import Crew
from grader.errors import GraderError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PATIENCE = 120  # seconds to find the scheduler
_GLANCE = 0.5  # seconds between two looks at the workers


@contextmanager
def connected(address: str, say: Callable[[str], None]) -> Iterator[Crew]:
    """The workers of the scheduler at an address; `say` is told if there are none. Raises GraderError
    if it is not to be had, or if it is lost on the way."""
    client = _client(address)
    try:
        if not _threads(client):
            say(f"waiting for workers: none of {address} has this version of the kit (docs/class.md)")
        # Not `pure`: a submission handed in twice is graded twice, and never found in a cache.
        executor = client.get_executor(pure=False, resources={kit_digest.name(): 1})
        try:
            yield Crew(executor, _room(client, address))
        except BaseException as error:
            if client.status == "running":
                executor.shutdown(wait=False)
            elif isinstance(error, Exception) and not isinstance(error, GraderError):
                raise _gone(address) from error  # it was lost in the middle of something
            raise
    finally:
        client.close()


def _client(address: str) -> distributed.Client:
    """Off this machine only with TLS: a Dask scheduler does whatever it is told, by anybody."""
    url = urlsplit(address)
    if url.scheme not in ("tls", "tcp") or not url.hostname or not _has_port(url):
        raise GraderError(f"SCHEDULER={address}: tls://host:port was expected")
    if url.scheme == "tcp" and url.hostname not in _LOOPBACK:
        raise GraderError(f"SCHEDULER={address}: off this machine only tls://, or anybody on the network "
                          "could run programs on it. docs/class.md says how")
    shown = distributed.Security().get_connection_args("client")
    if url.scheme == "tls" and not shown.get("ssl_context"):
        raise GraderError(f"SCHEDULER={address}: there are no certificates to show it. DASK_CONFIG= names "
                          "the dask.yaml that has them (docs/class.md)")
    logging.disable(logging.CRITICAL)  # Dask's stories of lost connections: what matters we say ourselves
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return distributed.Client(address, timeout=_PATIENCE, name="marionette-class",
                                      set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise GraderError(f"SCHEDULER={address}: no scheduler answers ({error}). docs/class.md says how "
                          "to start one") from error


def _has_port(url: SplitResult) -> bool:
    try:
        return url.port is not None
    except ValueError:  # no number, or too large
        return False


def _room(client: distributed.Client, address: str) -> Callable[[], int]:
    """Two tasks for each of the workers' threads, so that none waits for the next. The scheduler is not asked
    again at once: its answer tells all about all workers, and it is asked between any two tasks."""
    asked, room = -math.inf, 0

    def answer() -> int:
        nonlocal asked, room
        if client.status != "running":
            raise _gone(address)
        if time.monotonic() - asked >= _GLANCE:
            room = max(2 * _threads(client), 2)
            asked = time.monotonic()
        return room

    return answer


def _gone(address: str) -> GraderError:
    return GraderError(f"the scheduler at {address} is gone. What was graded is kept: start it, and the "
                       "same command goes on")


def _threads(client: distributed.Client) -> int:
    """Those of the workers that have this very kit."""
    workers = client.scheduler_info()["workers"].values()
    return int(sum(worker["resources"].get(kit_digest.name(), 0) for worker in workers))
