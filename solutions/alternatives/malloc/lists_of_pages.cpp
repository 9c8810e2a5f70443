// Another style, as slab allocators have it: pages of equal blocks, described from the side. The
// pages of a class that have free blocks are in a list, and each has a stack of its own.
//
//     lists[size class]
//       | first                      last |
//       v                                 v
//     Page <-> Page <-> Page <-> ... <-> Page     descriptors of pages with free blocks
//       | free
//       +---------------------------+
//                                   v
//     +------+------+------+------+------+------+-----------------+
//     | used | free | used | used | free | used |    untouched    |     one page, one size
//     +------+------+------+------+------+------+-----------------+
//              | ^                   |           ^
//              | +-------------------+           |      the free blocks form a stack; at its bottom
//              +---------------------------------+      lies the first block never handed out
//
// A request is rounded up to a class size, and all blocks of a page are of one class. So they need
// no headers: the descriptor of the page knows their size. It stands beside the page, not in it, so
// that eight blocks of 512 bytes fill a page exactly. From an address to the descriptor:
// regions[address / 1 MiB].pages[page within the MiB].
//
// A small heap would have many such pages, each nearly empty. So before it begins one, it takes a
// block up to twice as large from a page that is there.
//
// More than half a page is a large block: whole pages of its own. It grows where it lies when
// kvmalloc happens to return the pages behind it; it then consists of several pieces.
#include "mm/malloc.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kvmalloc.h"

#include <array>
#include <stdint.h>
#include <utility>

