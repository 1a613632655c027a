// What holds for every method of the task, and how methods relate to each other.
#include "learn/determinism.hpp"
#include "learn/tests/method_tests.hpp"
#include "ssl-multi-label/tests/synthetic.hpp"

namespace assay::ssl_multi_label {
namespace {

const std::string kTask = "ssl-multi-label";

learn::MemoryReporter run_method(const std::string& method) { return synthetic::run(synthetic::job(method)); }

TEST(SslConformance, SourcesCardsAndRegistryAgree) { learn::expect_sources_cards_and_registry_agree(kTask); }

using SslConformance_ = testing::TestWithParam<std::string>;
using SslGolden_ = testing::TestWithParam<std::string>;

TEST_P(SslConformance_, RepeatsBitForBitWithoutTheGlobalGenerator) { learn::expect_repeats(GetParam(), run_method); }

TEST_P(SslGolden_, RepeatsItsTranscript) {
  learn::prepare_libtorch();
  learn::expect_golden(kTask, GetParam(), learn::transcript_of(run_method(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Every, SslConformance_, testing::ValuesIn(learn::method_ids(kTask)), learn::printed);
INSTANTIATE_TEST_SUITE_P(Every, SslGolden_, testing::ValuesIn(learn::method_ids(kTask)), learn::printed);

std::string fingerprint(const std::string& method, const Json& parameters, const Json& budget = Json::object()) {
  auto job = synthetic::job(method, parameters);
  job.budget.update(budget);
  return synthetic::run(job).fingerprint();
}

TEST(SslConformance, EveryParameterChangesTheAnswer) {
  learn::make_deterministic();
  const std::map<std::string, std::vector<Json>> chosen{{"fixed-thr", {{{"t", 0.3}}, {{"t", 0.7}}}},
                                                        {"adaptive-thr", {{{"m", 0.0}}}},
                                                        {"cap", {{{"eta1", 0.4}}, {{"eta0", 0.4}}}},
                                                        {"mat", {{{"beta", 2.0}}, {{"fbeta", "code"}}}},
                                                        {"d2l-mat", {{{"beta", 2.0}}}}};
  for (const auto& [method, each] : chosen) {
    const auto usual = fingerprint(method, Json::object());
    for (const auto& parameters : each) EXPECT_NE(fingerprint(method, parameters), usual) << method << parameters;
  }
}

TEST(SslConformance, BetaOneIsTheSameForBothFormulas) {
  learn::make_deterministic();
  EXPECT_EQ(fingerprint("mat", {{"beta", 1.0}, {"fbeta", "code"}}), fingerprint("mat", {{"beta", 1.0}}));
}

TEST(SslConformance, LossAndAnnealingAreTheBudgets) {
  learn::make_deterministic();
  const auto usual = fingerprint("cap", Json::object());
  for (const Json& budget : {Json{{"base", "asl"}}, Json{{"lu_reduction", "sum"}}, Json{{"anneal", "code"}}}) {
    EXPECT_NE(fingerprint("cap", Json::object(), budget), usual) << budget;
  }
}

}  // namespace
}  // namespace assay::ssl_multi_label
