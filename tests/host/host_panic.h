#pragma once

#include <string>

// What panic() throws on the host, so that a test can look at the allocator after a panic.
struct panicked {
    std::string message;
};
