// The papers' methods in whole runs on a tiny data set: what their pieces alone do not show.
#include <gtest/gtest.h>

#include <algorithm>

#include "learn/determinism.hpp"
#include "open-set-al/pool.hpp"
#include "open-set-al/protocol.hpp"
#include "open-set-al/tests/synthetic.hpp"

namespace assay::open_set_al {

struct EaoaMargins {
  double weight = 0, known = 0, unknown = 0;
};
torch::Tensor eaoa_loss(const torch::Tensor& logits, const torch::Tensor& y, const EaoaMargins& margins);

namespace {

class PaperRuns : public testing::Test {
 protected:
  void SetUp() override { learn::make_deterministic(); }

  // Right after a query of twenty images: those of unknown classes are labelled as such.
  template <typename View>
  View view_after_a_query() {
    View view;
    view.ground = &pool_.ground;
    view.schedule = budget_.schedule;
    view.known_classes = pool_.known_classes;
    view.budget = budget_.budget;
    view.rounds = budget_.rounds;
    view.round = 1;
    for (const auto id : pool_.seed) view.known.add(id, pool_.labels[static_cast<std::size_t>(id)]);
    for (std::int64_t id = 0; view.unknown.size() < 20; ++id) {
      if (pool_.labels[static_cast<std::size_t>(id)] == pool_.known_classes) view.unknown.push_back(id);
    }
    view.streams = job_.streams();
    view.record = [this](const std::string& name, double value) { recorded_[name].push_back(value); };
    view.frozen = &frozen_;
    return view;
  }

