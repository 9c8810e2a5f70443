#include "arch/multiboot.h"

#include "arch/physical.h"

#include <algorithm>

namespace
{

// The information as it lies in memory (section 3.3). Only what is used here has a name.
struct information_header {
    uint32_t flags;
    uint32_t unused_memory[2];
    uint32_t boot_device;
    uint32_t command_line;
    uint32_t modules_count, modules_address;
    uint32_t symbols[4];
    uint32_t map_length, map_address;
};
static_assert(offsetof(information_header, map_address) == 48);

constexpr uint32_t has_command_line = 1 << 2;
constexpr uint32_t has_modules = 1 << 3;
constexpr uint32_t has_map = 1 << 6;

struct module_entry {
    uint32_t start, end, text, reserved;
};

struct [[gnu::packed]] map_entry {
    uint32_t size; // of what follows
    uint64_t base;
    uint64_t length;
    uint32_t type;
};

// Not cleared at a restart: the boot loader speaks only once.
[[gnu::section(".kept")]] boot_information saved;

void read_command_line(uint32_t address)
{
    char *c = saved.command_line;
    char *last = c + max_command_line - 1;
    do
        copy_physical(c, address++, 1);
    while (*c && ++c < last);
    *c = '\0';
}

void read_modules(uint32_t address, uint32_t count)
{
    saved.n_modules = std::min<size_t>(count, max_modules);
    for (size_t i = 0; i < saved.n_modules; i++) {
        module_entry module;
        copy_physical(&module, address + i * sizeof module, sizeof module);
        saved.modules[i] = {module.start, module.end};
    }
    if (count == 0)
        return;
    saved.script_size = saved.modules[0].end - saved.modules[0].start;
    copy_physical(saved.script, saved.modules[0].start, std::min(saved.script_size, max_script));
}

void read_map(uint32_t address, uint32_t length)
{
    uint32_t end = address + length;
    while (address < end && saved.n_regions < max_memory_regions) {
        map_entry entry;
        copy_physical(&entry, address, sizeof entry);
        saved.regions[saved.n_regions++] = {entry.base, entry.length, entry.type};
        address += entry.size + sizeof entry.size;
    }
}

} // namespace

void multiboot_read(uint32_t information)
{
    saved.n_regions = saved.n_modules = saved.script_size = 0;
    saved.command_line[0] = '\0';
    information_header header;
    copy_physical(&header, information, sizeof header);
    if (header.flags & has_command_line)
        read_command_line(header.command_line);
    if (header.flags & has_modules)
        read_modules(header.modules_address, header.modules_count);
    if (header.flags & has_map)
        read_map(header.map_address, header.map_length);
}

const boot_information &multiboot_information()
{
    return saved;
}

std::string_view boot_option(std::string_view name)
{
    std::string_view rest = saved.command_line;
    while (!rest.empty()) {
        size_t end = std::min(rest.find(' '), rest.size());
        std::string_view word = rest.substr(0, end);
        if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=')
            return word.substr(name.size() + 1);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}
