"""The stopped machine as GDB sees it: control registers, physical memory, the player's position."""

from __future__ import annotations

from collections.abc import Iterator

import gdb

_MODE = "maintenance packet Qqemu.PhyMemMode:{}"  # of QEMU's stub: are addresses physical?
_MOST_DIRECTORIES = 64


def register(name: str) -> int:
    """A control register: cr0, cr3 …"""
    return int(gdb.parse_and_eval(f"${name}").cast(gdb.lookup_type("unsigned int")))


def physical_word(address: int) -> int | None:
    """The word at a physical address, past all page tables; None where it can't be read."""
    gdb.execute(_MODE.format(1), to_string=True)
    try:
        return int.from_bytes(gdb.selected_inferior().read_memory(address, 4).tobytes(), "little")
    except gdb.MemoryError:
        return None
    finally:
        gdb.execute(_MODE.format(0), to_string=True)


def number(value: gdb.Value) -> int:
    """An address or other number as an unsigned one of 32 bits."""
    return int(value.cast(gdb.lookup_type("unsigned int")))


def operation() -> int:
    """The number of the operation under way, or about to be played."""
    return int(gdb.parse_and_eval("player_here.number"))


def directories() -> Iterator[gdb.Value]:
    """The kernel's list of page directories, as far as it can be followed."""
    try:
        directory = gdb.parse_and_eval("&kernel_pagedir")
        for _ in range(_MOST_DIRECTORIES):
            if not directory:
                return
            yield directory.dereference()
            directory = directory["next"]
            directory.dereference().fetch_lazy()
    except gdb.MemoryError:
        return


def physical(directory: gdb.Value) -> int:
    """The physical address that a struct pagedir gives for its directory."""
    return number(directory["physical"])
