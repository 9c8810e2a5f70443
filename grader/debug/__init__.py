"""What stands behind `make run`, `make gdb` and `make bochs`: which moment to stop at, and what stops there.

`target` finds the moment, `leak` that at which something was lost, and `calls` what an operation calls; `moment` and
`words` say what is known of it and of page tables; `gdb_session` (with `in_gdb`, which runs inside GDB) and
`bochs_session` stop there, in a `terminal` of their own; `interactive` and `prompt` are `make run`, where a `follower`
judges what is typed, and draws its memory by `drawn`.
"""
