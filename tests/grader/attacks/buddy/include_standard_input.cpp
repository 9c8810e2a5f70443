// attack: Includes the standard input, by two names.
// route: reading while compiling
// class: stopped
// verdict: build
// message: error
// played: starts_empty

#include "/dev/stdin"
#include "/dev/fd/0"
#error nothing to be read
