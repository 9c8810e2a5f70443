"""A student's examples: operations with the answers that the student expects, tried on right designs of a lab and
on wrong ones, the impostors (docs/examples.md).

`written` reads a file of examples, and `expected` an answer in it; `designs` are what they are tried on, `tried` does
that, and `judged` says what came of it: which examples are valid, `sentence` by which sentence of the contract one
is not, `kernels_own` whether one looks at where the kernel lies, and which impostors are caught. `exercise` is the
whole way; `attempts` counts until there is a hint; `told` prints it; `points` is what a course gives for it.
"""
