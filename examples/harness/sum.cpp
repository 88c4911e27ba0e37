// Which container is summed faster? Build: c++ -O2 -I harness -o sum examples/harness/sum.cpp
// Measure: lab run --program ./sum
#include "lab_harness.h"

#include <list>
#include <numeric>
#include <vector>

constexpr uint64_t kCount = 4096;

template <class Container>
uint64_t sum(void *state) {
    const auto &numbers = *static_cast<const Container *>(state);
    return std::accumulate(numbers.begin(), numbers.end(), uint64_t{0});
}

int main(int argc, char **argv) {
    std::vector<uint64_t> vector(kCount);
    std::iota(vector.begin(), vector.end(), uint64_t{1});
    std::list<uint64_t> list(vector.begin(), vector.end());
    const uint64_t expected = kCount * (kCount + 1) / 2;
    lab_question("sum", "Which container is summed faster?", "container", "numbers", "number");
    lab_workload("list", kCount, sum<std::list<uint64_t>>, &list, expected)->items = kCount;
    lab_workload("vector", kCount, sum<std::vector<uint64_t>>, &vector, expected)->items = kCount;
    return lab_main(argc, argv);
}
