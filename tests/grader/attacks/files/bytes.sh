# attack: A file of all bytes there are, zeros among them.
# route: files
# class: stopped
# verdict: build
# message: error

head -c 20000 /dev/zero > buddy.cpp
for i in 001 033 200 377; do printf "\\$i" >> buddy.cpp; done
