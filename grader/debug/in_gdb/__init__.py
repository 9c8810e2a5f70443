"""What runs inside GDB: going to the moment, the kit's own commands, printers for the kernel's types.

`import gdb` works only there. What these modules say is worded in grader/debug/words.py and moment.py.
"""
