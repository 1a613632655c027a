#include "engine/worker_environment.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace assay {
namespace {

bool holds(const std::vector<std::string>& variables, const std::string& variable) {
  return std::count(variables.begin(), variables.end(), variable) == 1;
}

TEST(WorkerEnvironment, DropsWhatChangesTheNumbersAndKeepsTheRest) {
  const auto variables = worker_environment({"HOME=/root", "OMP_DYNAMIC=true", "MKL_NUM_THREADS=8", "LD_PRELOAD=x.so",
                                             "LANG=de_DE.UTF-8", "TMPDIR=/elsewhere"},
                                            "avx2", "/scratch");
  for (const char* kept : {"HOME=/root", "OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1", "LC_ALL=C", "TMPDIR=/scratch",
                           "ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "MKL_CBWR=AVX2"}) {
    EXPECT_TRUE(holds(variables, kept)) << kept;
  }
  for (const char* dropped :
       {"OMP_DYNAMIC=true", "MKL_NUM_THREADS=8", "LD_PRELOAD=x.so", "LANG=de_DE.UTF-8", "TMPDIR=/elsewhere"}) {
    EXPECT_FALSE(holds(variables, dropped)) << dropped;
  }
}

TEST(WorkerEnvironment, LeavesTheInstructionSetToTheLibrariesWhereItIsNative) {
  const auto variables = worker_environment({"ATEN_CPU_CAPABILITY=default"}, "native", "/scratch");
  EXPECT_TRUE(
      std::none_of(variables.begin(), variables.end(), [](const auto& each) { return each.starts_with("ATEN_"); }));
}

}  // namespace
}  // namespace assay
