#include "mm/malloc.h"

#include "mm/allocation.h"
#include "mm/layout.h"
#include "mm/paging.h"
#include "player/lab.h"
#include "player/memory.h"
#include "player/memory_text.h"
#include "player/player.h"

#include <algorithm>

// The operations of lab 5. Each block is filled with a pattern of its own when it is allocated, and
// looked at when it is freed or reallocated: how many of its bytes have changed is written down.
// (Where blocks overlap, filling one ruins the other, and maybe malloc's own lists: `reserve`
// leaves the block as it is, so that the addresses can be seen first.)

// The student's own, if the file has one (docs/scenarios.md).
[[gnu::weak]] void malloc_check();

struct live_block {
    uint8_t *start;
    size_t size;
    uint32_t tag; // what its pattern begins with; 0: it bears none
    live_block *next;
};

// The blocks that are allocated, found by their addresses.
class live_blocks
{
public:
    bool full() const { return n_used_ == capacity && !unused_; }

    live_block *find(uintptr_t address) const
    {
        live_block *b = buckets_[bucket(address)];
        while (b && b->start != reinterpret_cast<uint8_t *>(address))
            b = b->next;
        return b;
    }

    void add(uintptr_t address, size_t size, uint32_t tag)
    {
        live_block *b = unused_ ? unused_ : &blocks_[n_used_++];
        unused_ = unused_ ? unused_->next : nullptr;
        live_block *&first = buckets_[bucket(address)];
        *b = {reinterpret_cast<uint8_t *>(address), size, tag, first};
        first = b;
    }

    void remove(live_block *b)
    {
        live_block **link = &buckets_[bucket(reinterpret_cast<uintptr_t>(b->start))];
        while (*link != b)
            link = &(*link)->next;
        *link = b->next;
        *b = {nullptr, 0, 0, unused_};
        unused_ = b;
    }

    // Whether any block lies in the page of an address, or a part of one.
    bool any_in_page(uintptr_t address) const
    {
        auto page = reinterpret_cast<uint8_t *>(address / page_size * page_size);
        return std::any_of(blocks_, blocks_ + n_used_, [&](const live_block &b) {
            return b.start && b.start < page + page_size && b.start + b.size > page;
        });
    }

private:
    static constexpr size_t capacity = 2048;
    static constexpr size_t n_buckets = 1024;

    static size_t bucket(uintptr_t address)
    {
        return (address / 16 + address / page_size) % n_buckets;
    }

    live_block blocks_[capacity];
    live_block *buckets_[n_buckets];
    live_block *unused_;
    size_t n_used_;
};

// Not local: in official runs the grader looks at the blocks that are in it
// (grader/emulators/dealer.py).
extern live_blocks malloc_blocks;
constinit live_blocks malloc_blocks{};

