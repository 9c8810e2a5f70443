"""What a student has at hand beside grading: a look at the tools (`doctor`), grading on each save (`watch`), an
archive to hand in (`submit`), what of the kit itself was changed (`changed`), and how an editor's clangd compiles the
kernel (`editor`).
"""
