#include "host_workload.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace
{

template <typename T>
void read(std::ifstream &file, T *to, size_t n)
{
    file.read(reinterpret_cast<char *>(to), n * sizeof(T));
}

} // namespace

Workload::Workload(const char *path)
{
    std::ifstream file(path, std::ios::binary);
    workload_header header{};
    read(file, &header, 1);
    requests.resize(header.n_before + header.n_counted);
    blocks.resize(header.n_blocks);
    read(file, requests.data(), requests.size());
    if (!file) {
        fprintf(stderr, "%s: this is no workload (grader/bench/workload.py)\n", path);
        exit(2);
    }
    before = {requests.data(), header.n_before};
    counted = {requests.data() + header.n_before, header.n_counted};
}
