# attack: Hands in a link to the reference.
# route: files
# class: stopped
# verdict: rejected
# message: buddy.cpp is a link

ln -s "$KIT/solutions/mm/buddy.cpp" buddy.cpp
