"""`make site`, as far as it needs no browser: what was there stays until what is to be there is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.site import build, player


@pytest.mark.parametrize("why", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=repr)
def test_a_site_that_is_not_finished_is_none_and_the_one_before_stays(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: BaseException) -> None:
    def some(toolchain: object, out: Path, typeset: bool) -> None:
        del toolchain
        out.mkdir()
        (out / player.WORKER).write_text("new")
        if not typeset:
            raise why

    monkeypatch.setattr(build, "_fill", some)
    monkeypatch.setattr(player, "CPU", tmp_path)
    out = tmp_path / "course" / "site"
    with pytest.raises(type(why)):
        build.build_site(None, out, typeset=False)
    assert list(out.parent.iterdir()) == []
    build.build_site(None, out)
    (out / player.WORKER).write_text("before")
    with pytest.raises(type(why)):
        build.build_site(None, out, typeset=False)
    assert (out / player.WORKER).read_text() == "before" and list(out.parent.iterdir()) == [out]
    build.build_site(None, out)
    assert (out / player.WORKER).read_text() == "new"


def test_what_is_no_site_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "CPU", tmp_path)
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(GraderError, match="that is no site"):
        build.build_site(None, tmp_path)
