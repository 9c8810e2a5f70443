// panic() and todo() for tests: exceptions, so that a test can go on after them.
#include "lib/panic.h"
#include "lib/todo.h"

#include <cstdarg>
#include <cstdio>

#include "panic.h"

void panic(const char *format, ...)
{
    char message[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    throw Panic(message);
}

void todo(const char *, int, const char *function)
{
    throw std::logic_error(std::string("not written yet: ") + function);
}
