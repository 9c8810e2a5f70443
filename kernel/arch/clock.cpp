#include "arch/clock.h"

#include "arch/cpu.h"

namespace
{
unsigned tsc_shift;
}

void clock_init(unsigned shift)
{
    tsc_shift = shift;
}

uint64_t instructions_in(uint64_t ticks)
{
    return ticks >> tsc_shift;
}

uint64_t instructions_executed()
{
    return instructions_in(read_tsc());
}
