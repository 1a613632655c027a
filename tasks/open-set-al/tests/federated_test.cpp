// The federated protocol: who holds what, how models are trained and averaged, what a query costs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>

#include "core/errors.hpp"
#include "open-set-al/federated_partition.hpp"
#include "open-set-al/federated_problem.hpp"
#include "open-set-al/federated_run.hpp"
#include "open-set-al/federated_training.hpp"
#include "open-set-al/pool.hpp"
#include "open-set-al/tests/synthetic.hpp"

namespace assay::open_set_al {
namespace {

using Counts = std::vector<std::int64_t>;

std::int64_t sum(const Counts& values) { return std::accumulate(values.begin(), values.end(), std::int64_t{0}); }

// --- Partition

TEST(LongTail, KeepsTheNumbersOfThePaper) {
  EXPECT_EQ(long_tail(6000, 20, 10), (Counts{6000, 4301, 3083, 2210, 1584, 1135, 814, 583, 418, 300}));
  EXPECT_EQ(long_tail(600, 20, 10), (Counts{600, 430, 308, 221, 158, 113, 81, 58, 41, 30}));
  EXPECT_EQ(sum(long_tail(6000, 20, 10)), 20428);
  EXPECT_EQ(sum(long_tail(5000, 20, 10)), 17023);
  EXPECT_EQ(long_tail(7, 1, 3), (Counts{7, 7, 7}));
}

TEST(LargestRemainder, GivesWholePartsThenOneEachToTheLargestRests) {
  EXPECT_EQ(largest_remainder({.5, .3, .2}, 10), (Counts{5, 3, 2}));
  EXPECT_EQ(largest_remainder({1, 1, 1}, 4), (Counts{2, 1, 1}));         // ties: the smaller index
  EXPECT_EQ(largest_remainder({.42, .33, .25}, 10), (Counts{4, 3, 3}));  // 4.2, 3.3, 2.5
}

TEST(EqualSizes, DifferByOneAtMost) { EXPECT_EQ(equal_sizes(17, 5), (Counts{4, 4, 3, 3, 3})); }

TEST(FederatedRepair, ServesTheNeediestFirstFromWhoHasMostToGive) {
  ClientCounts counts{{5, 3}, {0, 1}, {1, 2}};  // sizes 8, 1, 3 of 4 each
  repair(counts, {4, 4, 4});
  EXPECT_EQ(counts, (ClientCounts{{1, 3}, {3, 1}, {2, 2}}));  // 3 of class 0 to client 1, then 1 to client 2
}

TEST(FederatedRepair, GoesOnWithTheNextClassWhereOneIsUsedUp) {
  ClientCounts counts{{1, 5}, {0, 2}};
  repair(counts, {4, 4});
  EXPECT_EQ(counts, (ClientCounts{{0, 4}, {1, 3}}));
}

TEST(FederatedPartition, HasExactClassesAndEqualClients) {
  for (const double alpha : {0.001, 0.1, 100.0}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Stream stream(seed);
      const auto sizes = long_tail(600, 20, 10);
      const auto counts = dirichlet_partition(sizes, 7, alpha, stream);
      Counts rows, columns(10);
      for (const auto& row : counts) {
        rows.push_back(sum(row));
        for (std::size_t c = 0; c < row.size(); ++c) columns[c] += row[c];
        EXPECT_GE(*std::min_element(row.begin(), row.end()), 0);
      }
      EXPECT_EQ(columns, sizes);
      EXPECT_EQ(rows, equal_sizes(2040, 7));
    }
  }
}

// Largest deviation of a client's class from an equal part of it.
double deviation(const Counts& sizes, const ClientCounts& counts) {
  double worst = 0;
  for (const auto& row : counts) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      const double part = static_cast<double>(sizes[c]) / static_cast<double>(counts.size());
      worst = std::max(worst, std::abs(static_cast<double>(row[c]) - part));
    }
  }
  return worst;
}

