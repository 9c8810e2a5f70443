// print_to against the host's snprintf: what the compiler's check of formats lets through, and the kernel supports.

#include <gtest/gtest.h>

#include <climits>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "lib/print.h"

void serial_write(const char *)
{
}

namespace
{
template <typename... Arguments>
void alike(const std::string &format, Arguments... arguments)
{
    char ours[200], theirs[200];
    size_t length = print_to(ours, sizeof ours, format.c_str(), arguments...);
    int expected = std::snprintf(theirs, sizeof theirs, format.c_str(), arguments...);
    EXPECT_STREQ(ours, theirs) << format;
    EXPECT_EQ(length, static_cast<size_t>(expected)) << format;
}

const std::vector<std::string> flags{"", "-", "0", "#", "+", " ", "-#", "0#", "+0", "- "};
const std::vector<std::string> widths{"", "1", "7", "20", ".1", ".9", "12.5"};

TEST(print, numbers)
{
    for (const std::string &flag : flags)
        for (const std::string &width : widths) {
            for (const char *letter : {"d", "i", "u", "x", "X"})
                for (int value : {0, 1, -1, 255, 70000, INT32_MIN}) {
                    alike("<%" + flag + width + letter + ">", value);
                    alike("<%" + flag + width + "hh" + letter + ">", value);
                    alike("<%" + flag + width + "h" + letter + ">", value);
                    alike("<%" + flag + width + "ll" + letter + ">", value * 1'000'000'007LL);
                }
            alike("<%" + flag + width + "zx>", size_t{4096});
        }
    alike("<%o> <%#o> <%*d> <%-*d> <%.*d>", 8, 8, 6, 7, -6, 7, 3, 7);
}

TEST(print, texts)
{
    for (const std::string &width : widths)
        for (const char *flag : {"", "-"}) {
            alike("<%" + std::string(flag) + width + "s>", "buddy");
            alike("<%" + std::string(flag) + "3c>", 'x');
        }
    alike("<%*s> <%.*s> 100%%", 8, "eight", 3, "three");
}

TEST(print, what_nobody_will_read_is_not_put_together)
{
    const std::string line(400, 'x');
    for (size_t printed = 0; printed < 16 * 1024; printed += line.size())
        print("%s", line.c_str());
    print("%s", reinterpret_cast<const char *>(1)); // nothing can be read there
    print_renew_limit();
}

TEST(print, an_unknown_format_ends_the_text_and_stands_in_it)
{
    char said[40];
    const char *format = "%u then %y and %u";
    print_to(said, sizeof said, format, 1u, 2u);
    EXPECT_STREQ(said, "1 then %y and %u");
}
} // namespace
