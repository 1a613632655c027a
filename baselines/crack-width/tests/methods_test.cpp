// What holds for every method of the task.
#include <sstream>

#include "crack-width/tests/synthetic.hpp"
#include "learn/tests/method_tests.hpp"

namespace assay::crack_width {
namespace {

const std::string kTask = "crack-width";

learn::MemoryReporter run_method(const std::string& method) { return synthetic::run(synthetic::job(method)); }

TEST(CrackWidthConformance, SourcesCardsAndRegistryAgree) { learn::expect_sources_cards_and_registry_agree(kTask); }

TEST(CrackWidthConformance, EveryMethodDrawsNothing) {
  for (const auto* method : learn::project_catalog().methods_of("crack-width")) EXPECT_TRUE(method->deterministic);
}

using CrackWidthConformance_ = testing::TestWithParam<std::string>;
using CrackWidthGolden_ = testing::TestWithParam<std::string>;

TEST_P(CrackWidthConformance_, RepeatsBitForBit) { learn::expect_repeats(GetParam(), run_method); }

// The run's seed changes nothing, except that pictures are shown for the first alone.
TEST_P(CrackWidthConformance_, AnswersEverySeedAlike) {
  auto first = synthetic::job(GetParam()), second = first;
  first.pictures_allowed = second.pictures_allowed = false;
  second.seed = 7;
  EXPECT_EQ(synthetic::run(first).fingerprint(), synthetic::run(second).fingerprint());
}

TEST_P(CrackWidthConformance_, MeasuresGeneratedScenes) {
  for (const auto* edges : {"clean", "rough"}) {
    learn::MemoryReporter memory;
    run(synthetic::job(GetParam(), Json::object(), edges), memory);
    EXPECT_GT(memory.notes.at("counts").at("points").get<int>(), 10);
    EXPECT_LT(memory.metrics.at("mae"), GetParam() == "constant" ? 5 : 1);
  }
}

// Before the metrics: the width of each point, and which ways led to them.
std::string transcript(const learn::MemoryReporter& memory) {
  std::ostringstream text;
  text.precision(7);
  text << "widths";
  for (const auto width : memory.floats("widths")) text << ' ' << width;
  text << "\nstages " << memory.notes.at("stages").dump() << '\n';
  return text.str() + learn::transcript_of(memory);
}

TEST_P(CrackWidthGolden_, RepeatsItsTranscript) {
  learn::expect_golden(kTask, GetParam(), transcript(run_method(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Every, CrackWidthConformance_, testing::ValuesIn(learn::method_ids(kTask)), learn::printed);
INSTANTIATE_TEST_SUITE_P(Every, CrackWidthGolden_, testing::ValuesIn(learn::method_ids(kTask)), learn::printed);

}  // namespace
}  // namespace assay::crack_width
