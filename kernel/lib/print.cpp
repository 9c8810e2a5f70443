#include "lib/print.h"

#include "arch/serial.h"
#include "lib/string.h"

#include <algorithm>
#include <limits.h>
#include <stdint.h>
#include <string_view>

namespace
{

// Where formatted text goes, and how much of it there was.
struct sink {
    char *buffer;
    size_t size;
    size_t length = 0;

    void put(std::string_view text)
    {
        if (length + 1 < size && !text.empty())
            memcpy(buffer + length, text.data(), std::min(text.size(), size - 1 - length));
        length += text.size();
    }

    void put(size_t count, char c)
    {
        while (count-- > 0)
            put({&c, 1});
    }
};

// What stands between the % and the letter.
struct specification {
    bool left = false;
    bool zeros = false;
    bool prefix = false; // # : 0x before hexadecimal, 0 before octal
    char sign = '\0';    // before a number that is not negative: + or a blank
    size_t width = 0;
    int precision = -1; // characters of a text at most, digits of a number at least; -1: all
    bool wide = false;  // 64 bits
    size_t narrow = 0;  // h, hh: the bits that count
};

void put_padded(sink &out, const specification &spec, std::string_view before,
                std::string_view text)
{
    size_t whole = before.size() + text.size();
    if (spec.width <= whole) { // nearly always
        out.put(before);
        return out.put(text);
    }
    size_t padding = spec.width - whole;
    if (!spec.left && !spec.zeros)
        out.put(padding, ' ');
    out.put(before);
    if (!spec.left && spec.zeros)
        out.put(padding, '0');
    out.put(text);
    if (spec.left)
        out.put(padding, ' ');
}

void put_number(sink &out, specification spec, uint64_t value, unsigned base,
                std::string_view before, bool capital = false)
{
    constexpr int most_digits = 80; // of a precision
    char digits[most_digits];
    size_t first = sizeof digits;
    auto put_digit = [&](unsigned digit) {
        digits[--first] = (capital ? "0123456789ABCDEF" : "0123456789abcdef")[digit];
    };
    for (; value > UINT32_MAX; value /= base) // 64 bits take long
        put_digit(value % base);
    for (uint32_t rest = value; rest || sizeof digits == first; rest /= base)
        put_digit(rest % base);
    while (spec.precision > static_cast<int>(sizeof digits - first) && first > 0)
        put_digit(0);
    if (spec.precision >= 0)
        spec.zeros = false;
    put_padded(out, spec, before, {digits + first, sizeof digits - first});
}

// A number in a specification; `*` takes it from the arguments.
const char *parse_count(const char *format, int &count, va_list *arguments)
{
    if (*format == '*') {
        count = va_arg(*arguments, int);
        return format + 1;
    }
    for (count = 0; *format >= '0' && *format <= '9'; format++)
        count = count * 10 + (*format - '0');
    return format;
}

const char *parse_flags(const char *format, specification &spec)
{
    for (;; format++) {
        if (*format == '-')
            spec.left = true;
        else if (*format == '0')
            spec.zeros = true;
        else if (*format == '#')
            spec.prefix = true;
        else if (*format == '+' || (*format == ' ' && !spec.sign))
            spec.sign = *format;
        else
            return format;
    }
}

const char *parse_length(const char *format, specification &spec)
{
    for (; *format == 'h'; format++)
        spec.narrow = spec.narrow ? 8 : 16;
    spec.wide = *format == 'j' || (format[0] == 'l' && format[1] == 'l');
    while (*format == 'l' || *format == 'z' || *format == 't' || *format == 'j')
        format++;
    return format;
}

const char *parse(const char *format, specification &spec, va_list *arguments)
{
    if (*format == 's' || *format == 'u' || *format == 'x') // nearly always
        return format;
    if (*format == 'l')
        return parse_length(format, spec);
    int width;
    format = parse_count(parse_flags(format, spec), width, arguments);
    spec.left = spec.left || width < 0;
    spec.width = static_cast<size_t>(width < 0 ? -width : width);
    if (*format == '.')
        format = parse_count(format + 1, spec.precision, arguments);
    return parse_length(format, spec);
}

void put_signed(sink &out, const specification &spec, int64_t value)
{
    if (spec.narrow)
        value = spec.narrow == 8 ? static_cast<signed char>(value) : static_cast<short>(value);
    const char sign[] = {value < 0 ? '-' : spec.sign, '\0'};
    put_number(out, spec, value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value),
               10, sign);
}

void put_unsigned(sink &out, const specification &spec, uint64_t value, char letter)
{
    if (spec.narrow)
        value &= (1u << spec.narrow) - 1;
    bool hexadecimal = letter == 'x' || letter == 'X';
    const char *before = !spec.prefix || value == 0 || letter == 'u' ? ""
                         : letter == 'o'                             ? "0"
                         : letter == 'x'                             ? "0x"
                                                                     : "0X";
    put_number(out, spec, value, hexadecimal ? 16 : letter == 'o' ? 8 : 10, before, letter == 'X');
}

void put_text(sink &out, specification spec, const char *text)
{
    text = text ? text : "(null)";
    spec.zeros = false;
    size_t most = spec.precision < 0 ? INT_MAX : static_cast<size_t>(spec.precision);
    put_padded(out, spec, "", {text, strnlen(text, most)});
}

// One argument, as the letter says; false if there is no such format.
bool put_argument(sink &out, const specification &spec, char letter, va_list *arguments)
{
    switch (letter) {
    case 'd':
    case 'i':
        put_signed(out, spec, spec.wide ? va_arg(*arguments, int64_t) : va_arg(*arguments, int));
        return true;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        put_unsigned(out, spec,
                     spec.wide ? va_arg(*arguments, uint64_t) : va_arg(*arguments, uint32_t),
                     letter);
        return true;
    case 'p':
        put_number(out, {.left = spec.left, .width = spec.width, .precision = 8},
                   va_arg(*arguments, uintptr_t), 16, "0x");
        return true;
    case 's':
        put_text(out, spec, va_arg(*arguments, const char *));
        return true;
    case 'c': {
        char c = static_cast<char>(va_arg(*arguments, int));
        put_padded(out, spec, "", {&c, 1});
        return true;
    }
    case '%':
        out.put("%");
        return true;
    default:
        return false;
    }
}

// Without a jump between the two: to an emulator they are dear.
bool is_plain(char c)
{
    return (c != '\0') & (c != '%');
}

void put_formatted(sink &out, const char *format, va_list given)
{
    va_list arguments; // its own: the address of a parameter of this type is another type's
    va_copy(arguments, given);
    while (*format) {
        const char *percent = format;
        while (is_plain(*percent))
            percent++;
        out.put({format, percent});
        if (!*percent)
            break;
        specification spec;
        format = parse(percent + 1, spec, &arguments);
        if (!put_argument(out, spec, *format, &arguments)) {
            out.put(percent); // from here on nobody knows which argument is which
            break;
        }
        format++;
    }
    va_end(arguments);
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
    // Who prints at each of a million calls is not to be late for what nobody will read.
    if (output_so_far >= output_limit)
        return;
    char buffer[512];
    vprint_to(buffer, sizeof buffer, format, arguments);
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
