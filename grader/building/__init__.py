"""From the files handed in to an image, behind the gate and in a box.

`handed_in` finds the files, `places` says where to look; `gate`, `preprocessed` and `sandbox` let in what may be
compiled (docs/trust.md). `toolchain` says with what; `compiler` compiles one file, with what `prelude` precompiled;
`build` keeps objects and images by their content and links them, and `room` says what is too large for an image.
`stage` says whose file goes where; `symbols` finds functions and lines again, with `inlined`; `iso` makes a CD;
`likeness` compares objects with the reference's; `comments` takes them out of a source; `advice` is on the compiler's
errors.
"""
