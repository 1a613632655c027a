#include "engine/verdict.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include "store/records.hpp"

namespace assay {
namespace {

Ending exited(int status) {
  Ending ending;
  ending.status = status << 8;
  ending.memory_mb = 1000;
  ending.time_limit_s = 60;
  return ending;
}

Ending killed_by(int signal) {
  auto ending = exited(0);
  ending.status = signal;
  return ending;
}

TEST(Verdict, IsSuccessOnlyForExitZeroWithAResult) {
  auto ending = exited(0);
  EXPECT_EQ(verdict_of(ending).failure, failure::kExit);
  ending.result = true;
  EXPECT_EQ(verdict_of(ending).failure, "");
  ending.status = 1 << 8;
  EXPECT_EQ(verdict_of(ending).failure, failure::kExit);
}

TEST(Verdict, NamesSignalsByTheirMeaning) {
  EXPECT_EQ(verdict_of(killed_by(SIGABRT)).failure, failure::kAbort);
  for (const int each : {SIGSEGV, SIGBUS, SIGFPE, SIGILL})
    EXPECT_EQ(verdict_of(killed_by(each)).failure, failure::kCrash);
  for (const int each : {SIGKILL, SIGTERM, SIGPIPE}) EXPECT_EQ(verdict_of(killed_by(each)).failure, failure::kKilled);
  EXPECT_EQ(verdict_of(killed_by(SIGXFSZ)).failure, failure::kDiskFull);
  EXPECT_EQ(verdict_of(killed_by(SIGSEGV)).message, "killed by SIGSEGV (Segmentation fault)");
}

TEST(Verdict, TellsTheKernelsOutOfMemoryKillsFromOthers) {
  auto ending = killed_by(SIGKILL);
  ending.kernel_killed = true;
  EXPECT_EQ(verdict_of(ending).failure, failure::kOutOfMemory);
  ending.kernel_killed = false;
  ending.peak_memory_kb = 950 * 1024;  // within a tenth of the limit
  EXPECT_EQ(verdict_of(ending).failure, failure::kOutOfMemory);
  ending.peak_memory_kb = 800 * 1024;
  EXPECT_EQ(verdict_of(ending).failure, failure::kKilled);
}

TEST(Verdict, PutsTheWorkersReasonBeforeTheSignalItUsed) {
  auto ending = killed_by(SIGKILL);
  ending.over_time = true;
  EXPECT_EQ(verdict_of(ending).failure, failure::kTimeout);
  ending.flooded = true;
  EXPECT_EQ(verdict_of(ending).failure, failure::kOutputFlood);
  ending.flooded = ending.over_time = false;
  ending.over_memory = true;
  EXPECT_EQ(verdict_of(ending).failure, failure::kOutOfMemory);
}

TEST(Verdict, LetsARunThatEndedWellAtItsLimitPass) {
  auto ending = exited(0);
  ending.result = ending.over_time = true;
  EXPECT_EQ(verdict_of(ending).failure, "");
}

TEST(Verdict, TakesTheChildsWordForItsException) {
  auto ending = exited(1);
  ending.failure = failure::kNonFinite;
  ending.message = "the loss is nan";
  EXPECT_EQ(verdict_of(ending).failure, failure::kNonFinite);
  EXPECT_EQ(verdict_of(ending).message, "the loss is nan");
}

}  // namespace
}  // namespace assay
