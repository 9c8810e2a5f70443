// attack: Includes itself without end.
// route: compile bombs
// class: stopped
// verdict: build
// message: it does not compile

#include "buddy.cpp"
