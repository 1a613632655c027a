// Whole runs of the task on tiny problems: what is reported, what is hidden, what methods share, and that the further
// tiers can start.
#include "ssl-multi-label/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/errors.hpp"
#include "core/files.hpp"
#include "learn/determinism.hpp"
#include "learn/png.hpp"
#include "learn/tests/method_tests.hpp"
#include "ssl-multi-label/moving_average.hpp"
#include "ssl-multi-label/problem.hpp"
#include "ssl-multi-label/protocol.hpp"
#include "ssl-multi-label/scorer.hpp"
#include "ssl-multi-label/tests/synthetic.hpp"
#include "ssl-multi-label/warm_up.hpp"

namespace assay::ssl_multi_label {
namespace {

const Task& task() { return *learn::project_catalog().task("ssl-multi-label"); }

TEST(SslRun, ReportsWhatTheTaskDeclares) {
  learn::make_deterministic();
  const auto memory = synthetic::run(synthetic::job("d2l-mat"));
  learn::expect_declared(task().id, memory);
  ASSERT_EQ(memory.epochs.size(), 2u);
  EXPECT_EQ(memory.epochs.back().at("map"), memory.metrics.at("map"));  // the last epoch is the result
  EXPECT_EQ(memory.epochs.front().at("pseudo_cf1"), memory.metrics.at("pseudo_cf1_first"));
  EXPECT_EQ(memory.epochs.back().at("pseudo_precision"), memory.metrics.at("pseudo_op"));
  EXPECT_EQ(memory.epochs.back().at("pseudo_recall"), memory.metrics.at("pseudo_or"));
  const auto values = memory.floats("contribution:map");
  ASSERT_EQ(values.size(), 24u);
  EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0) / 24, memory.metrics.at("map"), 1e-3);
}

TEST(SslRun, ReportsPseudoLabelsOnlyWhereThereAreSome) {
  learn::make_deterministic();
  for (const std::string method : {"sup", "constant"}) {
    const auto memory = synthetic::run(synthetic::job(method));
    for (const auto& metric : task().metrics) {
      EXPECT_TRUE(memory.metrics.count(metric.name) || !metric.required) << metric.name;
    }
    EXPECT_FALSE(memory.metrics.count("pseudo_op"));
    EXPECT_FALSE(memory.epochs.back().count("pseudo_cf1"));
  }
  const auto oracle = synthetic::run(synthetic::job("oracle")).metrics;
  for (const std::string metric : {"pseudo_cf1_first", "pseudo_op", "pseudo_or"}) EXPECT_EQ(oracle.at(metric), 100);
}

TEST(SslRun, ConstantAnswersScoreTheShareOfPositives) {
  learn::make_deterministic();
  const auto memory = synthetic::run(synthetic::job("constant"));
  EXPECT_NEAR(memory.metrics.at("map"), 100 * synthetic::data().test.labels.mean().item<double>(), 1e-4);
  EXPECT_EQ(memory.metrics.at("map_raw"), memory.metrics.at("map"));
}

TEST(SslRun, ShowsTheSameExamplesForAllMethods) {
  learn::make_deterministic();
  const auto one = synthetic::run(synthetic::job("sup")).examples_shown;
  const auto other = synthetic::run(synthetic::job("constant")).examples_shown;
  ASSERT_EQ(one.size(), 4u);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i]["id"], other[i]["id"]);
    EXPECT_EQ(one[i]["shared"], other[i]["shared"]);
  }
  EXPECT_NE(one, other);
  auto job = synthetic::job("constant");
  job.pictures_allowed = false;
  EXPECT_TRUE(synthetic::run(job).examples_shown.is_null());
  job.pictures_allowed = true;
  job.seed = 1;
  EXPECT_TRUE(synthetic::run(job).examples_shown.is_null());
}

// With other labels on the unlabelled images and on the test images every answer stays the same.
TEST(SslRun, HidesLabelsFromAllButTheOracle) {
  learn::make_deterministic();
  auto changed = synthetic::data();
  changed.train.labels = changed.train.labels.clone();
  changed.train.labels.slice(0, 15).mul_(-1).add_(1);
  changed.test.labels = 1 - changed.test.labels;
  for (const auto& method : learn::method_ids("ssl-multi-label")) {
    if (method == "constant") continue;
    const auto usual = synthetic::run(synthetic::job(method)), other = synthetic::run(synthetic::job(method), changed);
    const bool same = usual.epochs.back().at("train_loss") == other.epochs.back().at("train_loss");
    EXPECT_EQ(same, method != "oracle") << method;
  }
}

