"""The sentences of kernel/mm/kvmalloc.h that can be broken."""

from __future__ import annotations

from types import SimpleNamespace

from grader.judging.oracle import rules

RULE = SimpleNamespace(**rules(
    "kernel/mm/kvmalloc.h",
    a_page_aligned_kernel_address="Allocates n_pages pages of 4 KiB at consecutive kernel virtual "
                                  "addresses and returns the first address.",
    blocks_do_not_overlap="The pages, and the frames behind them, are the caller's alone until "
                          "kvfree.",
    each_page_keeps_its_contents="The pages, and the frames behind them, are the caller's alone "
                                 "until kvfree.",
    each_page_has_a_frame_of_its_own="The pages, and the frames behind them, are the caller's "
                                     "alone until kvfree.",
    every_page_is_mapped="each is mapped present, writable and for the kernel only.",
    writable_and_for_the_kernel_only="each is mapped present, writable and for the kernel only.",
    n_pages_take_n_frames="A block takes exactly n_pages frames;",
    n_pages_take_n_addresses="of virtual pages up to two more, if you want a guard at its ends, which "
                             "kvfree gives back with the others.",
    frames_need_not_be_consecutive="The physical frames behind them need not be consecutive;",
    what_is_there_can_be_had="Null when frames, virtual pages or a page table can't be had, and "
                             "never otherwise.",
    null_when_memory_runs_out="Null when frames, virtual pages or a page table can't be had, and "
                              "never otherwise.",
    zero_pages_give_null="n_pages of 0 gives null.",
    a_failure_gives_everything_back="Then everything obtained on the way has been given back, and "
                                    "no translation has changed.",
    a_failure_changes_no_translation="Then everything obtained on the way has been given back, and "
                                     "no translation has changed.",
    kvfree_unmaps="unmaps the pages, and frees the frames and the virtual pages.",
    kvfree_gives_back_the_frames="unmaps the pages, and frees the frames and the virtual pages.",
    kvfree_gives_back_the_addresses="unmaps the pages, and frees the frames and the virtual pages.",
))
