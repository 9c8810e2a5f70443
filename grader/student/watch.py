"""`make watch`: grades a lab whenever one of its files is saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

SETTLE = 0.1  # seconds: an editor writes a file in several steps


class _Saved(FileSystemEventHandler):
    """Sets a flag when a file of some names was written, or moved to its place."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = names
        self.flag = threading.Event()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called in the observer's thread."""
        paths = (event.src_path, getattr(event, "dest_path", ""))
        if event.event_type in ("created", "modified", "moved") and any(
                Path(path).name in self.names for path in paths if path):
            self.flag.set()


def watch(folder: Path, names: Collection[str], act: Callable[[], None]) -> None:
    """Calls `act` now, and each time one of the files in the folder has been saved; until Ctrl-C."""
    saved = _Saved(names)
    observer = Observer()
    observer.schedule(saved, str(folder))
    observer.start()
    try:
        while True:
            saved.flag.clear()
            act()
            saved.flag.wait()
            while saved.flag.is_set():  # until it is quiet
                saved.flag.clear()
                saved.flag.wait(SETTLE)
    finally:
        observer.stop()
        observer.join()
