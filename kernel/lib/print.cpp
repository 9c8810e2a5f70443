#include "lib/print.h"

#include "arch/serial.h"
#include "lib/string.h"

#include <limits.h>
#include <stdint.h>

namespace
{

// Where formatted text goes, and how much of it there was.
struct sink {
    char *buffer;
    size_t size;
    size_t length = 0;

    void put(char c)
    {
        if (length + 1 < size)
            buffer[length] = c;
        length++;
    }
};

// What stands between the % and the letter.
struct specification {
    bool left = false;
    bool zeros = false;
    size_t width = 0;
    bool wide = false;      // 64 bits
    bool precision = false; // an argument limits the length
};

void put_padded(sink &out, const specification &spec, const char *text, size_t length)
{
    size_t padding = spec.width > length ? spec.width - length : 0;
    for (size_t i = 0; i < padding && !spec.left; i++)
        out.put(spec.zeros ? '0' : ' ');
    for (size_t i = 0; i < length; i++)
        out.put(text[i]);
    for (size_t i = 0; i < padding && spec.left; i++)
        out.put(' ');
}

void put_number(sink &out, const specification &spec, uint64_t value, unsigned base, bool negative)
{
    char digits[24];
    size_t first = sizeof digits;
    auto put_digit = [&](unsigned digit) { digits[--first] = "0123456789abcdef"[digit]; };
    for (; value > UINT32_MAX; value /= base) // 64 bits take long
        put_digit(value % base);
    uint32_t rest = value;
    do {
        put_digit(rest % base);
        rest /= base;
    } while (rest);
    if (negative)
        digits[--first] = '-';
    put_padded(out, spec, digits + first, sizeof digits - first);
}

const char *parse(const char *format, specification &spec)
{
    for (;; format++) {
        if (*format == '-')
            spec.left = true;
        else if (*format == '0')
            spec.zeros = true;
        else
            break;
    }
    for (; *format >= '0' && *format <= '9'; format++)
        spec.width = spec.width * 10 + (*format - '0');
    if (format[0] == '.' && format[1] == '*')
        spec.precision = true, format += 2;
    if (*format == 'z')
        format++;
    else if (*format == 'l' && *++format == 'l')
        spec.wide = true, format++;
    return format;
}

void put_formatted(sink &out, const char *format, va_list arguments)
{
    for (; *format; format++) {
        if (*format != '%') {
            out.put(*format);
            continue;
        }
        specification spec;
        format = parse(format + 1, spec);
        switch (*format) {
        case 'd':
        case 'i': {
            int value = va_arg(arguments, int);
            put_number(out, spec, value < 0 ? -static_cast<int64_t>(value) : value, 10, value < 0);
            break;
        }
        case 'u':
        case 'x':
            put_number(out, spec,
                       spec.wide ? va_arg(arguments, uint64_t) : va_arg(arguments, uint32_t),
                       *format == 'u' ? 10 : 16, false);
            break;
        case 'p':
            out.put('0'), out.put('x');
            spec = {.zeros = true, .width = 8};
            put_number(out, spec, va_arg(arguments, uintptr_t), 16, false);
            break;
        case 's': {
            int limit = spec.precision ? va_arg(arguments, int) : INT_MAX;
            const char *text = va_arg(arguments, const char *);
            text = text ? text : "(null)";
            put_padded(out, spec, text, strnlen(text, static_cast<size_t>(limit)));
            break;
        }
        case 'c':
            out.put(static_cast<char>(va_arg(arguments, int)));
            break;
        case '\0':
            return;
        default:
            out.put(*format);
        }
    }
}

constexpr size_t output_limit = 16 * 1024;
size_t output_so_far;

} // namespace

size_t vprint_to(char *buffer, size_t size, const char *format, va_list arguments)
{
    sink out{buffer, size};
    put_formatted(out, format, arguments);
    if (size > 0)
        buffer[out.length < size ? out.length : size - 1] = '\0';
    return out.length;
}

size_t print_to(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t length = vprint_to(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

void vprint(const char *format, va_list arguments)
{
    char buffer[512];
    vprint_to(buffer, sizeof buffer, format, arguments);
    if (output_so_far >= output_limit)
        return;
    serial_write(buffer);
    output_so_far += strlen(buffer);
    if (output_so_far >= output_limit)
        serial_write("\n[the rest of this output is left out]\n");
}

void print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprint(format, arguments);
    va_end(arguments);
}

void print_renew_limit()
{
    output_so_far = 0;
}
