"""What stopped an operation, in words; and of a fault what its address lies beside, where that tells more than a
number."""

from __future__ import annotations

from grader.evidence.records import Stop
from grader.judging.oracle import Oracle
from grader.points import counted

_FOUR_GIB = 1 << 32
_NEAR_NULL = 4096  # the page that nothing is in, and the last one, which nobody has
_LEAST_KERNEL_BASE = 0x40000000  # kernel/mm/layout.h
_NO_KERNEL_ADDRESS = "none of the kernel's; is it a physical one? That leads nowhere until it is mapped"
_INVALID_INSTRUCTION = 6  # a vector
_PRESENT_AND_WRITE = 0b11  # of a page fault's error code
_NOT_TO_BE_WRITTEN_TO = "its page is there, but not to be written to"
_WHERE_THE_COMPILER_PUTS_ONE = ("; the compiler puts one at the end of a function that should have returned a value, "
                                "and did not")
_WHAT_FILLS_A_STACK = ("; the kernel's has 32 KiB: too little for a recursion that does not end, or has a level for each of "
                       "hundreds of things, and for large local variables")


def spelled(stop: Stop, oracle: Oracle) -> str:
    """What stopped an operation. The oracle's model may know what was where a fault is."""
    address = stop.registers.get("address")
    beside = "" if address is None else _beside(address, stop) or _known(address, oracle) or _forbidden(stop)
    where = f" (address {address:#010x}{beside and f': {beside}'})" if address is not None else ""
    if stop.registers.get("vector") == _INVALID_INSTRUCTION:
        where = _WHERE_THE_COMPILER_PUTS_ONE
    if stop.message == "stack overflow":
        where = _WHAT_FILLS_A_STACK
    return f"{stop.kind}: {stop.message}{where}" if stop.kind != "todo" else stop.message


def _known(address: int, oracle: Oracle) -> str:
    return getattr(oracle, "beside", lambda address: "")(address)


def _forbidden(stop: Stop) -> str:
    """What else would be taken for a page that is missing: the kernel's code faults at one that is there if it writes."""
    written = stop.registers.get("error", 0) & _PRESENT_AND_WRITE == _PRESENT_AND_WRITE
    return _NOT_TO_BE_WRITTEN_TO if written else ""


def _beside(address: int, stop: Stop) -> str:
    if not address:
        return "null"
    if address < _NEAR_NULL:
        return f"{counted(address, 'byte')} from null, as a member or element of what a null points to"
    if address >= _FOUR_GIB - _NEAR_NULL:
        return f"{counted(_FOUR_GIB - address, 'byte')} before null, as a header in front of what a null points to"
    end = stop.registers.get("lent_end")
    if end is None:
        return _NO_KERNEL_ADDRESS if address < _LEAST_KERNEL_BASE else ""
    far = f"{counted(address - end, 'byte')} behind" if address > end else "right behind"
    return f"{far} the end of the state, which has as many bytes as buddy_state_size said"