TEST(SslProtocol, HandsHiddenLabelsOnlyToWhoeverDeclaresThem) {
  EXPECT_THROW(Privileged(Granted(), torch::zeros({2, 2})).unlabelled_labels(), DeclarationError);
  EXPECT_EQ(Privileged(Granted({"unlabelled_labels"}), torch::ones({2, 2})).unlabelled_labels().sum().item<float>(), 4);
  auto job = synthetic::job("oracle");
  job.privileged.clear();
  EXPECT_THROW(synthetic::run(job), DeclarationError);
}

// --- Rows

TEST(SslSplit, TakesTheFirstRowsOrDrawsThem) {
  const Setting first{.labelled_share = 0.1, .drawn = false};
  const auto split = split_rows(first, 20, Stream(1));
  EXPECT_EQ(split.labelled, (Rows{0, 1}));
  EXPECT_EQ(split.unlabelled.size(), 18u);
  const Setting drawn{.labelled_share = 0.25, .drawn = true};
  const auto one = split_rows(drawn, 20, Stream(1)), again = split_rows(drawn, 20, Stream(1)),
             other = split_rows(drawn, 20, Stream(2));
  EXPECT_EQ(one.labelled.size(), 5u);
  EXPECT_EQ(one.labelled, again.labelled);
  EXPECT_NE(one.labelled, other.labelled);
  std::set<std::int64_t> all(one.labelled.begin(), one.labelled.end());
  all.insert(one.unlabelled.begin(), one.unlabelled.end());
  EXPECT_EQ(all.size(), 20u);
  EXPECT_THROW(split_rows({.labelled_share = 0.01}, 20, Stream(1)), DeclarationError);
  EXPECT_THROW(split_rows({.labelled_share = 1}, 20, Stream(1)), DeclarationError);
}

TEST(SslDeck, DealsEveryRowBeforeAnyTwice) {
  Deck deck(10, Stream(3));
  std::vector<int> dealt(10, 0);
  for (int i = 0; i < 5; ++i) {
    for (const auto row : deck.deal(4)) ++dealt[static_cast<std::size_t>(row)];
  }
  EXPECT_EQ(dealt, std::vector<int>(10, 2));
}

TEST(SslPatches, AreTheQuartersRowByRow) {
  const auto x = torch::arange(2 * 16, torch::kFloat32).view({2, 1, 4, 4});
  const auto quarters = patches(x);
  ASSERT_EQ(quarters.sizes(), (std::vector<std::int64_t>{8, 1, 2, 2}));
  EXPECT_TRUE(torch::equal(quarters[1][0], torch::tensor({{2.F, 3.F}, {6.F, 7.F}})));
  EXPECT_TRUE(torch::equal(quarters[2][0], torch::tensor({{8.F, 9.F}, {12.F, 13.F}})));
  EXPECT_TRUE(torch::equal(quarters[4][0], x[1][0].slice(0, 0, 2).slice(1, 0, 2)));
  const auto colour = patches(torch::ones({2, 3, 6, 4}));  // resized to the whole's size
  EXPECT_EQ(colour.sizes(), (std::vector<std::int64_t>{8, 3, 6, 4}));
}

// --- Models

View tiny_view(const Job& job) {
  const auto& data = synthetic::data();
  const auto budget = read_budget(job.budget);
  const auto split = split_rows(read_setting(job), data.train.size(), Stream(0));
  View view;
  view.images = Images(data.train.pixels, data.normalisation, torch::kCPU);
  view.labelled = split.labelled;
  view.unlabelled = split.unlabelled;
  view.labels = data.train.labels.index_select(0, torch::tensor(split.labelled));
  view.shape = data.shape();
  view.classes = 10;
  view.schedule = budget.schedule;
  view.streams = job.streams();
  return view;
}

bool equal(const torch::nn::Module& a, const torch::nn::Module& b) {
  const auto first = a.parameters(), second = b.parameters();
  bool same = first.size() == second.size();
  for (std::size_t i = 0; same && i < first.size(); ++i) same = torch::equal(first[i], second[i]);
  return same;
}

TEST(SslWarmUp, IsTrainedOnceForASettingAndSeed) {
  learn::make_deterministic();
  auto job = synthetic::job("sup");
  const Network network{"scenes-student", {}};
  const auto first = warm_net(tiny_view(job), network, job), second = warm_net(tiny_view(job), network, job);
  EXPECT_TRUE(equal(*first, *second));
  auto later = job;
  later.budget.update({{"epochs", 7}, {"steps", 9}, {"average", 0.5}, {"test", 3}});
  const auto count = [] {
    const std::filesystem::directory_iterator items(synthetic::artefacts());
    return std::count_if(begin(items), end(items), [](const auto& item) { return item.is_directory(); });
  };
  const auto before = count();
  EXPECT_TRUE(equal(*warm_net(tiny_view(later), network, later), *first));
  EXPECT_EQ(count(), before);  // what comes after the warm-up is no part of its recipe
  job.provenance = "another build";
  EXPECT_TRUE(equal(*warm_net(tiny_view(job), network, job), *first));  // same bits when it is trained again
  EXPECT_EQ(count(), before + 1);
  job.seed = 1;
  EXPECT_FALSE(equal(*warm_net(tiny_view(job), network, job), *first));
}

