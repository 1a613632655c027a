// The pool protocol: hidden labels, budgets, the curve.
#include "open-set-al/pool.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "core/errors.hpp"
#include "learn/determinism.hpp"
#include "learn/ranking.hpp"
#include "open-set-al/oracle.hpp"
#include "open-set-al/protocol.hpp"
#include "open-set-al/rounds.hpp"
#include "open-set-al/tests/synthetic.hpp"

namespace assay::open_set_al {
namespace {

TEST(AreaUnderBudgetCurve, IsTheMeanOfTrapezia) {
  EXPECT_NEAR(area_under_budget_curve({.75, .80, .80, .85, .90}), 0.81875, 1e-12);
  EXPECT_EQ(area_under_budget_curve({.5}), .5);
}

TEST(LabelOracle, CountsAndAnswersOnce) {
  LabelOracle oracle({0, 1, 2, 2}, {1});
  EXPECT_EQ(oracle.given(1), 1);
  EXPECT_THROW(oracle.given(0), std::logic_error);
  EXPECT_EQ(oracle.asked(), 0);
  EXPECT_EQ(oracle.ask(0), 0);
  EXPECT_EQ(oracle.ask(3), 2);
  EXPECT_EQ(oracle.asked(), 2);
  EXPECT_THROW(oracle.ask(3), std::logic_error);
  EXPECT_THROW(oracle.ask(1), std::logic_error);  // given
  EXPECT_THROW(oracle.ask(4), std::logic_error);
  EXPECT_THROW(oracle.ask(-1), std::logic_error);
  EXPECT_EQ(oracle.asked(), 2);
}

TEST(Settle, SpendsTheBudgetExactly) {
  const Ids open{2, 3, 5, 7, 11};
  EXPECT_EQ(settle({7, 2}, open, 2, Stream(1)).ids, (Ids{7, 2}));
  const auto filled = settle({7}, open, 3, Stream(1));
  EXPECT_EQ(filled.filled, 2);
  EXPECT_EQ(filled.ids.front(), 7);
  EXPECT_EQ(std::set<std::int64_t>(filled.ids.begin(), filled.ids.end()).size(), 3u);
  EXPECT_EQ(settle({}, open, 9, Stream(1)).ids.size(), 5u);  // all of U where it is smaller
  EXPECT_THROW(settle({7, 7}, open, 2, Stream(1)), std::runtime_error);
  EXPECT_THROW(settle({4}, open, 2, Stream(1)), std::runtime_error);
  EXPECT_THROW(settle({2, 3, 5}, open, 2, Stream(1)), std::runtime_error);
}

TEST(Schedules, FollowTheirDecay) {
  Schedule cosine;
  cosine.steps = 160;
  cosine.learning_rate = .05;
  EXPECT_NEAR(cosine.learning_rate_at(0), .05, 1e-12);
  EXPECT_NEAR(cosine.learning_rate_at(40. / 160), .025 * (1 + std::cos(std::acos(-1.) * 40 / 160)), 1e-12);
  Schedule steps;  // EAOA's: 200 epochs, halved every 60
  steps.epochs = 200;
  steps.batch = 128;
  steps.learning_rate = .01;
  steps.cosine = false;
  steps.decay_at = .3;
  steps.decay_by = .5;
  const auto at = [&](int epoch) { return steps.learning_rate_at(epoch / 200.); };
  EXPECT_NEAR(at(59), .01, 1e-12);
  EXPECT_NEAR(at(60), .005, 1e-12);
  EXPECT_NEAR(at(119), .005, 1e-12);
  EXPECT_NEAR(at(120), .0025, 1e-12);
  EXPECT_NEAR(at(199), .00125, 1e-12);
  EXPECT_EQ(steps.steps_on(1000), 200 * 7);
  EXPECT_EQ(steps.steps_on(50), 200);  // a batch of all
}

class PoolProtocol : public testing::Test {
 protected:
  void SetUp() override { learn::make_deterministic(); }

  Pool pool(const Job& job) const { return make_pool(synthetic::bars().images, job, read_pool_budget(job)); }

