"""What runs inside GDB: going to the moment (`session`), the kit's own `commands`, `printers` for the kernel's
types, `frames` and `stops` for backtraces and faults, the `machine` behind them.

`import gdb` works only there. What these modules say is worded in grader/debug/words.py and moment.py.
"""
