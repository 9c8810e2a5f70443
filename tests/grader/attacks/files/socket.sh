# attack: A socket with the file's name.
# route: files
# class: stopped
# verdict: 
# message: has none of buddy.cpp

python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('buddy.cpp')"