TEST(FederatedPartition, OfALargeAlphaGivesEveryClientTheGlobalMix) {
  const Counts divisible{600, 430, 310, 220, 160, 115, 80, 60, 40, 30}, others = long_tail(600, 20, 10);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Stream a(seed), b(seed);
    EXPECT_LE(deviation(divisible, dirichlet_partition(divisible, 5, 1e12, a)), 1);
    // Rounding of ten classes, which the repair then evens out at the first ones.
    EXPECT_LE(deviation(others, dirichlet_partition(others, 5, 1e12, b)), 5);
  }
}

TEST(FederatedPartition, OfASmallAlphaIsUneven) {
  Stream a(1), b(1);
  const auto sizes = long_tail(600, 20, 10);
  EXPECT_GT(deviation(sizes, dirichlet_partition(sizes, 5, 0.1, a)), 100);
  EXPECT_LT(deviation(sizes, dirichlet_partition(sizes, 5, 100, b)), 50);
}

TEST(FederatedDeal, HandsOutEveryImageOnce) {
  const ClientCounts counts{{1, 2}, {2, 0}, {0, 1}};
  Stream stream(4);
  const auto owned = deal({{0, 2, 4}, {1, 3, 5}}, counts, stream);
  std::set<std::int64_t> all;
  for (std::size_t k = 0; k < owned.size(); ++k) {
    EXPECT_TRUE(std::is_sorted(owned[k].begin(), owned[k].end()));
    const auto even = std::count_if(owned[k].begin(), owned[k].end(), [](auto id) { return id % 2 == 0; });
    EXPECT_EQ(even, counts[k][0]);
    EXPECT_EQ(static_cast<std::int64_t>(owned[k].size()), sum(counts[k]));
    all.insert(owned[k].begin(), owned[k].end());
  }
  EXPECT_EQ(all.size(), 6u);
}

// --- Training

FederatedSchedule schedule() {
  FederatedSchedule schedule;
  schedule.rounds = 1;
  schedule.local_epochs = 2;
  schedule.own_epochs = 2;
  schedule.batch = 8;
  schedule.learning_rate = 0.05;
  schedule.momentum = 0.9;
  schedule.weight_decay = 1e-5;
  schedule.drop_at = 0.75;
  schedule.drop_by = 0.1;
  return schedule;
}

TEST(FederatedSchedule, DropsAfterThreeQuarters) {
  const auto s = schedule();
  EXPECT_EQ(s.learning_rate_at(6, 10), .05);
  EXPECT_DOUBLE_EQ(s.learning_rate_at(7, 10), .005);  // from round 8
  EXPECT_EQ(s.learning_rate_at(74, 100), .05);
  EXPECT_DOUBLE_EQ(s.learning_rate_at(75, 100), .005);
}

class FederatedTraining : public testing::Test {
 protected:
  // Images first, first + 1, ...: their class is the number modulo 10.
  static Examples examples(std::int64_t first, std::int64_t count) {
    Examples some;
    for (auto id = first; id < first + count; ++id) some.add(id, id % 10);
    return some;
  }
  static TrainStreams streams(std::uint64_t seed) { return {Stream(seed), Stream(seed + 100)}; }
  static std::vector<torch::Tensor> state(const torch::nn::Module& module) {
    auto all = module.parameters();
    for (const auto& buffer : module.buffers()) all.push_back(buffer);
    return all;
  }
  static bool equal(const torch::nn::Module& a, const torch::nn::Module& b) {
    const auto of_a = state(a), of_b = state(b);
    for (std::size_t i = 0; i < of_a.size(); ++i) {
      if (!torch::equal(of_a[i], of_b[i])) return false;
    }
    return of_a.size() == of_b.size();
  }
  std::shared_ptr<learn::Headed> fresh() const { return ground_.network({10}, Stream(1)); }

  Ground ground_{
      pick(synthetic::bars().images.train, all_rows(), {{0.286}, {0.353}}), {0, true}, torch::kCPU, "c5c3-64-w4"};

 private:
  static Ids all_rows() {
    Ids rows(400);
    std::iota(rows.begin(), rows.end(), std::int64_t{0});
    return rows;
  }
};

