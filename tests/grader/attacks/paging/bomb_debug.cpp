// attack: A right solution with an inlined function whose name, by its templates, has a million letters in the debug information, on the way of a crash.
// route: compile bombs
// class: detected
// verdict: crash
// message: page fault, in crash_in
// played: first_directory kernel_mappings cost_per_page

#include "mm/paging.h"
#define create_init_pagedir honest_init
@REFERENCE@
#undef create_init_pagedir

template <typename... T> struct pack {};
template <typename... T> [[gnu::always_inline]] static inline void crash_in(volatile int *place) { *place = sizeof...(T); }
template <int n, typename... T> [[gnu::always_inline]] static inline void grow(volatile int *place)
{
    if constexpr (n)
        grow<n - 1, T..., pack<T...>>(place);
    else
        crash_in<T...>(place);
}

void create_init_pagedir()
{
    honest_init();
    grow<15>((volatile int *)0x123450);
}
