// Benchmarks of every kind for lab/tests/suite/google_benchmark.rs, some of which fail on purpose.

#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

static uint64_t work(uint64_t numbers) {
  uint64_t sum = 0;
  for (uint64_t n = 0; n < numbers; n++) {
    benchmark::DoNotOptimize(sum ^= n);
  }
  return sum;
}

static void plain(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(work(100));
}
BENCHMARK(plain);

static void ranged(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(work(state.range(0)));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(ranged)->Arg(10)->Arg(100)->Complexity()->Unit(benchmark::kMicrosecond);

template <class T>
static void typed(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(std::vector<T>(100));
}
BENCHMARK_TEMPLATE(typed, std::vector<int>)->UseRealTime();

static void manual(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(work(100));
    state.SetIterationTime(5e-6);
  }
}
BENCHMARK(manual)->UseManualTime()->Unit(benchmark::kMillisecond);

static void fails(benchmark::State& state) {
  state.SkipWithError("no data on purpose");
  for (auto _ : state) {
  }
}
BENCHMARK(fails);

static void no_time(benchmark::State& state) {
  for (auto _ : state) state.SetIterationTime(0.0);
}
BENCHMARK(no_time)->UseManualTime()->Iterations(5);

static void aborts(benchmark::State& state) {
  for (auto _ : state) {
    std::fputs("it broke on purpose\n", stderr);
    std::abort();
  }
}
BENCHMARK(aborts);

static void only_aggregates(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(work(100));
}
BENCHMARK(only_aggregates)->ReportAggregatesOnly(true);

int main(int argc, char** argv) {
  if (std::getenv("TWINS")) benchmark::RegisterBenchmark("plain", plain);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
