#include "arch/cpu.h"
#include "arch/exceptions.h"
#include "arch/watchdog.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/todo.h"
#include "mm/layout.h"
#include "player/arena.h"
#include "player/memory_text.h"
#include "player/play_script.h"
#include "player/player.h"
#include "player/probe.h"
#include "player/record.h"
#include "player/settings.h"

#include <stdarg.h>

// What stops an operation: a panic, a todo(), an exception, the watchdog. Says so, in a record or
// in words for the prompt, and goes on with the next operation (after a panic) or scenario.

extern "C" char stack_guard[], stack_bottom[];

namespace
{

// Set while a stop is being reported: one within another must not report itself for ever.
bool reporting;

// "0xc0101234,0xc0105678": the backtrace, for records.
struct trace_text {
    char text[max_trace * 11 + 1] = "";

    explicit trace_text(uintptr_t ebp)
    {
        uintptr_t trace[max_trace];
        size_t count = backtrace(ebp, trace), length = 0;
        for (size_t i = 0; i < count; i++)
            length += print_to(text + length, sizeof text - length, i ? ",0x%x" : "0x%x", trace[i]);
    }
};

void begin_report()
{
    watchdog_stop();
    if (reporting) // in a report: what it says can't be trusted, and must not go on for ever
        restart_kernel();
    reporting = true;
}

} // namespace

// A record, or for the prompt the same in words. The debuggers' breakpoint for all that stops an
// operation.
extern "C" [[gnu::noipa]] void report_stop(const char *kind, const char *facts, uintptr_t eip,
                                           uintptr_t ebp, const char *message)
{
    const position &at = player_position();
    trace_text trace(ebp);
    char quoted[160];
    record_quote(quoted, sizeof quoted, message);
    if (at.in_script) {
        record_write("!%u %s eip=0x%x trace=%s%s during=\"%s\" message=\"%s\"", at.number, kind,
                     eip, trace.text, facts, at.text, quoted);
    } else {
        print_renew_limit(); // whatever the code under test has printed
        print("\n%s: %s\n  at 0x%x, called from %s%s%s\n", kind, quoted, eip, trace.text,
              *facts ? "\n " : "", facts);
    }
}

namespace
{

// After a non-maskable interrupt the CPU takes no other until the next iret: the watchdog would
// bark once a boot. In the double fault's task NT is set, and iret would switch tasks.
void accept_nmi_again()
{
    asm volatile("pushfl; andl $~0x4000, (%%esp); popfl\n"
                 "pushfl; pushl %%cs; pushl $1f; iret\n"
                 "1:" ::
                     : "memory", "cc");
}

// Past helping: the kernel starts again, and goes on with the next scenario or at the prompt.
[[noreturn]] void give_up()
{
    accept_nmi_again();
    if (player_position().in_script)
        abandon_scenario();
    print("The kernel starts again.\n\n");
    restart_kernel();
}

// Whatever a frame's size, the compiler has each of its pages touched, from above
// (-fstack-clash-protection): a stack that is full ends in the guard.
bool is_full(uintptr_t esp)
{
    constexpr uintptr_t what_an_exception_pushes = 64;
    return esp >= reinterpret_cast<uintptr_t>(stack_guard) &&
           esp < reinterpret_cast<uintptr_t>(stack_bottom) + what_an_exception_pushes;
}

// The stack as it was: in ring 0 an exception pushes no esp, and where that would be the stack goes
// on. Its first two words are for backtraces: a return address may be among them (symbols.py).
const uintptr_t *interrupted_stack(const trap_frame &frame)
{
    return reinterpret_cast<const uintptr_t *>(&frame.user_esp);
}

void report_hang(const trap_frame &frame)
{
    char message[80], facts[40];
    print_to(message, sizeof message, "it did not come back within %llu instructions",
             operation_limit());
    const uintptr_t *stack = interrupted_stack(frame);
    print_to(facts, sizeof facts, " top=0x%x next=0x%x", stack[0], stack[1]);
    report_stop("hang", facts, frame.eip, frame.ebp, message);
}

// A byte of memory that may not be there. Changes cr2.
int byte_at(uintptr_t address)
{
    constexpr uintptr_t word = sizeof(uint32_t);
    probe_result read = probe(address / word * word, 0, false, 0);
    return read.faulted ? unknown_byte : static_cast<uint8_t>(read.value >> address % word * 8);
}

// Where a page fault's address is, and what memory is beside it (near null, none): of what it lies
// behind, the end. Changes cr2.
size_t print_address(uintptr_t address, char *buffer, size_t size)
{
    size_t length = print_to(buffer, size, " address=0x%x", address);
    uintptr_t end = arena_end_before(address), place = end ? end - 1 : address;
    if (end)
        length += print_to(buffer + length, size - length, " lent_end=0x%x", end);
    if (address >= page_size)
        length += print_to(buffer + length, size - length, " memory=%s",
                           memory_text(memory_rows(place, 0, UINTPTR_MAX), byte_at).text());
    return length;
}

void report_exception(const trap_frame &frame)
{
    char facts[400];
    size_t length = frame.vector == page_fault ? print_address(read_cr2(), facts, sizeof facts) : 0;
    const uintptr_t *stack = interrupted_stack(frame);
    print_to(facts + length, sizeof facts - length,
             " vector=%u error=0x%x eax=0x%x ebx=0x%x ecx=0x%x edx=0x%x esi=0x%x edi=0x%x ebp=0x%x "
             "esp=0x%x top=0x%x next=0x%x",
             frame.vector, frame.error, frame.eax, frame.ebx, frame.ecx, frame.edx, frame.esi,
             frame.edi, frame.ebp, reinterpret_cast<uintptr_t>(stack), stack[0], stack[1]);
    report_stop("exception", facts, frame.eip, frame.ebp, exception_name(frame.vector));
}

} // namespace

void panic(const char *format, ...)
{
    uint64_t cost = cost_of_call();
    begin_report();
    char message[120], facts[40] = "";
    va_list arguments;
    va_start(arguments, format);
    vprint_to(message, sizeof message, format, arguments);
    va_end(arguments);
    auto ebp = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    if (settings.measuring && player_position().in_call)
        print_to(facts, sizeof facts, " cost=%llu", cost);
    report_stop("panic", facts, reinterpret_cast<uintptr_t>(__builtin_return_address(0)), ebp,
                message);
    reporting = false;
    if (recovery_stack && player_position().in_call)
        recover();
    give_up();
}

void todo(const char *file, int line, const char *function)
{
    begin_report();
    char message[120];
    print_to(message, sizeof message, "%s:%d: %s is not written yet", file, line, function);
    auto ebp = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    report_stop("todo", "", reinterpret_cast<uintptr_t>(__builtin_return_address(0)), ebp, message);
    give_up();
}

void exception(trap_frame *frame)
{
    if (frame->vector == non_maskable_interrupt && !watchdog_expired())
        return;
    probe_took_fault(frame->vector, frame->error, frame->cs);
    begin_report();
    if (frame->vector == non_maskable_interrupt)
        report_hang(*frame);
    else
        report_exception(*frame);
    give_up();
}

void double_fault()
{
    begin_report();
    const task_state &task = interrupted_task();
    char facts[64];
    print_to(facts, sizeof facts, " vector=8 error=0x0 esp=0x%x", task.esp);
    report_stop("exception", facts, task.eip, task.ebp,
                is_full(task.esp) ? "stack overflow" : exception_name(8));
    give_up();
}