namespace
{

constexpr size_t page_size = 4096;
constexpr size_t alignment = 16;

// For each number of blocks that fit a page, the largest multiple of 16.
constexpr uint16_t class_sizes[] = {16,  32,  48,  64,  80,  96,  112, 128,  144,  160,
                                    176, 192, 208, 224, 240, 256, 272, 288,  304,  336,
                                    368, 400, 448, 512, 576, 672, 816, 1024, 1360, 2048};
constexpr size_t n_classes = std::size(class_sizes);
constexpr size_t largest_small = class_sizes[n_classes - 1];

constexpr auto class_of_units = [] { // for a request of n times 16 bytes
    std::array<uint8_t, largest_small / alignment + 1> classes{};
    for (size_t n = 1; n < classes.size(); n++)
        classes[n] = classes[n - 1] + (n * alignment > class_sizes[classes[n - 1]]);
    return classes;
}();

constexpr auto blocks_per_page = [] {
    std::array<uint8_t, n_classes> blocks{255}; // not 256: the count must fit a byte
    for (size_t i = 1; i < n_classes; i++)
        blocks[i] = page_size / class_sizes[i];
    return blocks;
}();

// What a page is. Below n_classes: it has small blocks of that class.
enum : uint8_t {
    LARGE = n_classes, // the first page of a large block
    PIECE,             // the first page of a further piece of one
    SPARE,             // empty; kept for whoever needs a page next
    NOT_OURS,          // anything else
};

struct Block {
    Block *next; // the free block below
};

struct Page {
    union {
        Page *next;     // the neighbours in the list of its class, if it has a free block
        size_t n_pages; // LARGE: of the whole block
    };
    union {
        Page *prev;
        size_t n_piece_pages; // LARGE, PIECE: of the piece that begins here
    };
    Block *free; // the top of the stack
    uint8_t n_used;
    uint8_t kind;
};

struct List { // the first one's prev means nothing; the last one's next is null
    Page *first;
    Page *last;
};

struct Region {  // the addresses whose descriptors fill one page
    Page *pages; // null until one is needed
    size_t n_ours;
};

constexpr size_t region_pages = page_size / sizeof(Page);
constexpr size_t region_size = region_pages * page_size;
constexpr size_t max_spares = 7; // with the descriptors of each, and of one idle region: 15 pages

constinit Region regions[(uint64_t{1} << 32) / region_size];
constinit Region *idle_region; // was the last to become empty, and may soon be needed again
constinit void *spares[max_spares];
constinit size_t n_spares;
constinit List lists[n_classes];
constinit size_t n_small_pages;

size_t pages_for(size_t size)
{
    return size / page_size + (size % page_size != 0);
}

Region &region_of(const void *address)
{
    return regions[reinterpret_cast<uintptr_t>(address) / region_size];
}

Page *page_of(const void *address)
{
    size_t index = reinterpret_cast<uintptr_t>(address) / page_size % region_pages;
    return &region_of(address).pages[index];
}

bool make_descriptors(Region &region)
{
    region.pages = static_cast<Page *>(kvmalloc(1));
    for (size_t i = 0; region.pages && i < region_pages; i++)
        region.pages[i].kind = NOT_OURS;
    return region.pages;
}

// Pages from kvmalloc, the first of them with a descriptor.
void *obtain_pages(size_t n_pages)
{
    void *address = kvmalloc(n_pages);
    if (!address)
        return nullptr;
    Region &region = region_of(address);
    if (!region.pages && !make_descriptors(region)) {
        kvfree(address, n_pages);
        return nullptr;
    }
    region.n_ours++;
    return address;
}

void return_pages(void *address, size_t n_pages)
{
    page_of(address)->kind = NOT_OURS;
    kvfree(address, n_pages);
    Region *region = &region_of(address);
    if (--region->n_ours > 0)
        return;
    std::swap(region, idle_region);
    if (region && region != idle_region && region->n_ours == 0)
        kvfree(std::exchange(region->pages, nullptr), 1);
}

void *new_pages(size_t n_pages)
{
    if (n_pages == 1 && n_spares > 0)
        return spares[--n_spares];
    while (n_spares > 0) // the heap must not grow while it has pages to spare
        return_pages(spares[--n_spares], 1);
    return obtain_pages(n_pages);
}

void retire_pages(void *address, size_t n_pages)
{
    if (n_pages > 1 || n_spares == max_spares)
        return return_pages(address, n_pages);
    page_of(address)->kind = SPARE;
    spares[n_spares++] = address;
}

// At the end, so that the page gathers more free blocks until its turn comes.
[[gnu::noinline]] void link(Page *page)
{
    List &list = lists[page->kind];
    (list.first ? list.last->next : list.first) = page;
    page->prev = list.last;
    page->next = nullptr;
    list.last = page;
}

void unlink(Page *page)
{
    List &list = lists[page->kind];
    (page == list.first ? list.first : page->prev->next) = page->next;
    (page == list.last ? list.last : page->next->prev) = page->prev;
}

// Takes the block at the bottom of the stack of the first page in a list.
[[gnu::noinline]] void *take_last_block(Page *page)
{
    Block *block = page->free;
    if (page->n_used < blocks_per_page[page->kind]) {
        page->free = block + class_sizes[page->kind] / sizeof(Block); // the next untouched one
        page->free->next = nullptr;
    } else {
        page->free = nullptr;
        lists[page->kind].first = page->next;
    }
    return block;
}

void *take_block(Page *page)
{
    Block *block = page->free;
    page->n_used++;
    if (!block->next)
        return take_last_block(page);
    page->free = block->next;
    return block;
}

void *take_block_of_new_page(uint8_t kind)
{
    auto block = static_cast<Block *>(new_pages(1));
    if (!block)
        return nullptr;
    block->next = nullptr;
    Page *page = page_of(block);
    page->kind = kind;
    page->n_used = 0;
    page->free = block;
    n_small_pages++;
    link(page);
    return take_block(page);
}

constexpr size_t small_heap = 32; // pages of small blocks

// A page with a free block of another class, up to twice as large; null if there is none.
Page *page_of_larger_blocks(uint8_t kind)
{
    size_t largest = 2 * class_sizes[kind];
    for (size_t i = kind + 1; i < n_classes && class_sizes[i] <= largest; i++)
        if (lists[i].first)
            return lists[i].first;
    return nullptr;
}

[[gnu::noinline]] void *take_block_elsewhere(uint8_t kind)
{
    Page *page = n_small_pages < small_heap ? page_of_larger_blocks(kind) : nullptr;
    return page ? take_block(page) : take_block_of_new_page(kind);
}

[[gnu::noinline]] void retire_small_page(Page *page, void *block)
{
    unlink(page);
    n_small_pages--;
    uintptr_t address = reinterpret_cast<uintptr_t>(block) / page_size * page_size;
    retire_pages(reinterpret_cast<void *>(address), 1);
}

void free_small(Page *page, Block *block)
{
    block->next = page->free;
    page->free = block;
    if (--page->n_used == 0)
        retire_small_page(page, block);
    else if (!block->next)
        link(page);
}

[[gnu::noinline]] void *allocate_large(size_t n_pages)
{
    void *block = new_pages(n_pages);
    if (!block)
        return nullptr;
    Page *page = page_of(block);
    page->kind = LARGE;
    page->n_pages = page->n_piece_pages = n_pages;
    return block;
}

[[gnu::noinline]] void free_large(Page *page, void *block)
{
    auto piece = static_cast<char *>(block);
    for (size_t n_left = page->n_pages, n_pages; n_left > 0; n_left -= n_pages) {
        n_pages = page_of(piece)->n_piece_pages;
        retire_pages(piece, n_pages);
        piece += n_pages * page_size;
    }
}

bool extend_large(Page *page, void *block, size_t n_more)
{
    void *piece = obtain_pages(n_more);
    if (!piece)
        return false;
    if (piece != static_cast<char *>(block) + page->n_pages * page_size) {
        return_pages(piece, n_more);
        return false;
    }
    page_of(piece)->kind = PIECE;
    page_of(piece)->n_piece_pages = n_more;
    page->n_pages += n_more;
    return true;
}

// The descriptor of an allocated block; panics if it's none.
inline Page *page_of_live(void *block)
{
    Page *page = region_of(block).pages ? page_of(block) : nullptr;
    if (!page || page->kind > LARGE || (page->kind < LARGE && page->free == block))
        panic("malloc: %p is not an allocated block. Freed twice?", block);
    return page;
}

void *move(void *block, size_t old_size, size_t size)
{
    void *copy = nullptr;
    if (old_size >= page_size && size > old_size)
        copy = allocate_large(pages_for(size) * 9 / 8); // what grew once may well grow again
    if (!copy)
        copy = malloc(size);
    if (!copy)
        return nullptr;
    memcpy(copy, block, old_size < size ? old_size : size);
    free(block);
    return copy;
}

} // namespace

void *malloc(size_t size)
{
    if (size > largest_small)
        return allocate_large(pages_for(size));
    uint8_t kind = class_of_units[(size + alignment - 1) / alignment];
    Page *page = lists[kind].first;
    return page ? take_block(page) : take_block_elsewhere(kind);
}

[[gnu::noinline]] void free(void *block)
{
    if (!block)
        return;
    Page *page = page_of_live(block);
    if (page->kind == LARGE)
        free_large(page, block);
    else
        free_small(page, static_cast<Block *>(block));
}

void *realloc(void *block, size_t size)
{
    if (!block)
        return malloc(size);
    if (size == 0) {
        free(block);
        return nullptr;
    }
    Page *page = page_of_live(block);
    size_t old_size = page->kind == LARGE ? page->n_pages * page_size : class_sizes[page->kind];
    if (size <= old_size) {
        void *smaller = size <= old_size / 2 ? move(block, old_size, size) : nullptr;
        return smaller ? smaller : block;
    }
    if (page->kind == LARGE && extend_large(page, block, pages_for(size) - page->n_pages))
        return block;
    return move(block, old_size, size);
}