TEST_F(FederatedTraining, AveragingOfOneClientIsThatClient) {
  const auto data = examples(0, 20);
  const auto averaged = average_federatedly(ground_, 10, Stream(1), {data}, schedule(), {streams(2)});
  const auto alone = fresh();
  LocalTraining training(*alone, ground_, data, schedule());
  auto own = streams(2);
  const double learning_rate = schedule().learning_rate_at(0, 1);
  for (int epoch = 0; epoch < 2; ++epoch) training.epoch(learning_rate, own);
  EXPECT_TRUE(equal(*averaged, *alone));
  EXPECT_FALSE(equal(*averaged, *fresh()));
}

TEST_F(FederatedTraining, EqualClientsAndClientsWithoutLabelsChangeNothing) {
  auto rounds = schedule();
  rounds.rounds = 2;
  const auto data = examples(0, 20);
  const auto one = average_federatedly(ground_, 10, Stream(1), {data}, rounds, {streams(2)});
  const auto three =
      average_federatedly(ground_, 10, Stream(1), {data, {}, data}, rounds, {streams(2), streams(3), streams(2)});
  EXPECT_TRUE(equal(*one, *three));
}

TEST_F(FederatedTraining, TheMeanIsWeightedAndTakesBatchNormStatisticsAlong) {
  torch::NoGradGuard no_grad;
  const auto a = fresh(), b = fresh(), mean = fresh();
  for (auto& values : state(*a)) values.fill_(1);
  for (auto& values : state(*b)) values.fill_(5);
  MeanOfModules sum;
  sum.add(*a, 10);
  sum.add(*b, 30);
  sum.write_to(*mean);
  for (const auto& values : state(*mean)) EXPECT_TRUE(values.eq(4).all().item<bool>());
  EXPECT_FALSE(mean->buffers().empty());
}

TEST_F(FederatedTraining, ABatchOfOneIsSkipped) {
  const auto net = fresh();
  const auto one = examples(0, 1);
  LocalTraining training(*net, ground_, one, schedule());
  auto own = streams(1);
  training.epoch(0.1, own);
  EXPECT_TRUE(equal(*net, *fresh()));
}

TEST_F(FederatedTraining, AloneStopsOnceItIsRight) {
  Examples one_class;
  for (std::int64_t id = 0; id < 120; id += 10) one_class.add(id, 0);
  auto few = schedule(), many = schedule();
  few.own_epochs = 100;
  many.own_epochs = 100000;
  const auto a = fresh(), b = fresh();
  train_alone(*a, ground_, one_class, few, streams(1));
  train_alone(*b, ground_, one_class, many, streams(1));
  EXPECT_TRUE(equal(*a, *b));
  const auto answers = ground_.outputs(*a, one_class.ids).logits.front().argmax(1);
  EXPECT_TRUE(answers.eq(0).all().item<bool>());
}

// --- Stages

using Query = std::function<std::vector<Ids>(const FederatedView&)>;

class Scripted final : public FederatedMethod {
 public:
  explicit Scripted(Query query) : query_(std::move(query)) {}
  std::vector<Ids> query(const FederatedView& view) override { return query_(view); }

 private:
  Query query_;
};

std::vector<Ids> leading(const FederatedView& view) {
  std::vector<Ids> answers;
  for (const auto& client : view.clients) {
    answers.emplace_back(client.unlabelled.begin(), client.unlabelled.begin() + view.budget);
  }
  return answers;
}

class FederatedStages : public testing::Test {
 protected:
  FederatedStages() : job_(jobs_.federated("random")) {  // 3 clients, 131 images in all, a tenth a stage
    budget() = {{"largest_class", 40}, {"clients", 3},
                {"stages", 2},         {"share_per_stage", 0.1},
                {"rounds", 1},         {"local_epochs", 1},
                {"batch", 8},          {"learning_rate", 0.05},
                {"drop_at", 0.75},     {"drop_by", 0.1},
                {"momentum", 0.9},     {"weight_decay", 1e-5},
                {"own_epochs", 1},     {"network", "c5c3-64-w4"},
                {"test_per_class", 10}};
  }
  Json& budget() { return job_.budget; }
  learn::MemoryReporter run(const Query& query) const {
    Scripted method(query);
    learn::MemoryReporter memory;
    run_stages(synthetic::bars().images, job_, method, memory);
    return memory;
  }

