"""The sentences of kernel/mm/allocation.h (and of buddy.h) that can be broken."""

from __future__ import annotations

from types import SimpleNamespace

from grader.judging.oracle import rules
from grader.judging.units import BUDDY_RULES

_PANICS = "Panics, and changes nothing, if one of the pages is free already or outside the range."
_VP_RULES = rules(
    "kernel/mm/allocation.h",
    every_page_of_the_range_can_be_had="Makes *vpa hand out the pages of a range, of which all are "
                                       "available but the page at address 0",
    page_0_is_never_handed_out="the page at address 0, which is never handed out: null must stay "
                               "invalid.",
    says_where_its_range_begins="the first address of the range",
    addresses_of_the_range="page i is the address start + i * 4096",
    keeps_to_its_state="buddy_state_size(n_pages) bytes, aligned to 16, of any content",
    writes_nothing_beside_start="Returns how many, and writes the first address to *start_addr",
    writes_nothing_beside_the_struct="Makes *vpa hand out the pages of a range",
    makes_an_allocator="Makes an allocator for a range of user addresses",
    null_for_other_ranges="Null if the range is empty, does not begin at a multiple of 4096, or is "
                          "not wholly below kernel_base; and when memory runs out.",
    memory_from_kvmalloc="it and its state lie in memory from kvmalloc.",
    nothing_stays_taken="and when memory runs out. Then nothing stays taken.",
    destroying_gives_back_all="Gives back all that vpcreate took. Null does nothing.",
    one_owner="Allocates between min_pages and max_pages consecutive pages of vpa's range, or of "
              "the kernel's if vpa is null.",
    kernel_addresses_are_the_kernels="Kernel addresses (from kernel_base on) go to the kernel's "
                                     "allocator, whatever vpa is.",
    user_addresses_need_an_allocator="Panics if the address is a user address and vpa is null.",
    double_free_panics=_PANICS,
    freeing_what_does_not_exist_panics=_PANICS,
)
_HARDLY_MORE = ("Like vpfree it takes the time that the buddy allocator takes, and hardly more, however many pages "
                "are allocated.")
TIMES = rules("kernel/mm/allocation.h", alloc=_HARDLY_MORE, free=_HARDLY_MORE)
FREES = rules("kernel/mm/allocation.h", nothing="n_pages of 0 does nothing, whatever the address and vpa are.",
              any_portions="any that are allocated, in any portions.")
_BUDDY_STATE = rules("kernel/mm/buddy.h", state_size="At most 16 a unit + 4096.")
RULE = SimpleNamespace(**(BUDDY_RULES | _VP_RULES | _BUDDY_STATE))