  synthetic::Jobs jobs_{"pool-protocol"};
};

TEST_F(PoolProtocol, ShowsKnownClassesFirstAndHidesTheRest) {
  const auto made = pool(jobs_.pool("random"));
  EXPECT_EQ(made.ground.images.size(), 300);
  EXPECT_EQ(made.known_classes, 3);
  std::vector<int> of_label(4, 0);
  for (const auto label : made.labels) ++of_label[static_cast<std::size_t>(label)];
  EXPECT_EQ(of_label, (std::vector<int>{30, 30, 30, 210}));
  // known = 0, 3, 6, in this order
  for (std::size_t id = 0; id < made.labels.size(); ++id) {
    const auto shown = made.shown[id];
    EXPECT_EQ(made.labels[id], shown == 0 ? 0 : shown == 3 ? 1 : shown == 6 ? 2 : 3);
  }
  EXPECT_EQ(made.test.size(), 30);
  EXPECT_EQ(made.seed.size(), 12u);
  std::vector<int> seed_of(4, 0);
  for (const auto id : made.seed) ++seed_of[static_cast<std::size_t>(made.labels[static_cast<std::size_t>(id)])];
  EXPECT_EQ(seed_of, (std::vector<int>{4, 4, 4, 0}));
}

TEST_F(PoolProtocol, DrawsASharedSeedSetByShare) {
  auto job = jobs_.pool("random");
  job.budget.update({{"seed_per_class", 0}, {"seed_share", 0.1}});
  EXPECT_EQ(pool(job).seed.size(), 9u);  // floor(.1 x 90), of known classes
  const auto first = pool(job).seed;
  job.seed = 1;
  EXPECT_NE(pool(job).seed, first);
}

TEST_F(PoolProtocol, SpendsEveryBudgetAndCounts) {
  const auto memory = synthetic::run(jobs_.pool("random"));
  ASSERT_EQ(memory.epochs.size(), 3u);  // R + 1 accuracies
  EXPECT_EQ(memory.notes.at("counts").at("asked"), 24);
  EXPECT_EQ(memory.notes.at("counts").at("filled_up_at_random"), 0);
  std::int64_t sum = 0;
  for (const auto& query : memory.notes.at("asked_per_class")) {
    for (const auto& count : query) sum += count.get<std::int64_t>();
  }
  EXPECT_EQ(sum, 24);
  EXPECT_FALSE(memory.epochs[0].contains("query_precision"));
  const double precision = (memory.epochs[1].at("query_precision") + memory.epochs[2].at("query_precision")) / 2;
  EXPECT_NEAR(memory.metrics.at("query_precision"), precision, 1e-12);
  EXPECT_NEAR(memory.metrics.at("known_labelled"), 12 + 24 * precision / 100, 1e-9);
  EXPECT_NEAR(memory.metrics.at("query_recall"), memory.metrics.at("known_labelled") / 90 * 100, 1e-9);
  EXPECT_EQ(memory.metrics.at("accuracy"), memory.epochs[2].at("accuracy"));
  EXPECT_EQ(memory.metrics.at("accuracy_plain"), memory.metrics.at("accuracy"));
  EXPECT_EQ(memory.examples_shown.size(), 1u);
  EXPECT_EQ(memory.pictures.size(), 2u);  // images, and frames over them
}

// Would an implementation leave queried unknowns in the pool, the share would sink from round to round.
TEST_F(PoolProtocol, RandomFindsTheKnownShareInEveryRound) {
  std::vector<double> found(3, 0);
  constexpr int kTrials = 400;
  for (int trial = 0; trial < kTrials; ++trial) {
    Stream stream(static_cast<std::uint64_t>(trial));
    Ids unlabelled(100);
    std::iota(unlabelled.begin(), unlabelled.end(), 0);  // the first 30 are known
    for (auto& sum : found) {
      const auto query = settle({}, unlabelled, 20, Stream(stream.bits())).ids;
      for (const auto id : query) {
        sum += id < 30;
        unlabelled.erase(std::find(unlabelled.begin(), unlabelled.end(), id));
      }
    }
  }
  for (const double sum : found) EXPECT_NEAR(sum / (20. * kTrials), .3, .015);  // 3 standard errors
}

TEST_F(PoolProtocol, GivesTheSameStartToEveryMethod) {
  const auto a = synthetic::run(jobs_.pool("random")), b = synthetic::run(jobs_.pool("oracle-known"));
  EXPECT_EQ(a.epochs[0].at("accuracy"), b.epochs[0].at("accuracy"));
  EXPECT_EQ(a.epochs[0].at("query_recall"), b.epochs[0].at("query_recall"));
}

TEST_F(PoolProtocol, RefusesHiddenLabelsWithoutTheRight) {
  const Privileged none;
  EXPECT_THROW(none.pool_labels(), DeclarationError);
  auto job = jobs_.pool("oracle-known");
  job.privileged.clear();
  EXPECT_THROW(synthetic::run(job), DeclarationError);
}

TEST_F(PoolProtocol, SaysWhatIsWrongWithASetting) {
  auto job = jobs_.pool("random");
  job.setting_parameters["known"] = {0, 0, 1};
  EXPECT_THROW(pool(job), DeclarationError);
  job.setting_parameters["known"] = {0, 12};
  EXPECT_THROW(pool(job), DeclarationError);
  job = jobs_.pool("random");
  job.budget["per_class"] = 41;
  EXPECT_THROW(pool(job), DataError);
  job = jobs_.pool("random");
  job.budget.erase("per_class");
  EXPECT_THROW(read_pool_budget(job), DeclarationError);
  job = jobs_.federated("random");
  job.setting_parameters["protocol"] = "guessing";
  EXPECT_THROW(synthetic::run(job), DeclarationError);
}

TEST(PoolViews, HandOutOnlyAMethodsStreams) {
  PoolView view;
  view.round = 2;
  EXPECT_EQ(view.stream("init", 1).bits(), Streams(0).stream("init/2/1").bits());
  EXPECT_THROW(view.stream("split"), std::logic_error);
  EXPECT_THROW(view.stream("fill"), std::logic_error);
}

TEST(PoolViews, ListAnswersWithTheUnknownLast) {
  PoolView view;
  view.known_classes = 3;
  view.known = {{1, 4}, {2, 0}};
  view.unknown = {0, 9};
  EXPECT_EQ(view.labelled().ids, (Ids{1, 4, 0, 9}));
  EXPECT_EQ(view.labelled().labels, (std::vector<std::int64_t>{2, 0, 3, 3}));
}

}  // namespace
}  // namespace assay::open_set_al