namespace
{

uint32_t last_tag;

// How many bytes of a block have changed since it was filled, and where the first of them was.
struct change {
    size_t bytes = 0;
    size_t first = 0;
};

// Calls body(offset) for the bytes of a block that bear its pattern, up to a `limit`: all those
// near its ends, some of those between, the fewer the larger it is.
template <typename Body>
void for_each_in_pattern(size_t size, size_t limit, Body body)
{
    constexpr size_t near = 32;
    size_t stride = size < 4 * page_size ? 13 : 251, i = 0;
    for (; i < std::min(near, limit); i++)
        body(i);
    for (; i < limit && i + near + stride <= size; i += stride)
        body(i);
    for (; i < limit; i++)
        body(i);
}

uint8_t pattern(uint32_t tag, size_t offset)
{
    return static_cast<uint8_t>(tag + offset * 29 + (offset >> 8));
}

void fill(const live_block &b)
{
    for_each_in_pattern(b.size, b.size, [&](size_t i) { b.start[i] = pattern(b.tag, i); });
}

bool bears_pattern(size_t offset, size_t size)
{
    bool found = false;
    for_each_in_pattern(size, offset + 1, [&](size_t i) { found = i == offset; });
    return found;
}

// What has changed in a block that lies at `start` now; only its first `size` bytes count.
change look_at(const live_block &b, const uint8_t *start, size_t size)
{
    change found;
    if (b.tag == 0)
        return found;
    for_each_in_pattern(b.size, size, [&](size_t i) {
        if (start[i] != pattern(b.tag, i) && found.bytes++ == 0)
            found.first = i;
    });
    return found;
}

// How many of the `size` bytes from an address on can be written to. The kernel's first 4 MiB,
// which hold its image, don't count: filling a block there would be the end of the player.
size_t writable(uintptr_t address, size_t size)
{
    if (address < kernel_base + table_span)
        return 0;
    uintptr_t physical;
    int flags;
    uint64_t end = uint64_t{address} + size, at = address;
    while (at < end && translate(nullptr, static_cast<uintptr_t>(at), &physical, &flags) &&
           (flags & PTE_WRITABLE))
        at = (at / page_size + 1) * page_size;
    return static_cast<size_t>(std::min(at, end) - address);
}

// Writes down what has changed in a block. Any byte at all is worth a line, even in a quiet
// stretch, and shown.
void note_change(call &c, const live_block &b, const uint8_t *start, size_t size)
{
    change found = look_at(b, start, size);
    c.result("changed", found.bytes);
    if (found.bytes == 0)
        return;
    c.notable();
    auto begin = reinterpret_cast<uintptr_t>(start), end = begin + size;
    memory_rows rows(begin + found.first, begin / page_size * page_size,
                     (end + page_size - 1) / page_size * page_size);
    auto seen = [=](uintptr_t address) -> int { return start[address - begin]; };
    auto expected = [=](uintptr_t address) -> int {
        size_t offset = address - begin;
        bool ours = begin <= address && address < end && bears_pattern(offset, b.size);
        return ours ? pattern(b.tag, offset) : unknown_byte;
    };
    c.memory(memory_text(rows, seen, expected).text());
}

void note_change(call &c, const live_block &b)
{
    note_change(c, b, b.start, b.size);
}

// Writes down what malloc or realloc returned, and fills the block if it is to have a pattern.
void take_block(call &c, uintptr_t address, size_t size, bool with_pattern)
{
    c.address("address", address);
    if (!address && size > 0)
        c.notable();
    if (!address)
        return;
    if (size_t bytes = writable(address, size); bytes < size) {
        c.result("writable", bytes);
        c.notable();
        return;
    }
    malloc_blocks.add(address, size, with_pattern ? last_tag += 101 : 0);
    if (with_pattern)
        fill(*malloc_blocks.find(address));
}

void allocate(call &c, bool with_pattern)
{
    if (!memory_is_up(c))
        return;
    if (malloc_blocks.full())
        return c.refuse("there are 2048 live blocks already");
    void *block = nullptr;
    size_t size = c.argument(0);
    c.concerns(size);
    if (!c.run([&] { block = malloc(size); }))
        return;
    take_block(c, reinterpret_cast<uintptr_t>(block), size, with_pattern);
    c.keep(reinterpret_cast<uintptr_t>(block), size);
}

// The name stands for the block as it is afterwards: the old one if realloc could not change it.
void realloc_block(call &c)
{
    if (!memory_is_up(c))
        return;
    uintptr_t address = c.argument(0);
    size_t size = c.argument(1);
    live_block *known = malloc_blocks.find(address);
    if (!known && malloc_blocks.full())
        return c.refuse("there are 2048 live blocks already");
    void *block = nullptr;
    if (size <= most_memory) // what can't be had is neither cleared nor copied
        c.concerns(uint64_t{size} + (known ? known->size : 0));
    if (!c.run([&] { block = realloc(reinterpret_cast<void *>(address), size); }))
        return;
    auto moved = reinterpret_cast<uintptr_t>(block);
    bool failed = !block && size > 0;
    c.keep(failed ? address : moved, size);
    if (known && failed) {
        note_change(c, *known);
    } else if (known) {
        live_block old = *known;
        malloc_blocks.remove(known);
        if (block && writable(moved, size) == size)
            note_change(c, old, reinterpret_cast<uint8_t *>(moved), std::min(old.size, size));
    }
    take_block(c, moved, size, true);
}

// What is not live any more is freed again only while its page is still in use: that has to panic.
void free_block(call &c)
{
    if (!memory_is_up(c))
        return;
    uintptr_t address = c.argument(0);
    if (live_block *known = malloc_blocks.find(address)) {
        note_change(c, *known);
        c.concerns(known->size);
        malloc_blocks.remove(known);
    } else if (address && !malloc_blocks.any_in_page(address)) {
        c.result("skipped", 1);
        return;
    }
    c.run([&] { free(reinterpret_cast<void *>(address)); });
}

void check(call &c)
{
    if (!memory_is_up(c))
        return;
    if (live_block *known = malloc_blocks.find(c.argument(0)))
        note_change(c, *known);
}

// The pages that kvmalloc's callers have, from the page tables: a count would lie in memory that
// malloc can reach.
size_t pages_taken()
{
    uintptr_t start = kernel_range_start();
    size_t first = table_index(start), count = 0;
    for (size_t i = directory_index(start) - user_entries; i < kernel_entries; i++, first = 0)
        if (const pte *table = kvpd[i].table)
            count += std::count_if(table + first, table + table_entries,
                                   [](pte entry) { return entry.present(); });
    return count;
}

void kvpages(call &c)
{
    c.result("pages", pages_taken());
    c.result("peak", kvmalloc_pages().peak);
    c.result("tables", kernel_tables_made());
    note_misfreed(c);
}

constexpr operation operations[] = {
    {"malloc SIZE", "malloc, and fills the block with a pattern",
     [](call &c) { allocate(c, true); }},
    {"reserve SIZE", "malloc, and leaves the block as it is", [](call &c) { allocate(c, false); }},
    {"realloc POINTER SIZE", "realloc, looks at the contents, fills the block anew", realloc_block},
    {"free POINTER", "looks at the contents, then free", free_block},
    {"check POINTER", "looks at the contents: how many bytes have changed?", check},
    {"kvpages", "how many pages kvmalloc has given out; and what went back otherwise", kvpages},
};

// The last of them is kvpages.
constexpr auto all_but_kvpages =
    std::span(memory_operations).first<std::size(memory_operations) - 1>();
constexpr lab malloc_lab{"malloc", "Lab 5: malloc", operations, all_but_kvpages, malloc_check};
REGISTER_LAB(malloc_lab);

} // namespace
