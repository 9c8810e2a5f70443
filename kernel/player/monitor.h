#pragma once

// At the first start: nothing has been shown yet.
void begin_monitor();

// The prompt: plays what is typed on the serial line, one operation a line.
[[noreturn]] void monitor();
