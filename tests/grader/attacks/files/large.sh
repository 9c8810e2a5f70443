# attack: A file of ten gigabytes, most of it holes.
# route: files
# class: stopped
# verdict: rejected
# message: 262144 are the most

truncate -s 10G buddy.cpp
