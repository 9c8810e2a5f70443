#pragma once

// The prompt: plays what is typed on the serial line, one operation a line.
[[noreturn]] void monitor();