  synthetic::Jobs jobs_{"paper-runs"};
  Job job_ = jobs_.pool("e2oal");
  PoolBudget budget_ = read_pool_budget(job_);
  Pool pool_ = make_pool(synthetic::bars().images, job_, budget_);
  // Class by class: the features are the label of the data set, one-hot.
  Frozen frozen_{[this](const std::string&) { return torch::eye(10).index_select(0, rows_of(pool_.shown)); }};
  std::map<std::string, std::vector<double>> recorded_;
};

bool equal_weights(learn::Headed& a, learn::Headed& b) {
  const auto of_a = a.parameters(), of_b = b.parameters();
  return std::equal(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                    [](const auto& x, const auto& y) { return x.equal(y); });
}

TEST_F(PaperRuns, EaoaWithoutItsEnergyTermTrainsTheDetectorOfBual) {
  const auto view = view_after_a_query<RoundView>();
  const auto loss = [](double weight) {
    return [weight](const learn::HeadedOutput& output, const learn::Batch& batch, double) {
      return eaoa_loss(output.logits[0], batch.y, {weight, -25, -7});
    };
  };
  const auto plain = train_detector(view);
  EXPECT_TRUE(equal_weights(*plain, *train_detector(view, loss(0))));
  EXPECT_FALSE(equal_weights(*plain, *train_detector(view, loss(.01))));
}

TEST_F(PaperRuns, E2oalLearnsOneHeadMoreWithoutUnknownsAndLatentClassesWithThem) {
  const auto method = Methods<Method>::make("e2oal", job_.parameters);
  auto& e2oal = dynamic_cast<PoolMethod&>(*method);
  const auto x = pool_.test.plain(0, 5);
  auto view = view_after_a_query<FitView>();
  const auto unknown = view.unknown;
  view.unknown.clear();
  auto fit = e2oal.fit(view);
  ASSERT_TRUE(fit);
  EXPECT_EQ(fit->net->forward(x).logits[1].size(1), 3);
  EXPECT_TRUE(fit->also.contains("primary"));

  view.unknown = unknown;
  fit = e2oal.fit(view);
  const auto classes = 3 + static_cast<std::int64_t>(recorded_["unknown_classes"].back());
  EXPECT_GT(classes, 3);
  EXPECT_EQ(fit->net->forward(x).logits[1].size(1), classes);
  EXPECT_EQ(fit->answer(x).sizes(), (std::vector<std::int64_t>{5, 3})) << "known outputs alone";
  EXPECT_TRUE(fit->answer(x).equal(fit->net->forward(x).logits[1].narrow(1, 0, 3)));
  EXPECT_TRUE(fit->also.at("primary")(x).equal(fit->net->forward(x).logits[0]));

  view.repeat = 1;
  const auto again = e2oal.fit(view);
  EXPECT_EQ(recorded_["unknown_classes"].size(), 2u) << "the repeats share an estimate";
  EXPECT_EQ(again->net->forward(x).logits[1].size(1), classes);
  EXPECT_FALSE(equal_weights(*fit->net, *again->net)) << "but not the weights that they start from";
}

TEST_F(PaperRuns, E2oalClassifiesByEitherHeadAndRecordsTheOther) {
  const auto auxiliary = synthetic::run(jobs_.pool("e2oal"));
  const auto primary = synthetic::run(jobs_.pool("e2oal", {{"test_head", "primary"}}));
  EXPECT_EQ(auxiliary.metrics.at("accuracy_primary"), primary.metrics.at("accuracy"));
  EXPECT_EQ(primary.metrics.at("accuracy_auxiliary"), auxiliary.metrics.at("accuracy"));
  EXPECT_EQ(primary.metrics.at("accuracy_plain"), auxiliary.metrics.at("accuracy_plain"));
}

TEST_F(PaperRuns, DcfsTrainsTheClassifierInItsOwnWayIfTold) {
  const auto common = synthetic::run(jobs_.pool("dcfs")).metrics;
  const auto own = synthetic::run(jobs_.pool("dcfs", {{"own_classifier", true}})).metrics;
  EXPECT_EQ(common.at("accuracy_plain"), common.at("accuracy"));
  EXPECT_NE(own.at("accuracy_plain"), own.at("accuracy"));
}

TEST_F(PaperRuns, TellWhatSteeredEachQuery) {
  const auto eaoa = synthetic::run(jobs_.pool("eaoa")), e2oal = synthetic::run(jobs_.pool("e2oal")),
             bual = synthetic::run(jobs_.pool("bual"));
  const auto told = [](const learn::MemoryReporter& memory, const std::string& name) {
    return memory.notes.at("per_query").at(name).get<std::vector<double>>();
  };
  EXPECT_EQ(told(eaoa, "candidate_factor").front(), 5);
  EXPECT_EQ(told(e2oal, "purity_target").front(), .6);
  EXPECT_EQ(told(e2oal, "unknown_classes").size(), 3u) << "one a training";
  EXPECT_EQ(told(bual, "precision_weight").front(), 0);
  EXPECT_NEAR(told(bual, "precision_weight").back(), bual.epochs[1].at("query_precision") / 100, 1e-12);
}

class PaperVariants : public testing::TestWithParam<std::pair<std::string, Json>> {};

TEST_P(PaperVariants, SpendTheBudget) {
  learn::make_deterministic();
  const synthetic::Jobs jobs("paper-variants");
  const auto& [method, parameters] = GetParam();
  EXPECT_EQ(synthetic::run(jobs.pool(method, parameters)).notes.at("counts").at("asked"), 24);
}

const std::vector<std::pair<std::string, Json>> kVariants{
    {"lfosa", {{"t", 1.0}}},
    {"bual", {{"score", "paper"}, {"measure", "entropy"}}},
    {"bual", {{"negative_steps", 0}, {"negative_epochs", 2}, {"snapshots", 3}, {"measure", "least-confidence"}}},
    {"eaoa", {{"votes", "known-only"}, {"au", "raw"}}},
    {"e2oal", {{"select", "code"}, {"search", "ternary"}}}};
INSTANTIATE_TEST_SUITE_P(OfCards, PaperVariants, testing::ValuesIn(kVariants));

}  // namespace

}  // namespace assay::open_set_al
