// What holds for every method of every task: files, cards and registry agree, runs repeat, and the recorded transcripts
// still come out.
//
// After an intended change: ASSAY_UPDATE_GOLDEN=1 ./learn-tests --gtest_filter='*Golden*' writes the transcripts anew;
// the diff of baselines/<task>/tests/golden/ then shows what the change does to results.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "learn/tests/memory_reporter.hpp"

namespace assay::learn {

using RunMethod = std::function<MemoryReporter(const std::string& method)>;  // on a tiny problem

std::vector<std::string> method_ids(const std::string& task);  // as declared
std::string printed(const testing::TestParamInfo<std::string>& method);

void expect_sources_cards_and_registry_agree(const std::string& task);
// Two runs give the same bits, and neither touches LibTorch's global generator.
void expect_repeats(const std::string& method, const RunMethod& run);
// A run reports each metric and curve that its task declares, but for those that a board computes, and no other metric;
// values lie within the metrics' bounds.
void expect_declared(const std::string& task, const MemoryReporter& memory);
// LibTorch with one thread, deterministic, on the instruction set of published runs; expect_repeats does it by itself.
void prepare_libtorch();
// One line per epoch and one for the metrics, without those that tell of the machine.
std::string transcript_of(const MemoryReporter& memory);
// A transcript against baselines/<task>/tests/golden/<method>.txt: equal words, and numbers up to their last digits.
void expect_golden(const std::string& task, const std::string& method, const std::string& transcript);

}  // namespace assay::learn
