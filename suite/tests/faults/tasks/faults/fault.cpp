#include "tests/faults/tasks/faults/fault.hpp"

#include <map>

namespace assay::faults {

namespace {

std::map<std::string, Fault>& faults() {
  static std::map<std::string, Fault> known;
  return known;
}

const RegisterTask registered("faults",
                              [](const Job& job, Reporter& reporter) { faults().at(job.method)(job, reporter); });

}  // namespace

Register::Register(const std::string& id, Fault fault, std::source_location here) {
  Registry::instance().add_method({"faults", id, here.file_name()});
  faults()[id] = std::move(fault);
}

void behave(const Job& job, Reporter& reporter) {
  auto stream = job.streams().stream("method");
  const auto epochs = job.budget.at("epochs").get<std::int64_t>();
  for (std::int64_t epoch = 1; epoch <= epochs; ++epoch) reporter.epoch(epoch, epochs, {{"score", stream.uniform()}});
  reporter.prediction("test", "u8", {2},
                      std::string{static_cast<char>(stream.below(10)), static_cast<char>(stream.below(10))});
  reporter.note("seed", job.seed);
  reporter.metric("score", stream.uniform());
}

}  // namespace assay::faults
