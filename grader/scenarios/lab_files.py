"""Python that a lab's folder brings along: its oracle, its tests, its siblings. The folder is no package."""

from __future__ import annotations

import sys
from importlib import util
from pathlib import Path
from types import ModuleType


def as_module(name: str, path: Path) -> ModuleType:
    """A file as a module of that name."""
    spec = util.spec_from_file_location(name, path)
    module = util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look there for the module they are made in
    spec.loader.exec_module(module)
    return module
