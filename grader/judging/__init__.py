"""What is right: the models of the contracts, and the first thing that went wrong in a run.

`oracle` is what the labs' oracles are made of. Models that several of them share: `units`, any allocator of them
(with `free_units`, and `unit_words` for messages), and `memory_map`; `fences` around what was
lent, `misfreed` pages. `judge` follows a run with an oracle; `stopped` says what ended an operation;
`verdict` has the words. Nothing here boots anything.
"""
