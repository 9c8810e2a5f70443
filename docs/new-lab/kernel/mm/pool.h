#pragma once

#include <stddef.h>

// A pool: objects of one size, from one piece of memory.
//
// A kernel needs many objects of the same kind: processes, open files, timers. A pool hands them
// out one at a time, without a header in front of each and without a search. While an object is
// free its bytes are the pool's, which may remember in them whatever it likes.

struct pool {
    void *memory;       // where the first object begins
    size_t object_size; // in bytes
    size_t count;       // how many objects there are, free or not
    void *state;        // pool.cpp's own
};

// Makes *p a pool of `count` objects, all of them free. They lie one behind the other from `memory`
// on; no byte outside of them is written to.
//   memory       object_size * count bytes, aligned to 16, of any content
//   object_size  a multiple of 16, at least 16
//   count        1 or more
void pool_init(pool *p, void *memory, size_t object_size, size_t count);

// Hands out a free object: returns the address of its first byte, or null if no object is free.
//   - An object is never handed out twice at a time.
//   - As long as it is handed out no function of the pool changes its bytes.
// Which of the free objects it is does not matter.
void *pool_alloc(pool *p);

// Takes an object back: it is free again.
//   - Null does nothing.
//   - Panics if `object` is not the address of the first byte of one of the pool's objects.
// Whether the object is free already need not be noticed.
void pool_free(pool *p, void *object);
