"""What stands behind `make gdb` and `make bochs`: which moment to stop at, and the debuggers there."""
