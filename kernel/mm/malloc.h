#pragma once

#include <stddef.h>

// Memory of any size for the kernel's own data structures. The pages come from kvmalloc, and go
// back to kvfree as they came: each block of kvmalloc's whole, and by itself.
//
// Every pointer returned is a multiple of 16. A block is the caller's own until it is freed: its
// bytes are touched by nobody else, and no two live blocks overlap.
//
// Once every block has been freed, at most 16 of kvmalloc's pages stay taken, those for
// book-keeping included.
//
// Good for real work: at the peak of a program's needs, the pages taken are not many more than what
// it has in use would fill; and an operation takes few instructions, however many blocks there are.
// (Both are measured on recorded programs, the latter also beside few and beside many live blocks,
// and graded by steps.)

// C linkage, as <stdlib.h> has it, which the C++ headers bring along.
extern "C" {

// Allocates a block of at least `size` bytes of undefined content.
//   - Null when there is no memory for it, and never otherwise; then nothing has changed. There is
//     none for any size near SIZE_MAX. There is memory if kvmalloc could give the pages that the
//     block fills, and two more for book-keeping; and where a block of the same size was freed
//     right before.
//   - A size of 0 gives null, or a pointer of its own that can be passed to free.
void *malloc(size_t size);

// Changes the size of a block; returns where it is now. The first bytes, as many as both the old
// and the new block have, keep their values.
//   - A null block: as malloc(size).
//   - A size of 0 (block not null): frees the block and returns null.
//   - Null when there is no memory for it; then the old block is as it was, and still allocated. A
//     block can always become smaller, or stay as large: its own memory suffices.
void *realloc(void *block, size_t size);

// Frees a block that malloc or realloc returned.
//   - Null does nothing.
//   - Freeing a block that is free already, with no call in between, panics while another block of
//     the same page lives.
void free(void *block);
}