  synthetic::Jobs jobs_{"federated-stages"};
  Job job_;
};

TEST_F(FederatedStages, ShowEachClientItsOwnAndWhatWasAnswered) {
  budget()["stages"] = 3;
  std::vector<std::vector<Ids>> asked;
  const auto memory = run([&](const FederatedView& view) {
    EXPECT_EQ(view.stage, static_cast<std::int64_t>(asked.size()) + 1);
    EXPECT_EQ(view.stages, 3);
    EXPECT_EQ(view.budget, 4);  // 13.1 over three clients, rounded down
    std::set<std::int64_t> all;
    for (std::size_t k = 0; k < view.clients.size(); ++k) {
      const auto& [labelled, unlabelled] = view.clients[k];
      EXPECT_EQ(labelled.size(), static_cast<std::size_t>(4 * view.stage));
      EXPECT_TRUE(std::is_sorted(labelled.ids.begin(), labelled.ids.end()));
      EXPECT_TRUE(std::is_sorted(unlabelled.begin(), unlabelled.end()));
      all.insert(labelled.ids.begin(), labelled.ids.end());
      all.insert(unlabelled.begin(), unlabelled.end());
      EXPECT_EQ(view.local(k), view.local(k));  // trained once
      if (asked.empty()) continue;
      for (const auto id : asked.back()[k]) {
        EXPECT_TRUE(std::binary_search(labelled.ids.begin(), labelled.ids.end(), id));
      }
    }
    EXPECT_EQ(static_cast<std::int64_t>(all.size()), view.ground->images.size());
    EXPECT_NE(view.local(0), view.local(1));
    asked.push_back(leading(view));
    return asked.back();
  });
  ASSERT_EQ(memory.epochs.size(), 3u);
  for (std::size_t s = 0; s < 3; ++s) EXPECT_EQ(memory.epochs[s].at("labelled"), 12.0 * static_cast<double>(s + 1));
  const double a = memory.epochs[0].at("accuracy"), b = memory.epochs[1].at("accuracy"),
               c = memory.epochs[2].at("accuracy");
  EXPECT_EQ(memory.metrics.at("accuracy"), c);
  EXPECT_DOUBLE_EQ(memory.metrics.at("aubc"), ((a + b) / 2 + (b + c) / 2) / 2);
  EXPECT_EQ(memory.notes.count("filled"), 0u);
}

TEST_F(FederatedStages, LabelsAreTheTrueOnesAndCountsAddUp) {
  Counts sizes = long_tail(40, 20, 10);
  const auto memory = run([&](const FederatedView& view) {
    EXPECT_EQ(view.ground->images.size(), sum(sizes));
    std::vector<std::int64_t> classes;  // of the ids: the data's files go through the classes in turn
    for (std::int64_t row = 0; row < 400; ++row) {
      if (row / 10 < sizes[static_cast<std::size_t>(row % 10)]) classes.push_back(row % 10);
    }
    for (const auto& client : view.clients) {
      for (std::size_t i = 0; i < client.labelled.size(); ++i) {
        EXPECT_EQ(client.labelled.labels[i], classes[static_cast<std::size_t>(client.labelled.ids[i])]);
      }
    }
    return leading(view);
  });
  const auto partition = memory.notes.at("partition").get<ClientCounts>();
  const auto labelled = memory.notes.at("labelled").get<std::vector<Counts>>();
  EXPECT_EQ(partition.size(), 3u);
  EXPECT_EQ(sum(labelled[0]), 12);
  EXPECT_EQ(sum(labelled[1]), 24);
  const auto& last = labelled.back();
  const auto [fewest, most] = std::minmax_element(last.begin(), last.end());
  EXPECT_DOUBLE_EQ(memory.metrics.at("class_imbalance"),
                   static_cast<double>(*most) / static_cast<double>(std::max<std::int64_t>(*fewest, 1)));
  EXPECT_DOUBLE_EQ(memory.metrics.at("rare_share"), 100.0 * static_cast<double>(last[7] + last[8] + last[9]) /
                                                        static_cast<double>(sizes[7] + sizes[8] + sizes[9]));
  const auto contributions = memory.floats("contribution:accuracy");
  EXPECT_EQ(contributions.size(), 100u);
  EXPECT_NEAR(std::accumulate(contributions.begin(), contributions.end(), 0.0) / 100, memory.metrics.at("accuracy"),
              1e-9);
}

