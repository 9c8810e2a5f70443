"""What is right: the models of the contracts, and the first thing that went wrong in a run.

`oracle` is what the labs' oracles are made of; `units` and `memory_map` are models that several of them
share; `judge` follows a run with an oracle; `verdict` has the words. Nothing here boots anything.
"""
