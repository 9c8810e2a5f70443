# attack: Hands in a link to the submission next door.
# route: files
# class: stopped
# verdict: rejected
# message: buddy.cpp is a link

mkdir -p kernel/mm
ln -s ../../../neighbour/buddy.cpp kernel/mm/buddy.cpp
