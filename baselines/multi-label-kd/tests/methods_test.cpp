// What holds for every method of the task, and how methods relate to each other.
#include <cmath>

#include "learn/determinism.hpp"
#include "learn/tests/method_tests.hpp"
#include "multi-label-kd/protocol.hpp"
#include "multi-label-kd/tests/synthetic.hpp"

namespace assay::multi_label_kd {

torch::Tensor kd_loss(const torch::Tensor& student, const torch::Tensor& teacher, double tau);
torch::Tensor constant_log_odds(const torch::Tensor& labels);

namespace {

const std::string kTask = "multi-label-kd";

learn::MemoryReporter run_method(const std::string& method) { return synthetic::run(synthetic::job(method)); }

TEST(MultiLabelKdConformance, SourcesCardsAndRegistryAgree) { learn::expect_sources_cards_and_registry_agree(kTask); }

using MultiLabelKdConformance_ = testing::TestWithParam<std::string>;
using MultiLabelKdGolden_ = testing::TestWithParam<std::string>;

TEST_P(MultiLabelKdConformance_, RepeatsBitForBitWithoutTheGlobalGenerator) {
  learn::expect_repeats(GetParam(), run_method);
}

TEST_P(MultiLabelKdGolden_, RepeatsItsTranscript) {
  learn::prepare_libtorch();
  learn::expect_golden(kTask, GetParam(), learn::transcript_of(run_method(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Every, MultiLabelKdConformance_, testing::ValuesIn(learn::method_ids(kTask)), learn::printed);
INSTANTIATE_TEST_SUITE_P(Every, MultiLabelKdGolden_, testing::ValuesIn(learn::method_ids(kTask)), learn::printed);

// The logits of the test images, as a digest, and nothing of the losses on the way.
std::string answers(const std::string& method, const Json& parameters = Json::object()) {
  auto job = synthetic::job(method, parameters);
  job.seed = 1;  // no pictures
  auto memory = synthetic::run(job);
  memory.epochs.clear();
  return memory.fingerprint();
}

TEST(MultiLabelKdConformance, WithoutTheirWeightsMethodsAreTheStudent) {
  learn::make_deterministic();
  const auto alone = answers("student");
  EXPECT_EQ(answers("l2d", {{"lam_mld", 0.0}, {"lam_cd", 0.0}, {"lam_id", 0.0}}), alone);
  EXPECT_EQ(answers("dhkd", {{"alpha", 0.0}}), alone);
  for (const auto* method : {"kd", "mld", "mse", "ps", "pkt", "fitnet", "at", "reviewkd"}) {
    EXPECT_EQ(answers(method, {{"w", 0.0}}), alone) << method;
    EXPECT_NE(answers(method), alone) << method;
  }
}

TEST(MultiLabelKdConformance, MldIsL2dsFirstPartAndKdWithoutTemperature) {
  learn::make_deterministic();
  const auto mld = answers("mld", {{"w", 1.0}});
  EXPECT_EQ(answers("kd", {{"tau", 1.0}, {"w", 1.0}}), mld);
  EXPECT_EQ(answers("l2d", {{"lam_mld", 1.0}, {"lam_cd", 0.0}, {"lam_id", 0.0}}), mld);
}

TEST(MultiLabelKdConformance, EveryEntryRuns) {
  learn::make_deterministic();
  for (const auto* method : learn::project_catalog().methods_of(kTask)) {
    for (const auto& entry : method->entries) EXPECT_NE(answers(method->id, entry), answers(method->id)) << entry;
  }
}

// 5.3 of the specification: z^T = 2, z^S = 0.
TEST(KnowledgeDistillation, HasTheLossOfTheSpecification) {
  const auto loss = [](double tau) {
    return kd_loss(torch::zeros({1, 1}, torch::kFloat64), torch::full({1, 1}, 2.0, torch::kFloat64), tau)
        .item<double>();
  };
  EXPECT_NEAR(loss(1), 0.327813, 1e-6);
  EXPECT_NEAR(loss(2), 0.443776, 1e-6);
  EXPECT_NEAR(loss(4), 0.484798, 1e-6);
  EXPECT_NEAR(loss(1000), 0.5, 1e-6);
}

TEST(KnowledgeDistillation, HasTheGradientOfTheSpecification) {
  auto student = torch::tensor({{0.3, -1.0}, {2.0, 0.1}}, torch::requires_grad().dtype(torch::kFloat64));
  const auto teacher = torch::tensor({{1.3, 0.0}, {-2.0, 0.7}}, torch::kFloat64);
  kd_loss(student, teacher, 4).backward();
  const auto expected = 4 * ((student / 4).sigmoid() - (teacher / 4).sigmoid()) / 2;
  EXPECT_TRUE(torch::allclose(student.grad(), expected));
}

TEST(LabelFrequencies, AreFiniteLogOddsOfKnownLabels) {
  const auto labels = torch::tensor({{1.F, 0.F, 1.F}, {1.F, 0.F, multi_label::kUnknown}, {1.F, 0.F, 0.F}});
  const auto z = constant_log_odds(labels);
  EXPECT_NEAR(z[0].item<double>(), std::log(3.5 / 0.5), 1e-6);
  EXPECT_NEAR(z[1].item<double>(), -std::log(3.5 / 0.5), 1e-6);
  EXPECT_NEAR(z[2].item<double>(), 0, 1e-6);  // one of two
}

}  // namespace
}  // namespace assay::multi_label_kd
