// What holds for every method of the task, and how methods relate to each other.
#include "crack-detection/tests/synthetic.hpp"
#include "learn/determinism.hpp"
#include "learn/tests/method_tests.hpp"

namespace assay::cracks {
namespace {

const std::string kTask = "crack-detection";

learn::MemoryReporter run_method(const std::string& method) { return synthetic::run(synthetic::job(method)); }

TEST(CrackConformance, SourcesCardsAndRegistryAgree) { learn::expect_sources_cards_and_registry_agree(kTask); }

using CrackConformance_ = testing::TestWithParam<std::string>;
using CrackGolden_ = testing::TestWithParam<std::string>;

TEST_P(CrackConformance_, RepeatsBitForBitWithoutTheGlobalGenerator) { learn::expect_repeats(GetParam(), run_method); }

TEST_P(CrackGolden_, RepeatsItsTranscript) {
  learn::prepare_libtorch();
  learn::expect_golden(kTask, GetParam(), learn::transcript_of(run_method(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Every, CrackConformance_, testing::ValuesIn(learn::method_ids(kTask)), learn::printed);
INSTANTIATE_TEST_SUITE_P(Every, CrackGolden_, testing::ValuesIn(learn::method_ids(kTask)), learn::printed);

// With other widths and a side that no stride divides.
TEST(CrackConformance, NetworksFitAnyWidthsAndSizes) {
  learn::make_deterministic();
  for (const auto& method : learn::method_ids(kTask)) {
    auto job = synthetic::job(method);
    job.budget.update({{"widths", {4, 6, 8, 10}},
                       {"side", 51},
                       {"crop", 45},
                       {"train", 2},
                       {"test", 2},
                       {"steps", 1},
                       {"warmup", 1},
                       {"checkpoints", 1}});
    EXPECT_TRUE(synthetic::run(job).metrics.count("ods")) << method;
  }
}

std::string fingerprint(const std::string& method, const Json& parameters, const Json& budget = Json::object()) {
  auto job = synthetic::job(method, parameters);
  job.budget.update(budget);
  return synthetic::run(job).fingerprint();
}

TEST(CrackConformance, OptimisersWithoutTheirRadiiAreAdam) {
  learn::make_deterministic();
  const auto adam = fingerprint("unet", Json::object());
  EXPECT_EQ(fingerprint("unet", {{"optimiser", "sam"}, {"rho", 0.0}}), adam);
  EXPECT_EQ(fingerprint("unet", {{"optimiser", "bsam"}, {"rho_max", 0.0}, {"rho_min", 0.0}}), adam);
  EXPECT_NE(fingerprint("unet", {{"optimiser", "sam"}}), adam);
}

TEST(CrackConformance, ARddStudentAloneIsAHalfUNet) {
  learn::make_deterministic();
  EXPECT_EQ(fingerprint("rdd", {{"distil", "none"}}, {{"widths", {16, 32, 64}}}), fingerprint("unet", Json::object()));
}

TEST(CrackConformance, ContextFlowOfOneStageHasNoGuidanceAndNoAgreement) {
  learn::make_deterministic();
  const auto one = fingerprint("context-flow", {{"stages", 1}});
  for (const auto* guidance : {"prob", "feature", "none"}) {
    EXPECT_EQ(fingerprint("context-flow", {{"stages", 1}, {"guidance", guidance}, {"mu", 0.0}}), one) << guidance;
  }
  EXPECT_EQ(fingerprint("context-flow", {{"stages", 3}}), fingerprint("context-flow", {{"stages", 0}}));
  EXPECT_NE(fingerprint("context-flow", {{"mu", 0.0}}), fingerprint("context-flow", {{"stages", 0}}));
}

TEST(CrackConformance, PatchSupervisionRuns) {
  learn::make_deterministic();
  const auto patches = synthetic::run(synthetic::job("context-flow", {{"supervision", "patch"}}));
  EXPECT_TRUE(patches.metrics.count("patch_ap"));
}

TEST(CrackConformance, RefinementChangesTheAnswerAndNotTheTraining) {
  learn::make_deterministic();
  const auto plain = synthetic::run(synthetic::job("deepcrack-liu"));
  const auto refined = synthetic::run(synthetic::job("deepcrack-liu", {{"refine", true}}));
  EXPECT_EQ(plain.epochs.back().at("train_loss"), refined.epochs.back().at("train_loss"));
  EXPECT_NE(plain.metrics.at("ap"), refined.metrics.at("ap"));
}

TEST(CrackConformance, EveryEntryAndBalanceRuns) {
  learn::make_deterministic();
  std::vector<std::pair<std::string, Json>> chosen{{"rcf", {{"balance", "rcf"}}}, {"deepcrack-liu", {{"loss", "bce"}}}};
  for (const auto* method : learn::project_catalog().methods_of(kTask)) {
    for (const auto& entry : method->entries) chosen.emplace_back(method->id, entry);
  }
  for (const auto& [method, parameters] : chosen) {
    const auto usual = fingerprint(method, Json::object());
    EXPECT_NE(fingerprint(method, parameters), usual) << method << parameters;
  }
}

}  // namespace
}  // namespace assay::cracks
