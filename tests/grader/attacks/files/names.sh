# attack: File names with line ends, escapes, quotes and commands in them.
# route: files
# class: stopped
# verdict: build
# message: not defined

: > buddy.cpp
: > "$(printf 'a\nb\033[2J.cpp')"
: > '-o owned'
: > '$(touch owned);.cpp'
: > "kernel\mm\buddy.cpp"
mkdir '..buddy.cpp'
