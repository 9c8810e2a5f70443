#pragma once

#include <stdexcept>

// What panic() throws in the tests.
struct Panic : std::runtime_error {
    using std::runtime_error::runtime_error;
};
