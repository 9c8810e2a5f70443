"""Other machines: the same work, sent to the workers of a Dask scheduler (docs/class.md).

A worker that dies or stops answering has its submission graded by another; one that holds another
version of the kit is turned away.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import distributed

from grader.cohort import kit
from grader.cohort.crew import Crew
from grader.errors import GraderError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PATIENCE = 20  # seconds to find the scheduler


@contextmanager
def connected(address: str) -> Iterator[Crew]:
    """The workers of the scheduler at an address. Raises GraderError if it is not to be had, or if it
    is lost on the way."""
    client = _client(address)
    try:
        _check_kits(client)
        # Not `pure`: a submission handed in twice is graded twice, and never found in a cache.
        with client.get_executor(pure=False) as executor:
            yield Crew(executor, lambda: _room(client, address))
    finally:
        client.close()


def _client(address: str) -> distributed.Client:
    """Off this machine only with TLS: a Dask scheduler does whatever it is told, by anybody."""
    url = urlsplit(address)
    if url.scheme not in ("tls", "tcp") or not url.hostname:
        raise GraderError(f"SCHEDULER={address}: tls://host:port was expected")
    if url.scheme == "tcp" and url.hostname not in _LOOPBACK:
        raise GraderError(f"SCHEDULER={address}: off this machine only tls://, or anybody on the network "
                          "could run programs on it. docs/class.md says how")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return distributed.Client(address, timeout=_PATIENCE, name="marionette-class",
                                      set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise GraderError(f"SCHEDULER={address}: no scheduler answers ({error}). docs/class.md says how "
                          "to start one") from error


def _room(client: distributed.Client, address: str) -> int:
    """Two tasks for each of the workers' threads, so that none waits for the next."""
    if client.status != "running":
        raise GraderError(f"the scheduler at {address} is gone. What was graded is kept: start it, and "
                          "the same command goes on")
    threads = sum(worker["nthreads"] for worker in client.scheduler_info()["workers"].values())
    return max(2 * threads, 2)


class _SameKit(distributed.WorkerPlugin):
    """Lets no worker in that has another version of the kit: now, or when it comes later."""

    name = "marionette-kit"

    def __init__(self, digest: str) -> None:
        self.digest = digest

    def setup(self, worker: distributed.Worker) -> None:
        """Runs on the worker. Raises GraderError."""
        if kit.digest() != self.digest:
            raise GraderError(f"{worker.address} has another version of the kit in {kit.ROOT}")


def _check_kits(client: distributed.Client) -> None:
    try:
        client.register_worker_plugin(_SameKit(kit.digest()))
    except GraderError:
        raise
    except Exception as error:  # what a worker's own Python raises: no such module, mostly
        raise GraderError(f"a worker can't load the kit ({error}): start workers with the top of the "
                          "kit in PYTHONPATH") from error