TEST(SslWarmUp, OfTheDualNetEndsWithCopiesOfItsLabelledHeads) {
  learn::make_deterministic();
  const auto job = synthetic::job("d2l-mat");
  const auto net = warm_dual_net(tiny_view(job), {"scenes-student", {}}, job);
  EXPECT_TRUE(equal(*net->h1(), *net->h3));
  EXPECT_TRUE(equal(*net->h2, *net->h4));
  EXPECT_FALSE(equal(*net->h1(), *net->h2));
}

TEST(SslAverage, FollowsWeightsAndStatisticsAndCopiesCounters) {
  const auto of = std::make_shared<torch::nn::BatchNorm2dImpl>(1);
  const auto average = std::make_shared<torch::nn::BatchNorm2dImpl>(1);
  {
    torch::NoGradGuard no_grad;
    of->weight.fill_(3);
    of->running_mean.fill_(2);
    of->num_batches_tracked.fill_(7);
  }
  MovingAverage moving(*of, *average, 0.75);
  moving.update();
  EXPECT_FLOAT_EQ(average->weight.item<float>(), 1.5F);  // 0.75 * 1 + 0.25 * 3
  EXPECT_FLOAT_EQ(average->running_mean.item<float>(), 0.5F);
  EXPECT_EQ(average->num_batches_tracked.item<std::int64_t>(), 7);
  EXPECT_EQ(of->weight.item<float>(), 3);
}

TEST(SslSchedule, CodesOneCycleEndsAtAThirdOfItsHeight) {
  Schedule schedule;
  schedule.warm_epochs = 12, schedule.epochs = 28, schedule.steps = 100, schedule.learning_rate = 1;
  EXPECT_LT(schedule.training_recipe().cycle.learning_rate(2799), 1e-4);
  schedule.code_anneal = true;
  EXPECT_NEAR(schedule.training_recipe().cycle.learning_rate(2800), 0.31, 0.005);
  EXPECT_TRUE(schedule.training_recipe().decoupled);
}

// --- What all methods share

// Counts what is trained on: method after method through the protocol's own loop.
TEST(SslTraining, HasTheSameStepsAndRowsForAllLabellers) {
  learn::make_deterministic();
  const auto job = synthetic::job("sup");
  auto view = tiny_view(job);
  struct Silent final : Recorder {
    void epoch(std::int64_t, std::int64_t, const Snapshot&) override { ++epochs; }
    int epochs = 0;
  } recorder;
  view.record = &recorder;
  const auto seen_by = [&](const PseudoLabeller& label) {
    std::vector<Rows> labelled, unlabelled;
    std::vector<torch::Tensor> x;
    const auto net = warm_net(view, {"scenes-student", {}}, job),
               averaged = warm_net(view, {"scenes-student", {}}, job);
    const auto logits = [](auto of) { return [of](const torch::Tensor& images) { return of->forward(images).z; }; };
    train(view, {.trained = {net, logits(net)},
                 .averaged = {averaged, logits(averaged)},
                 .label = label,
                 .loss = [&](const Batch& batch) {
                   labelled.push_back(batch.labelled);
                   unlabelled.push_back(batch.unlabelled);
                   x.push_back(batch.x);
                   return loss_of(view.loss, net->forward(batch.x).z, batch);
                 }});
    return std::tuple{labelled, unlabelled, x};
  };
  const auto [labelled, none, x] = seen_by({});
  const auto [labelled1, unlabelled1, x1] = seen_by([](const Beliefs& b) { return all_used(b.unlabelled.ge(0.5)); });
  const auto [labelled2, unlabelled2, x2] = seen_by([](const Beliefs& b) { return all_used(b.unlabelled.ge(2)); });
  EXPECT_EQ(labelled.size(), 8u);
  EXPECT_EQ(labelled, labelled1);
  EXPECT_EQ(labelled1, labelled2);
  EXPECT_EQ(unlabelled1, unlabelled2);
  EXPECT_EQ(unlabelled1.front().size(), 8u);
  EXPECT_TRUE(none.front().empty());
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_TRUE(torch::equal(x1[i], x2[i]));
    EXPECT_TRUE(
        torch::equal(x1[i].slice(0, 0, 4), x[i]));  // and the labelled rows in the same views without the others
  }
  EXPECT_EQ(recorder.epochs, 6);
}

