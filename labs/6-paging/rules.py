"""The sentences of kernel/mm/paging.h that can be broken."""

from __future__ import annotations

from types import SimpleNamespace

from grader.judging.oracle import rules

RULE = SimpleNamespace(**rules(
    "kernel/mm/paging.h",
    the_one_to_one_mapping_is_gone="removes every entry of its user part, the 1:1 mapping first of "
                                   "all,",
    the_first_directory="Makes kernel_pagedir and kvpd describe the initial page table that start.S "
                        "made",
    an_empty_user_part="Makes a page directory with an empty user part, of memory from kvmalloc,",
    into_the_list="and puts it into the list.",
    out_of_the_list="Takes a page directory out of the list",
    a_directory_can_be_made="Null when memory runs out; then nothing stays taken.",
    shared_kernel_tables="So when a kernel page table is made, its entry must be written into every "
                         "page directory there is.",
    nothing_stays_taken="Null when memory runs out; then nothing stays taken.",
    destroy_gives_back="Takes a page directory out of the list and gives back its memory and that of "
                       "its user page tables; the frames that it maps are not freed.",
    pages_go_back_as_they_came="What comes from kvmalloc, for directories and tables, goes back to kvfree as it came: "
                               "each block whole, and by itself.",
    never_destroy_these="Panics if it is kernel_pagedir, or the active one.",
    switching="Makes a page directory the active one.",
    where_cr3_is_to_point="of the page directory: what cr3 holds while it is active",
    where_the_kernels_tables_are="kvpd[i] belongs to directory entry user_entries + i.",
    where_the_directory_is="the same, where the kernel can write to it: 1024 entries",
    translation="What a page directory translates an address to. False if it is not mapped.",
    translation_of_the_byte="writes the physical address (that of the very byte)",
    translation_writes_nothing_else="writes the physical address (that of the very byte) and the flags",
    translation_of_rights="and the flags: PTE_PRESENT, and PTE_WRITABLE and PTE_USER as far as both "
                          "entries have them, no others.",
    no_directory_for_user_addresses="ignored, and may be null, for a kernel address; null for a user "
                                    "address: not mapped",
    mapping="Maps n_pages pages from the address `virtual_address` on to the frames from `physical` "
            "on.",
    only_what_was_asked_for="Maps n_pages pages from the address `virtual_address` on to the frames "
                            "from `physical` on.",
    unmapping="Without PTE_PRESENT the pages are unmapped, `physical` is ignored, and nothing is "
              "allocated.",
    inactive_directories="the directory to change, active or not.",
    kernel_mappings="Ignored, and may be null, for kernel addresses.",
    bad_ranges="an address (the physical one only when mapping) is no multiple of 4096, or its range "
               "runs over 4 GiB (ending there is fine);",
    crossing_the_boundary="the range has both user and kernel addresses, or user addresses and pd is "
                          "null;",
    failure_changes_nothing="Then no translation has changed, and everything obtained on the way has "
                            "been given back",
    zero_pages="n_pages of 0: returns 0 and does nothing, whatever the addresses and pd are.",
    mapping_anew="Pages that are mapped already are mapped anew. Unmapping what is not mapped is no "
                 "error.",
    open_to_ring_3="A page is open to ring 3 exactly if PTE_USER is given, and writable (for ring 3, "
                   "and for the kernel, which has CR0.WP set) exactly if PTE_WRITABLE is.",
    a_panic_changes_nothing="Then nothing has changed.",
    no_stale_tlb="When it returns, the CPU translates as the tables say: nothing stale is left in "
                 "the TLB.",
    told_once_it_has_changed="And told once it has changed: a CPU reads the tables when it likes, also ahead of what it "
                             "is asked for.",
))
