# attack: A folder with the file's name.
# route: files
# class: stopped
# verdict: 
# message: has none of buddy.cpp

mkdir buddy.cpp
