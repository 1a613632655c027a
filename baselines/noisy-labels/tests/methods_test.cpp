// What holds for every method of the task: files, cards and registry agree, runs repeat, and the recorded transcripts
// still come out.
//
// After an intended change: ASSAY_UPDATE_GOLDEN=1 ./learn-tests --gtest_filter='*Golden*' writes the transcripts anew;
// the diff of baselines/noisy-labels/tests/golden/ then shows what the change does to results.
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "core/files.hpp"
#include "learn/determinism.hpp"
#include "learn/registry.hpp"
#include "noisy-labels/tests/synthetic.hpp"

namespace assay::noisy_labels {
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

std::set<std::string> files_with(const std::string& extension) {
  std::set<std::string> stems;
  for (const auto& item : fs::directory_iterator(fs::path(ASSAY_SOURCE_DIR) / "baselines/noisy-labels")) {
    if (item.path().extension() == extension) stems.insert(item.path().stem().string());
  }
  return stems;
}

std::set<std::string> registered() {
  std::set<std::string> ids;
  for (const auto& method : Registry::instance().methods()) {
    if (method.task == "noisy-labels") ids.insert(method.id);
  }
  return ids;
}

TEST(NoisyLabelsConformance, SourcesCardsAndRegistryAgree) {
  EXPECT_EQ(registered(), files_with(".cpp"));
  EXPECT_EQ(registered(), files_with(".json"));
  for (const auto& method : Registry::instance().methods()) {
    EXPECT_EQ(fs::path(method.source).stem(), method.id);
  }
}

std::vector<std::string> method_ids() {
  std::vector<std::string> ids;
  for (const auto* method : synthetic::catalog().methods_of("noisy-labels")) ids.push_back(method->id);
  return ids;
}

std::string printed(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::erase(name, '-');
  return name;
}

class NoisyLabels : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(pinned);
    learn::make_deterministic();
  }
};

using NoisyLabelsConformance_ = NoisyLabels;
using NoisyLabelsGolden_ = NoisyLabels;

TEST_P(NoisyLabelsConformance_, RepeatsBitForBitWithoutTheGlobalGenerator) {
  auto global = at::detail::getDefaultCPUGenerator();
  const auto before = global.get_state();
  auto first = synthetic::run(synthetic::job(GetParam())), second = synthetic::run(synthetic::job(GetParam()));
  EXPECT_EQ(first.fingerprint(), second.fingerprint());
  EXPECT_TRUE(torch::equal(before, global.get_state()));
}

TEST_P(NoisyLabelsConformance_, RunsOnAnOpenSet) {
  const Json open{{"kind", "open-set"}, {"rate", 0.25}, {"unknown", {1, 8}}};
  EXPECT_TRUE(synthetic::run(synthetic::job(GetParam(), open)).metrics.count("accuracy"));
}

// One line per epoch and one for the metrics that do not depend on the machine's speed.
std::string transcript(synthetic::Memory memory) {
  std::ostringstream text;
  const auto line = [&](const std::string& title, const std::map<std::string, double>& values) {
    text << title;
    for (const auto& [name, value] : values) text << ' ' << name << ' ' << value;
    text << '\n';
  };
  text.precision(7);
  for (std::size_t i = 0; i < memory.epochs.size(); ++i) line("epoch " + std::to_string(i + 1), memory.epochs[i]);
  memory.metrics.erase("train_seconds");
  memory.metrics.erase("seconds_per_step");
  line("metrics", memory.metrics);
  return text.str();
}

