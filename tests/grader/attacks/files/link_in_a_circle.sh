# attack: A link to itself.
# route: files
# class: stopped
# verdict: rejected
# message: buddy.cpp is a link

ln -s buddy.cpp buddy.cpp
