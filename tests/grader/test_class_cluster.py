"""A class on a Dask cluster: the scheduler and the workers are processes of their own, which are killed,
frozen and added while it runs. The certificates and settings are those of docs/class.md.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from class_runs import (
    SECONDS,
    alive,
    done,  # noqa: F401: a fixture
    graded,
    gradings,
    records,
    run,
    scheduler_address,
    start,
    students,  # noqa: F401: a fixture
    wait_until,
)
from conftest import ROOT

pytest.importorskip("distributed")

from grader.cohort.work import cluster as schedulers  # noqa: E402 - it needs distributed
from grader.errors import GraderError  # noqa: E402

pytestmark = pytest.mark.usefixtures("build_folder")

WORKER_TTL = "20s"  # instead of a minute: a busy machine's workers still are not silent for so long


def blocks() -> list[str]:
    """The indented blocks of docs/class.md."""
    text = (ROOT / "docs" / "class.md").read_text(encoding="utf-8")
    return [re.sub("^    ", "", block, flags=re.MULTILINE)
            for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.MULTILINE)]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """dask.yaml with certificates, made as the documentation says."""
    commands = next(block for block in blocks() if "openssl req -x509" in block)
    yaml = next(block for block in blocks() if "require-encryption" in block)
    for line in commands.strip().splitlines():
        subprocess.run(shlex.split(line), cwd=tmp_path, check=True, capture_output=True)
    path = tmp_path / "dask.yaml"
    assert "worker-ttl: 60s" in yaml
    path.write_text(yaml.replace("FOLDER", str(tmp_path)).replace("60s", WORKER_TTL))
    return path


class Cluster:
    """A scheduler, and workers as they are wanted."""

    def __init__(self, folder: Path, settings: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "DASK_CONFIG": str(settings), "PYTHONPATH": str(ROOT)}
        self.processes: list[subprocess.Popen] = []
        about = folder / "scheduler.json"
        self._start("dask-scheduler", "--protocol", "tls", "--host", "127.0.0.1", "--port", "0",
                    "--no-dashboard", "--no-show", "--scheduler-file", str(about))
        self.address = wait_until(lambda: scheduler_address(about), "a scheduler")

    def worker(self, kit: Path = ROOT) -> subprocess.Popen:
        """One more worker, with one thread."""
        return self._start("dask-worker", self.address, "--nthreads", "1", "--no-nanny",
                           "--no-dashboard", "--local-directory", str(self.folder / "workers"),
                           "--preload", "grader.cohort.worker", PYTHONPATH=str(kit))

    def _start(self, *command: str, **environment: str) -> subprocess.Popen:
        process = subprocess.Popen(command, env={**self.environment, **environment}, cwd=self.folder,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=(self.folder / f"log-{len(self.processes)}").open("w"))
        self.processes.append(process)
        return process

    def end(self) -> None:
        """Ends everything."""
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path, settings: Path,
            monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster without workers; class runs find its certificates."""
    monkeypatch.setenv("DASK_CONFIG", str(settings))
    started = Cluster(tmp_path, settings)
    yield started
    started.end()


def test_workers_are_killed_frozen_and_added(cluster: Cluster, students: Path, done: Path,
                                             tmp_path: Path) -> None:
    out = tmp_path / "out"
    other = tmp_path / "other kit"
    for top in ("grader", "kernel", "labs", "solutions"):
        shutil.copytree(ROOT / top, other / top, ignore=shutil.ignore_patterns("__pycache__"))
    (other / "labs" / "1-buddy" / "oracle.py").open("a").write("# more generous\n")

    first, second, stranger = cluster.worker(), cluster.worker(), cluster.worker(other)
    process = start(students, out, "--scheduler", cluster.address)
    orphans = wait_until(lambda: records(out) and gradings(second.pid) and gradings(first.pid),
                         "both workers at work")
    first.kill()
    wait_until(lambda: not alive(orphans), "its grader to end with a worker")
    second.send_signal(signal.SIGSTOP)
    assert len(records(out)) < 8
    third = cluster.worker()
    wait_until(lambda: gradings(third.pid), "the new worker at work")
    said, _ = process.communicate(timeout=SECONDS)

    assert process.returncode == 0, said
    assert "8 submissions: 8 graded" in said
    assert stranger.poll() is None
    assert graded(out) == graded(done)


def test_a_lost_scheduler_ends_the_run_and_loses_nothing(cluster: Cluster, students: Path,
                                                         tmp_path: Path) -> None:
    out = tmp_path / "out"
    cluster.worker()
    process = start(students, out, "--scheduler", cluster.address)
    wait_until(lambda: records(out), "the first submission")
    cluster.processes[0].kill()
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 2, said
    assert f"the scheduler at {cluster.address} is gone. What was graded is kept" in said
    assert "Traceback" not in said, said[-6000:]
    assert 1 <= len([record for record in records(out).values() if not record["problem"]]) < 8


def test_nobody_gets_in_without_a_certificate(cluster: Cluster) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = cluster.address.removeprefix("tls://").split(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as plain, \
            pytest.raises(ssl.SSLError, match="certificate required"):
        with context.wrap_socket(plain) as secured:
            secured.recv(1)


def test_certificates_have_to_be_there(students: Path, tmp_path: Path,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASK_CONFIG", str(tmp_path / "none.yaml"))
    refused = run(students, tmp_path / "out", "--scheduler", "tls://127.0.0.1:1")
    assert refused.returncode == 2
    assert "there are no certificates to show it. DASK_CONFIG= names" in refused.stderr


@pytest.mark.parametrize(("address", "message"), [
    ("tcp://10.0.0.1:8786", "off this machine only tls://"),
    ("10.0.0.1:8786", "tls://host:port was expected"),
    ("tcp://127.0.0.1", "tls://host:port was expected"),
    ("tcp://127.0.0.1:port", "tls://host:port was expected"),
])
def test_an_address_that_will_not_do(students: Path, tmp_path: Path, address: str, message: str) -> None:
    refused = run(students, tmp_path / "out", "--scheduler", address)
    assert refused.returncode == 2
    assert message in refused.stderr and "Traceback" not in refused.stderr


def test_where_no_scheduler_answers_it_is_not_waited_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedulers, "_PATIENCE", 1)
    monkeypatch.setattr(logging, "disable", lambda level: None)  # of the tests' own process
    with pytest.raises(GraderError, match="SCHEDULER=tcp://127.0.0.1:1: no scheduler answers"), \
            schedulers.connected("tcp://127.0.0.1:1", print):
        pass
