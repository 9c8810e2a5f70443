#include "host_panic.h"

#include <cstdarg>
#include <cstdio>

#include "lib/panic.h"

void panic(const char *format, ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    throw panicked{message};
}