// Words must be equal; numbers may differ in the last digits, as they do between instruction sets.
void expect_same(const std::string& found, const std::string& expected) {
  constexpr double kTolerance = 2e-5;  // relative; one prediction more or less changes a percentage by far more
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

TEST_P(NoisyLabelsGolden_, RepeatsItsTranscript) {
  const auto file = fs::path(ASSAY_SOURCE_DIR) / "baselines/noisy-labels/tests/golden" / (GetParam() + ".txt");
  const auto found = transcript(synthetic::run(synthetic::job(GetParam())));
  if (std::getenv("ASSAY_UPDATE_GOLDEN")) write_file(file, found);
  expect_same(found, read_file(file));
}

INSTANTIATE_TEST_SUITE_P(Every, NoisyLabelsConformance_, testing::ValuesIn(method_ids()), printed);
INSTANTIATE_TEST_SUITE_P(Every, NoisyLabelsGolden_, testing::ValuesIn(method_ids()), printed);

// With its own terms off a method repeats cross-entropy bit for bit: it draws nothing that it does not need.
TEST(NoisyLabelsConformance, SwitchedOffMethodsAreCrossEntropy) {
  learn::make_deterministic();
  const std::vector<std::pair<std::string, Json>> off{
      {"label-smoothing", {{"epsilon", 0.0}}},
      {"gce", {{"q", 0.0}}},
      {"mixup", {{"alpha", 0.0}}},
      {"elr", {{"lambda", 0.0}}},
      {"sam", {{"rho", 0.0}}},
      {"bsam", {{"rho_max", 0.0}, {"rho_min", 0.0}}},
      {"ncsam", {{"rho", 0.0}, {"kappa", 0.0}}},
      {"ncsam", {{"warmup", 1.0}}},
  };
  const auto expected = synthetic::run(synthetic::job("cross-entropy")).predictions.at("test");
  const auto curve = synthetic::run(synthetic::job("cross-entropy")).epochs;
  const auto loss = [](const auto& epochs) { return epochs.back().at("train_loss"); };
  for (const auto& [method, parameters] : off) {
    const auto memory = synthetic::run(synthetic::job(method, synthetic::corruption("symmetric", 0.4), parameters));
    EXPECT_EQ(memory.predictions.at("test"), expected) << method;
    EXPECT_EQ(loss(memory.epochs), loss(curve)) << method;
  }
}

TEST(NoisyLabelsConformance, NcsamWithoutStrengthIsSamAfterAWarmUp) {
  learn::make_deterministic();
  const auto noise = synthetic::corruption("symmetric", 0.4);
  auto sam = synthetic::run(synthetic::job("sam", noise));
  auto ncsam = synthetic::run(synthetic::job("ncsam", noise, {{"kappa", 0.0}, {"warmup", 0.0}}));
  EXPECT_EQ(ncsam.predictions.at("test"), sam.predictions.at("test"));
  EXPECT_EQ(ncsam.epochs.back().at("train_loss"), sam.epochs.back().at("train_loss"));
}

TEST(NoisyLabelsConformance, CoTeachingWithoutNoiseIsCrossEntropy) {
  learn::make_deterministic();
  const Json none{{"kind", "none"}};
  auto plain = synthetic::run(synthetic::job("cross-entropy", none));
  auto taught = synthetic::run(synthetic::job("co-teaching", none));
  EXPECT_EQ(taught.predictions.at("test"), plain.predictions.at("test"));
  EXPECT_EQ(taught.epochs.back().at("train_loss"), plain.epochs.back().at("train_loss"));
  EXPECT_EQ(taught.metrics.at("selection_precision"), 1);
}

TEST(NoisyLabelsConformance, TheOracleWithoutNoiseIsCrossEntropy) {
  learn::make_deterministic();
  const Json none{{"kind", "none"}};
  EXPECT_EQ(synthetic::run(synthetic::job("oracle", none)).predictions.at("test"),
            synthetic::run(synthetic::job("cross-entropy", none)).predictions.at("test"));
}

TEST(NoisyLabelsConformance, ConstantIsRightForOneClassInTen) {
  EXPECT_EQ(synthetic::run(synthetic::job("constant")).metrics.at("accuracy"), 10);
}

}  // namespace
}  // namespace assay::noisy_labels