TEST_F(FederatedStages, FillUpWhatAMethodLeaves) {
  const auto memory = run([](const FederatedView& view) {
    auto answers = leading(view);
    answers[1].resize(1);
    return answers;
  });
  EXPECT_EQ(memory.epochs.back().at("labelled"), 24);
  EXPECT_EQ(memory.notes.at("filled"), Json::parse(R"([{"stage": 2, "client": 1, "images": 3}])"));
}

TEST_F(FederatedStages, RefuseForeignAndRepeatedImagesAndMissingClients) {
  const auto changed = [](const std::function<void(std::vector<Ids>&)>& change) {
    return [change](const FederatedView& view) {
      auto answers = leading(view);
      change(answers);
      return answers;
    };
  };
  EXPECT_THROW(run(changed([](auto& answers) { answers[0][0] = answers[1][0]; })), std::runtime_error);
  EXPECT_THROW(run(changed([](auto& answers) { answers[0][0] = answers[0][1]; })), std::runtime_error);
  EXPECT_THROW(run(changed([](auto& answers) { answers[0][0] = -1; })), std::runtime_error);
  EXPECT_THROW(run(changed([](auto& answers) { answers.pop_back(); })), std::runtime_error);
}

TEST_F(FederatedStages, EndWhereClientsHaveNoMoreImages) {
  budget()["share_per_stage"] = 0.4;
  budget()["stages"] = 4;
  const auto memory = run([](const FederatedView& view) {
    std::vector<Ids> answers;
    for (const auto& client : view.clients) {
      const auto count = std::min<std::size_t>(static_cast<std::size_t>(view.budget), client.unlabelled.size());
      answers.emplace_back(client.unlabelled.begin(), client.unlabelled.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return answers;
  });
  EXPECT_EQ(memory.epochs.back().at("labelled"), static_cast<double>(sum(long_tail(40, 20, 10))));
  EXPECT_EQ(memory.metrics.at("rare_share"), 100);
}

TEST_F(FederatedStages, RepeatBitForBitAndDifferBySeed) {
  const auto first = run(leading).fingerprint();
  EXPECT_EQ(run(leading).fingerprint(), first);
  job_.seed = 1;
  EXPECT_NE(run(leading).fingerprint(), first);
}

TEST_F(FederatedStages, StreamsOfTheProtocolStayItsOwn) {
  run([](const FederatedView& view) {
    EXPECT_THROW(view.stream("fill", 0), std::logic_error);
    EXPECT_THROW(view.stream("split", 0), std::logic_error);
    EXPECT_NE(view.stream("method", 0).bits(), view.stream("method", 1).bits());
    return leading(view);
  });
}

TEST_F(FederatedStages, RefuseSettingsThatMakeNoSense) {
  job_.setting_parameters["alpha"] = 0;
  EXPECT_THROW(run(leading), DeclarationError);
  job_.setting_parameters["alpha"] = 0.1;
  job_.setting_parameters["long_tail"] = 0.5;
  EXPECT_THROW(run(leading), DeclarationError);
  job_.setting_parameters["long_tail"] = 20.0;
  budget()["clients"] = 1000;
  EXPECT_THROW(run(leading), DeclarationError);
  budget()["clients"] = 3;
  budget()["largest_class"] = 41;
  EXPECT_THROW(run(leading), DataError);
}

}  // namespace
}  // namespace assay::open_set_al
