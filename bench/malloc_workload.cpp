#include "malloc_workload.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace
{

struct Xorshift {
    uint32_t state = 2463534242u;
    uint32_t operator()()
    {
        state ^= state << 13;
        state ^= state >> 17;
        return state ^= state << 5;
    }
    size_t between(size_t low, size_t high) { return low + (*this)() % (high - low + 1); }
};

class Generator
{
public:
    void allocate(std::vector<Operation> &to, size_t size)
    {
        uint32_t id = next_id++;
        if (!unused.empty()) {
            id = unused.back();
            next_id--;
            unused.pop_back();
        }
        live.push_back(id);
        to.push_back({Operation::allocate, id, size});
    }
    void release(std::vector<Operation> &to, size_t index)
    {
        to.push_back({Operation::release, live[index], 0});
        unused.push_back(live[index]);
        live[index] = live.back();
        live.pop_back();
    }
    size_t n_live() const { return live.size(); }
    Xorshift random;

private:
    std::vector<uint32_t> live, unused;
    uint32_t next_id = 0;
};

// Fills up to `n_live` blocks, then 100,000 operations in runs of 1 to 64 allocations or releases
// of random blocks, three runs in four towards `n_live`.
template <typename Size>
Workload random_mix(size_t n_live, Size size)
{
    Generator g;
    Workload work;
    while (g.n_live() < n_live)
        g.allocate(work.before, size(g.random));
    while (work.counted.size() < 100000) {
        bool grow = (g.random() % 4 != 0) == (g.n_live() < n_live);
        for (size_t run = g.random.between(1, 64); run > 0; run--) {
            if (grow)
                g.allocate(work.counted, size(g.random));
            else if (g.n_live() > 0)
                g.release(work.counted, g.random() % g.n_live());
        }
    }
    return work;
}

size_t kernel_size(Xorshift &random)
{
    size_t percent = random() % 100;
    if (percent < 70)
        return random.between(8, 128);
    if (percent < 90)
        return random.between(129, 512);
    if (percent < 98)
        return random.between(513, 2048);
    return random.between(2049, 8192);
}

Workload lifo()
{
    Generator g;
    Workload work;
    while (work.counted.size() < 100000) {
        bool grow = g.random() % 2;
        for (size_t run = g.random.between(1, 64); run > 0; run--) {
            if (grow && g.n_live() < 128)
                g.allocate(work.counted, g.random.between(16, 256));
            else if (!grow && g.n_live() > 0)
                g.release(work.counted, g.n_live() - 1);
        }
    }
    return work;
}

Workload grow()
{
    constexpr size_t n_blocks = 200, full = 8192;
    Xorshift random;
    Workload work;
    std::vector<size_t> sizes(n_blocks);
    for (size_t left = n_blocks; left > 0;) {
        uint32_t id = random() % n_blocks;
        if (sizes[id] == full)
            continue;
        auto kind = sizes[id] == 0 ? Operation::allocate : Operation::resize;
        sizes[id] = std::min(full, sizes[id] + random.between(16, 64));
        work.counted.push_back({kind, id, sizes[id]});
        left -= sizes[id] == full;
    }
    for (uint32_t id = 0; id < n_blocks; id++)
        work.counted.push_back({Operation::release, id, 0});
    return work;
}

// A CS:APP trace (a ID SIZE, r ID SIZE, f ID), or one of tools/trace (malloc, realloc, free).
Workload read_trace(const std::string &path)
{
    std::ifstream file(path);
    if (!file) {
        perror(path.c_str());
        exit(2);
    }
    Workload work;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string verb;
        uint32_t id;
        size_t size = 0;
        if (!(words >> verb >> id) || !isalpha(verb[0]))
            continue;
        words >> size;
        auto kind = verb[0] == 'f'   ? Operation::release
                    : verb[0] == 'r' ? Operation::resize
                                     : Operation::allocate;
        work.counted.push_back({kind, id, size});
    }
    return work;
}

template <typename Visit>
void each(const Workload &work, Visit visit)
{
    for (auto *list : {&work.before, &work.counted})
        for (const Operation &operation : *list)
            visit(operation);
}

} // namespace

Workload make_workload(const std::string &name)
{
    auto uniform = [](size_t low, size_t high) {
        return [=](Xorshift &random) { return random.between(low, high); };
    };
    if (name == "mix")
        return random_mix(20000, kernel_size);
    if (name == "uni2k")
        return random_mix(5000, uniform(1, 2048));
    if (name == "fixed64")
        return random_mix(10000, uniform(64, 64));
    if (name == "lifo")
        return lifo();
    if (name == "grow")
        return grow();
    if (name == "tiny")
        return random_mix(20, uniform(1, 256));
    return read_trace(name);
}

size_t peak_payload(const Workload &work)
{
    std::map<uint32_t, size_t> sizes;
    size_t now = 0, peak = 0;
    each(work, [&](const Operation &operation) {
        now += operation.size - sizes[operation.id];
        sizes[operation.id] = operation.size;
        peak = std::max(peak, now);
    });
    return peak;
}

size_t n_ids(const Workload &work)
{
    size_t n = 0;
    each(work, [&](const Operation &operation) { n = std::max<size_t>(n, operation.id + 1); });
    return n;
}
