"""What a student has at hand beside grading: a look at the tools (`doctor`), grading on each save (`watch`), an
archive to hand in (`submit`), and how an editor's clangd compiles the kernel (`editor`).
"""
