#include "learn/tests/method_tests.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>

#include "core/files.hpp"
#include "learn/determinism.hpp"
#include "learn/registry.hpp"

namespace assay::learn {

namespace {

namespace fs = std::filesystem;

// The instruction set that `bench` pins its workers to, before LibTorch looks: with another one the last digits differ,
// and soon the predictions.
const bool pinned = [] {
  for (const auto* name : {"ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "MKL_CBWR"}) {
    setenv(name, std::string(name).starts_with("ATEN") ? "avx2" : "AVX2", /*overwrite=*/1);
  }
  return true;
}();

std::set<std::string> files_with(const std::string& task, const std::string& extension) {
  std::set<std::string> stems;
  for (const auto& item : fs::directory_iterator(fs::path(ASSAY_SOURCE_DIR) / "baselines" / task)) {
    if (item.path().extension() == extension) stems.insert(item.path().stem().string());
  }
  return stems;
}

// Words must be equal; numbers may differ in the last digits, as they do between instruction sets.
void expect_same(const std::string& found, const std::string& expected) {
  constexpr double kTolerance = 2e-5;  // relative; one prediction more or less changes a score by far more
  std::istringstream a(found), b(expected);
  std::string x, y;
  while (b >> y) {
    ASSERT_TRUE(a >> x) << "ends before " << y;
    char* end = nullptr;
    const double wanted = std::strtod(y.c_str(), &end);
    if (*end != '\0') {
      EXPECT_EQ(x, y);
    } else {
      EXPECT_NEAR(std::strtod(x.c_str(), nullptr), wanted, kTolerance * std::max(1.0, std::abs(wanted)));
    }
  }
  EXPECT_FALSE(a >> x) << "goes on with " << x;
}

}  // namespace

void expect_declared(const std::string& task_id, const MemoryReporter& memory) {
  const auto& task = *project_catalog().task(task_id);
  for (const auto& metric : task.metrics) {
    EXPECT_NE(memory.metrics.count(metric.name) > 0, metric.closes.has_value()) << metric.name;
  }
  for (const auto& [name, value] : memory.metrics) {
    const auto* metric = task.metric(name);
    ASSERT_NE(metric, nullptr) << name;
    EXPECT_GE(value, metric->low.value_or(value)) << name;
    EXPECT_LE(value, metric->high.value_or(value)) << name;
  }
  ASSERT_FALSE(memory.epochs.empty());
  for (const auto& curve : task.curves) EXPECT_TRUE(memory.epochs.back().count(curve.name)) << curve.name;
}

void prepare_libtorch() {
  ASSERT_TRUE(pinned);
  make_deterministic();
}

std::vector<std::string> method_ids(const std::string& task) {
  std::vector<std::string> ids;
  for (const auto* method : project_catalog().methods_of(task)) ids.push_back(method->id);
  return ids;
}

std::string printed(const testing::TestParamInfo<std::string>& method) {
  std::string name = method.param;
  std::erase(name, '-');
  return name;
}

void expect_sources_cards_and_registry_agree(const std::string& task) {
  std::set<std::string> registered;
  for (const auto& method : Registry::instance().methods()) {
    if (method.task != task) continue;
    registered.insert(method.id);
    EXPECT_EQ(fs::path(method.source).stem(), method.id);
  }
  EXPECT_EQ(registered, files_with(task, ".cpp"));
  EXPECT_EQ(registered, files_with(task, ".json"));
}

void expect_repeats(const std::string& method, const RunMethod& run) {
  prepare_libtorch();
  auto global = at::detail::getDefaultCPUGenerator();
  const auto before = global.get_state();
  auto first = run(method), second = run(method);
  EXPECT_EQ(first.fingerprint(), second.fingerprint());
  EXPECT_TRUE(torch::equal(before, global.get_state()));
}

std::string transcript_of(const MemoryReporter& memory) {
  std::ostringstream text;
  text.precision(7);
  const auto line = [&](const std::string& title, const std::map<std::string, double>& values) {
    text << title;
    for (const auto& [name, value] : values) {
      if (!MemoryReporter::tells_of_the_machine(name)) text << ' ' << name << ' ' << value;
    }
    text << '\n';
  };
  for (std::size_t i = 0; i < memory.epochs.size(); ++i) line("epoch " + std::to_string(i + 1), memory.epochs[i]);
  line("metrics", memory.metrics);
  return text.str();
}

void expect_golden(const std::string& task, const std::string& method, const std::string& transcript) {
  const auto file = fs::path(ASSAY_SOURCE_DIR) / "baselines" / task / "tests/golden" / (method + ".txt");
  if (std::getenv("ASSAY_UPDATE_GOLDEN")) write_file(file, transcript);
  expect_same(transcript, read_file(file));
}

}  // namespace assay::learn
