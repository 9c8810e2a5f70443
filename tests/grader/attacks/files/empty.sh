# attack: An empty file.
# route: files
# class: stopped
# verdict: build
# message: not defined: buddy_alloc

: > buddy.cpp
