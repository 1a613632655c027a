// What holds for every method of the task, and how methods relate to each other.
#include "learn/determinism.hpp"
#include "learn/tests/method_tests.hpp"
#include "noisy-labels/tests/synthetic.hpp"

namespace assay::noisy_labels {
namespace {

const std::string kTask = "noisy-labels";

learn::MemoryReporter run_method(const std::string& method) { return synthetic::run(synthetic::job(method)); }

TEST(NoisyLabelsConformance, SourcesCardsAndRegistryAgree) { learn::expect_sources_cards_and_registry_agree(kTask); }

using NoisyLabelsConformance_ = testing::TestWithParam<std::string>;
using NoisyLabelsGolden_ = testing::TestWithParam<std::string>;

TEST_P(NoisyLabelsConformance_, RepeatsBitForBitWithoutTheGlobalGenerator) {
  learn::expect_repeats(GetParam(), run_method);
}

TEST_P(NoisyLabelsConformance_, RunsOnAnOpenSet) {
  learn::make_deterministic();
  const Json open{{"kind", "open-set"}, {"rate", 0.25}, {"unknown", {1, 8}}};
  EXPECT_TRUE(synthetic::run(synthetic::job(GetParam(), open)).metrics.count("accuracy"));
}

TEST_P(NoisyLabelsGolden_, RepeatsItsTranscript) {
  learn::prepare_libtorch();
  learn::expect_golden(kTask, GetParam(), learn::transcript_of(run_method(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Every, NoisyLabelsConformance_, testing::ValuesIn(learn::method_ids(kTask)), learn::printed);
INSTANTIATE_TEST_SUITE_P(Every, NoisyLabelsGolden_, testing::ValuesIn(learn::method_ids(kTask)), learn::printed);

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
