"""What a student has at hand beside grading: a look at the tools, grading on each save, an archive."""
