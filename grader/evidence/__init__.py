"""What comes out: what is seen of a boot, from the serial line and from outside the machine.

`records` reads the log (docs/records.md), `memory` the bytes of memory in it; `snapshot` page tables and memory;
`executed` compares which code ran with the image's `disassembly` (by the `binutils`), `coverage` tells which lines of a
file did; `looks` says where an official run is looked at, `integrity` what must be there; `dealt` is what was seen
while its script was dealt, `instructions` what operations took, counted outside.
"""
