#include "arch/watchdog.h"

#include "arch/clock.h"
#include "arch/io.h"
#include "arch/physical.h"

namespace
{

// What counts the time and then sends a non-maskable interrupt.
struct timer {
    void (*init)();
    void (*start)(); // (again) from zero
    void (*stop)();
};

// QEMU's iBASE IB700.
constexpr timer ib700{
    [] {},
    [] { out_byte(0x443, 14); }, // 2 seconds, the shortest there is: 30 - 2 * value
    [] { out_byte(0x441, 0); },
};

// A PC's clock (Motorola MC146818A). Its registers are chosen through one port, and used through
// another.
enum clock_register : uint8_t { rate = 0x0a, control = 0x0b, causes = 0x0c };
constexpr uint16_t clock_index = 0x70, clock_data = 0x71;
constexpr uint8_t periodic_interrupt_24_hours = 0x42;
constexpr uint8_t twice_a_second = 0x2f; // the slowest there is
constexpr uint8_t never = 0x20;

void write_clock(clock_register index, uint8_t value)
{
    out_byte(clock_index, index);
    out_byte(clock_data, value);
}

// Reading it lets go of the interrupt line: without that there is no next interrupt.
void let_go()
{
    out_byte(clock_index, causes);
    in_byte(clock_data);
}

// Makes interrupt line 8, the clock's, a non-maskable interrupt (Intel 82093AA I/O APIC, section
// 3).
void route_clock_to_nmi()
{
    constexpr uintptr_t io_apic_index = 0xfec00000, io_apic_data = io_apic_index + 0x10;
    constexpr uint32_t line_8 = 0x10 + 2 * 8, nmi = 4 << 8, to_the_first_cpu = 0;
    write_physical(io_apic_index, line_8 + 1);
    write_physical(io_apic_data, to_the_first_cpu);
    write_physical(io_apic_index, line_8);
    write_physical(io_apic_data, nmi);
}

constexpr timer pc_clock{
    [] {
        write_clock(rate, never);
        write_clock(control, periodic_interrupt_24_hours);
        let_go();
        route_clock_to_nmi();
    },
    [] {
        let_go();
        write_clock(rate, twice_a_second);
    },
    [] { write_clock(rate, never); },
};

bool by_the_clock;
uint64_t deadline;

// No variable says where code lies that is called here: whoever could write to it would be called.
const timer &used()
{
    return by_the_clock ? pc_clock : ib700;
}

} // namespace

void watchdog_init(std::string_view name)
{
    by_the_clock = name == "clock";
    used().init();
}

void watchdog_start(uint64_t instructions)
{
    deadline = instructions_executed() + instructions;
    used().start();
}

void watchdog_stop()
{
    used().stop();
}

bool watchdog_expired()
{
    if (instructions_executed() >= deadline)
        return true;
    used().start();
    return false;
}
