"""`make site`: the lab in the browser, as static files."""

from __future__ import annotations

import argparse

from grader import commands

HELP = "the lab in the browser, as static files"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""
    parser.add_argument("--out", default="")
    parser.add_argument("--port", default="", help="serve it there, for this machine alone")


def run(options: argparse.Namespace) -> int:
    """Writes build/site, or the folder that OUT= names; with PORT= serves it."""
    from grader.building import build
    from grader.errors import GraderError
    from grader.site import build as site, serve
    if options.port and not options.port.isdecimal():
        raise GraderError(f"PORT={options.port}: a number was expected")
    out = commands.made(options, "site").resolve()
    site.build_site(build.Toolchain.load(options.build), out)
    print(f"{out}: for any web server; `make site PORT=8000` shows it here")
    if options.port:
        serve.serve(out, int(options.port))
    return 0