TEST(SslScorer, JudgesPseudoLabelsThatAreUsedAgainstKnownTruth) {
  const auto truth = torch::tensor({{1.F, 0.F}, {0.F, 1.F}, {1.F, 0.5F}});
  const PseudoLabels pseudo{torch::tensor({{1.F, 1.F}, {1.F, 0.F}, {1.F, 1.F}}),
                            torch::tensor({{1.F, 1.F}, {0.F, 1.F}, {1.F, 1.F}})};
  const auto scores = pseudo_scores(pseudo, truth);  // given: (0,0), (0,1), (2,0); (1,0) is not used, (2,1) not known
  EXPECT_DOUBLE_EQ(scores.overall.precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(scores.overall.recall, 2.0 / 3);
}

TEST(SslBudget, RefusesWhatItDoesNotKnow) {
  const auto job = synthetic::job("sup");
  EXPECT_FALSE(read_budget(job.budget).loss.asymmetric);
  for (const auto& [key, value] : std::map<std::string, Json>{{"steps", 0}, {"base", "focal"}, {"anneal", "no"}}) {
    auto budget = job.budget;
    budget[key] = value;
    EXPECT_THROW(read_budget(budget), DeclarationError) << key;
  }
  for (const auto& setting : task().settings) {
    for (const auto& [name, tier] : setting.tiers) EXPECT_NO_THROW(read_budget(tier.budget)) << setting.id << name;
  }
  const auto voc = read_budget(task().setting("voc2007-p05")->tiers.at("paper").budget);
  EXPECT_EQ(voc.schedule.unlabelled, 15 * voc.schedule.labelled);
  EXPECT_TRUE(voc.loss.asymmetric);
}

// --- The tier of the papers, on a folder of tiny pictures

class SslPaperTier : public testing::TestWithParam<std::string> {
 protected:
  static constexpr std::int64_t kSide = 32;

  void SetUp() override {
    std::filesystem::create_directories(root_);
    std::string table = "file,split,labels\n";
    for (int i = 0; i < 28; ++i) {
      Stream noise(static_cast<std::uint64_t>(i));
      std::vector<std::uint8_t> pixels;
      for (std::int64_t p = 0; p < 3 * kSide * kSide; ++p)
        pixels.push_back(static_cast<std::uint8_t>(noise.below(256)));
      const auto name = std::to_string(i) + ".png";
      write_file(root_ / name, learn::png(pixels, 3, kSide, kSide));
      table += name + (i < 24 ? ",train," : ",test,") + (i % 2 ? "cat" : "cat;dog") + "\n";
    }
    write_file(root_ / "labels.csv", table);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::filesystem::path root_ = synthetic::artefacts() / "labelled-images";
};

// The papers' loss, decoder and colour views, stopped after two steps.
TEST_P(SslPaperTier, Starts) {
  learn::make_deterministic();
  auto job = learn::job_with_card("ssl-multi-label", GetParam());
  const auto& setting = *task().setting("voc2007-p10");
  for (const auto& parameter : learn::project_catalog().method("ssl-multi-label", GetParam())->parameters) {
    job.parameters[parameter.name] = parameter.value_for("paper");
  }
  job.tier = "paper";
  job.dataset = "labelled-images";
  job.reader = "labelled-folder";
  job.setting_parameters = setting.parameters;
  job.setting_parameters.update({{"side", kSide}, {"labelled_share", 0.5}, {"pretrained", false}});
  job.setting_parameters.erase("difficult");
  job.budget = setting.tiers.at("paper").budget;
  job.budget.update({{"network", "resnet-18"},  // half the weights: most of the test's time goes into drawing them
                     {"warm_epochs", 1},
                     {"warm_batch", 6},
                     {"epochs", 1},
                     {"steps", 2},
                     {"labelled", 2},
                     {"unlabelled", 4}});
  job.files = {{"labelled-images/", "sha", root_}};
  job.artefacts = synthetic::artefacts();
  job.provenance = "test";
  learn::MemoryReporter memory;
  run(job, memory);
  EXPECT_TRUE(memory.metrics.count("map"));
  EXPECT_GT(memory.epochs.back().at("train_loss"), 0);
}

INSTANTIATE_TEST_SUITE_P(Some, SslPaperTier, testing::Values("cap", "d2l-mat"), learn::printed);

TEST(SslPaperTier_, AsksForTheWeightsThatTheSettingNames) {
  auto job = synthetic::job("sup");
  job.setting_parameters["pretrained"] = true;
  EXPECT_THROW(synthetic::run(job), DeclarationError);
}

}  // namespace
}  // namespace assay::ssl_multi_label
