# attack: A pipe that nobody writes to.
# route: files
# class: stopped
# verdict: 
# message: has none of buddy.cpp

mkfifo buddy.cpp
