# attack: A link to a file without end.
# route: files
# class: stopped
# verdict: rejected
# message: buddy.cpp is a link

ln -s /dev/zero buddy.cpp
