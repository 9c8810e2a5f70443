"""The sentences of kernel/mm/malloc.h that can be broken."""

from __future__ import annotations

from types import SimpleNamespace

from grader.judging.oracle import rules

RULE = SimpleNamespace(**rules(
    "kernel/mm/malloc.h",
    the_memory_comes_from_kvmalloc="The pages come from kvmalloc,",
    pages_go_back_as_they_came="and go back to kvfree as they came: each block of kvmalloc's whole, and by itself.",
    a_multiple_of_16="Every pointer returned is a multiple of 16.",
    at_least_size_bytes="Allocates a block of at least `size` bytes of undefined content.",
    contents_are_kept="A block is the caller's own until it is freed: its bytes are touched by "
                      "nobody else",
    live_blocks_do_not_overlap="no two live blocks overlap.",
    at_most_16_pages_stay="Once every block has been freed, at most 16 of kvmalloc's pages stay "
                          "taken, those for book-keeping included.",
    what_is_there_can_be_had="Null when there is no memory for it, and never otherwise;",
    freed_memory_is_used_again="Null when there is no memory for it, and never otherwise;",
    a_failure_takes_nothing="then nothing has changed.",
    huge_sizes_give_null="There is none for any size near SIZE_MAX.",
    size_0="A size of 0 gives null, or a pointer of its own that can be passed to free.",
    realloc_keeps_the_contents="The first bytes, as many as both the old and the new block have, "
                               "keep their values.",
    realloc_of_null_is_malloc="A null block: as malloc(size).",
    realloc_to_0_frees="A size of 0 (block not null): frees the block and returns null.",
    a_failed_realloc_leaves_the_block="then the old block is as it was, and still allocated.",
    there_is_memory="There is memory if kvmalloc could give the pages that the block fills, and two more "
                    "for book-keeping;",
    what_was_freed_can_be_had="and where a block of the same size was freed right before.",
    a_block_can_become_smaller="A block can always become smaller, or stay as large: its own memory suffices.",
    a_double_free_panics="Freeing a block that is free already, with no call in between, panics "
                         "while another block of the same page lives.",
))
