// malloc: pages of equal blocks. All free blocks of a size are in one list, whatever their page.
//
//     lists[size class].first
//       |
//       v
//     free <------> free <------> free <------> free           what was freed last is taken first
//       :             :             :             :
//     +------+------+------+------+     +------+------+------+------+
//     | free | used | free | used |     | free | used | used | free |     pages of one size
//     +------+------+------+------+     +------+------+------+------+
//       Page: n_used = 2                  Page: n_used = 2                 described from the side
//
// A request is rounded up to a class size, and all blocks of a page are of one class. So they need
// no headers: the descriptor of the page knows their size. It stands beside the page, not in it, so
// that eight blocks of 512 bytes fill a page exactly. From an address to the descriptor:
// regions[address / 2 MiB].pages[page within the 2 MiB].
//
// That a page becomes full, or has a free block again, changes nothing: a processor can't foresee
// when that will be. One that becomes empty is a spare, which goes when pages are needed, and until
// then its class can use it.
//
// A heap of few pages has fewer classes, the powers of two, so that they are not all nearly empty.
//
// More than half a page is a large block: whole pages of its own. It grows where it lies when
// kvmalloc happens to return the pages behind it; it then consists of several pieces.
#include "mm/malloc.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kvmalloc.h"

#include <array>
#include <bit>
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

// The class of a request of n times 16 bytes.
using Classes = std::array<uint8_t, largest_small / alignment + 1>;

constexpr Classes choose(bool (*is_used)(size_t size))
{
    Classes classes{};
    for (size_t n = 0, kind = 0; n < classes.size(); n++) {
        while (class_sizes[kind] < n * alignment || !is_used(class_sizes[kind]))
            kind++;
        classes[n] = kind;
    }
    return classes;
}

constexpr Classes all_classes = choose([](size_t) { return true; });
constexpr Classes few_classes = choose([](size_t size) { return std::has_single_bit(size); });
constexpr size_t many_pages = 32; // of small blocks: from there on all classes are in use

// What a page is. Below n_classes: it has small blocks of that class.
enum : uint8_t {
    LARGE = n_classes, // the first page of a large block
    PIECE,             // the first page of a further piece of one
    SPARE,             // empty, and of no class
    NOT_OURS,          // anything else
};

struct Block { // a free one
    Block *next;
    Block *prev;
};

struct List {
    Block *first;   // its prev means nothing; the last one's next is null
    size_t n_pages; // of this class
};

struct Page {
    union {
        uint32_t n_used = 0; // of its small blocks: those that are allocated
        uint32_t n_pages;    // LARGE: of the whole block
    };
    uint32_t n_piece_pages : 23 = 0; // LARGE, PIECE: of the piece that begins here
    uint32_t is_spare : 1 = false;
    uint32_t kind : 8 = NOT_OURS;
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
constinit List lists[n_classes];
constinit size_t n_small_pages;
constinit Classes classes = few_classes;

constinit char *spares[max_spares]; // a ring of pages that were empty when they came
constinit size_t oldest_spare, n_spares;

size_t units(size_t size) // of 16 bytes
{
    return (size + alignment - 1) / alignment;
}

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
        region.pages[i] = Page{};
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

void link(List &list, Block *block)
{
    block->next = list.first;
    if (list.first)
        list.first->prev = block;
    list.first = block;
}

void unlink(List &list, Block *block)
{
    (block == list.first ? list.first : block->prev->next) = block->next;
    if (block->next)
        block->next->prev = block->prev;
}

// Gives a page to a class that has no free blocks.
void join_class(char *address, uint8_t kind)
{
    Page *page = page_of(address);
    page->kind = kind;
    page->n_used = 0;
    lists[kind].n_pages++;
    size_t size = class_sizes[kind];
    auto last = reinterpret_cast<Block *>(address);
    lists[kind].first = last;
    for (size_t i = 1; i < page_size / size; i++) {
        auto block = reinterpret_cast<Block *>(address + i * size);
        last->next = block;
        block->prev = last;
        last = block;
    }
    last->next = nullptr;
    if (++n_small_pages == many_pages)
        classes = all_classes;
}

// Takes an empty page from its class.
void leave_class(char *address, uint8_t kind)
{
    List &list = lists[kind];
    if (n_small_pages-- == many_pages)
        classes = few_classes;
    if (--list.n_pages == 0) { // what most classes of a small heap do
        list.first = nullptr;
        return;
    }
    size_t size = class_sizes[kind];
    for (size_t i = 0; i < page_size / size; i++)
        unlink(list, reinterpret_cast<Block *>(address + i * size));
}

// Takes the oldest spare out of the ring. Null if it is in use again.
char *reclaim_spare()
{
    char *address = spares[oldest_spare];
    oldest_spare = (oldest_spare + 1) % max_spares;
    n_spares--;
    Page *page = page_of(address);
    page->is_spare = false;
    if (page->kind == SPARE)
        return address;
    if (page->n_used > 0)
        return nullptr;
    leave_class(address, page->kind);
    return address;
}

void *new_pages(size_t n_pages)
{
    while (n_spares > 0) { // the heap must not grow while it has pages to spare
        char *spare = reclaim_spare();
        if (spare && n_pages == 1)
            return spare;
        if (spare)
            return_pages(spare, 1);
    }
    return obtain_pages(n_pages);
}

[[gnu::noinline]] void make_spare(Page *page, void *block)
{
    if (n_spares == max_spares)
        if (char *oldest = reclaim_spare())
            return_pages(oldest, 1);
    page->is_spare = true;
    uintptr_t address = reinterpret_cast<uintptr_t>(block) / page_size * page_size;
    spares[(oldest_spare + n_spares++) % max_spares] = reinterpret_cast<char *>(address);
}

void *take_block(List &list)
{
    Block *block = list.first;
    list.first = block->next;
    page_of(block)->n_used++;
    return block;
}

[[gnu::noinline]] void *take_block_elsewhere(size_t size, uint8_t kind)
{
    if (void *address = new_pages(1)) {
        join_class(static_cast<char *>(address), kind);
        return take_block(lists[kind]);
    }
    for (size_t i = all_classes[units(size)]; i < n_classes; i++)
        if (lists[i].first)
            return take_block(lists[i]);
    return nullptr;
}

void free_small(Page *page, Block *block)
{
    link(lists[page->kind], block);
    if (--page->n_used == 0 && !page->is_spare)
        make_spare(page, block);
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
        Page *first = page_of(piece);
        n_pages = first->n_piece_pages;
        if (n_pages > 1) {
            return_pages(piece, n_pages);
        } else {
            first->kind = SPARE;
            make_spare(first, piece);
        }
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
    if (!page || page->kind > LARGE || (page->kind < LARGE && lists[page->kind].first == block))
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
    uint8_t kind = classes[units(size)];
    return lists[kind].first ? take_block(lists[kind]) : take_block_elsewhere(size, kind);
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
