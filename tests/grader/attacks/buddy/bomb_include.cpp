// attack: Includes itself without end.
// route: compile bombs
// class: stopped
// verdict: build
// message: error: #include nested depth

#include "buddy.cpp"
