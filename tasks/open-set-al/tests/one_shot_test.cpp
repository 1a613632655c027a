// The one-shot protocol: heads on numbers worked out by hand, what is accepted of a method, runs on tiny images.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "core/errors.hpp"
#include "learn/determinism.hpp"
#include "open-set-al/one_shot_heads.hpp"
#include "open-set-al/one_shot_query.hpp"
#include "open-set-al/one_shot_run.hpp"
#include "open-set-al/tests/synthetic.hpp"

namespace assay::open_set_al {
namespace {

torch::Tensor normal(const std::vector<std::int64_t>& shape, Stream stream) {
  auto values = torch::empty(shape, torch::kFloat64);
  auto* to = values.data_ptr<double>();
  for (std::int64_t i = 0; i < values.numel(); ++i) to[i] = stream.normal();
  return values;
}

torch::Tensor doubles(const std::vector<double>& values) { return torch::tensor(values, torch::kFloat64); }

// A method that answers with what it is given, and keeps what it saw.
struct Answers final : OneShotMethod {
  using Pick = std::function<OneShotPick(const OneShotView&)>;
  explicit Answers(Pick answer) : answer(std::move(answer)) {}
  OneShotPick pick(const OneShotView& view) override {
    seen.push_back(view);
    return answer(view);
  }

  Pick answer;
  std::vector<OneShotView> seen;
};

OneShotPick leading(const OneShotView& view) {
  Ids ids(static_cast<std::size_t>(view.budget));
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::int64_t>(i);
  return {ids, {}};
}

// --- Heads

TEST(WeightedRidge, OfOneFeatureIsTheRatioOfWeightedSums) {
  // (1 1 1 + 3 2 1) / (1 1 1 + 3 2 2 + 1)
  const auto theta = weighted_ridge(doubles({1, 2}).unsqueeze(1), doubles({1, 1}).unsqueeze(1), doubles({1, 3}), 1);
  EXPECT_NEAR(theta.item<double>(), 0.5, 1e-15);
}

TEST(WeightedRidge, SolvesTheNormalEquations) {
  const std::int64_t n = 12, d = 4, outputs = 3;
  const auto x = normal({n, d}, Stream(1)), y = normal({n, outputs}, Stream(2)), w = normal({n}, Stream(3)).abs();
  const double ridge = 0.25;
  const auto theta = weighted_ridge(x, y, w, ridge);
  const auto xs = x.accessor<double, 2>(), ys = y.accessor<double, 2>(), thetas = theta.accessor<double, 2>();
  for (std::int64_t a = 0; a < d; ++a) {
    for (std::int64_t k = 0; k < outputs; ++k) {
      double slope = ridge * thetas[a][k];
      for (std::int64_t i = 0; i < n; ++i) {
        double fitted = 0;
        for (std::int64_t b = 0; b < d; ++b) fitted += xs[i][b] * thetas[b][k];
        slope += w[i].item<double>() * xs[i][a] * (fitted - ys[i][k]);
      }
      EXPECT_NEAR(slope, 0, 1e-12);
    }
  }
}

TEST(WeightedRidge, TakesAWeightOfTwoForTwoRowsAndOfZeroForNone) {
  const auto x = normal({6, 3}, Stream(4)), y = normal({6, 2}, Stream(5));
  const auto rows = torch::tensor({0, 1, 2, 3, 4, 4}, torch::kInt64);
  const auto twice =
      weighted_ridge(x.index_select(0, rows), y.index_select(0, rows), torch::ones({6}, torch::kFloat64), 0.1);
  const auto weighted = weighted_ridge(x, y, doubles({1, 1, 1, 1, 2, 0}), 0.1);
  EXPECT_TRUE(torch::allclose(twice, weighted, 1e-12, 1e-12));
}

// --- What is accepted of a method

OneShotView view_of(std::int64_t size, std::int64_t budget) {
  OneShotView view;
  view.size = size;
  view.budget = budget;
  view.streams = Streams(0);
  return view;
}

OneShotAnswer asked(const OneShotPick& pick, std::int64_t size, std::int64_t budget) {
  Answers method([&](const OneShotView&) { return pick; });
  return ask(method, view_of(size, budget));
}

TEST(OneShotQuery, LeavesAWholeAnswerAsItIs) {
  const auto answer = asked({{4, 0, 2}, {1, 0.5, 3}}, 5, 3);
  EXPECT_EQ(answer.pick.ids, (Ids{4, 0, 2}));
  EXPECT_EQ(answer.pick.weights, (std::vector<double>{1, 0.5, 3}));
  EXPECT_EQ(answer.filled, 0);
}

TEST(OneShotQuery, GivesWeightOneWhereTheMethodGivesNone) {
  EXPECT_EQ(asked({{4, 0, 2}, {}}, 5, 3).pick.weights, (std::vector<double>{1, 1, 1}));
}

TEST(OneShotQuery, FillsUpWithOthersOfWeightOne) {
  const auto answer = asked({{4, 0}, {7, 8}}, 6, 5);
  EXPECT_EQ(answer.filled, 3);
  EXPECT_EQ(answer.pick.weights, (std::vector<double>{7, 8, 1, 1, 1}));
  auto ids = answer.pick.ids;
  EXPECT_EQ(Ids(ids.begin(), ids.begin() + 2), (Ids{4, 0}));
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  EXPECT_EQ(asked({{4, 0}, {7, 8}}, 6, 5).pick.ids, answer.pick.ids);
}

TEST(OneShotQuery, IsOfAllImagesWhereTheBudgetIsLarger) { EXPECT_EQ(asked({{1, 0, 2}, {}}, 3, 9).pick.ids.size(), 3u); }

TEST(OneShotQuery, RefusesRepeatedForeignAndSurplusImagesAndBadWeights) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(asked({{1, 1}, {}}, 5, 2), std::runtime_error);
  EXPECT_THROW(asked({{1, 5}, {}}, 5, 2), std::runtime_error);
  EXPECT_THROW(asked({{1, -1}, {}}, 5, 2), std::runtime_error);
  EXPECT_THROW(asked({{1, 2, 3}, {}}, 5, 2), std::runtime_error);
  EXPECT_THROW(asked({{1, 2}, {1}}, 5, 2), std::runtime_error);
  EXPECT_THROW(asked({{1, 2}, {1, 0}}, 5, 2), std::runtime_error);
  EXPECT_THROW(asked({{1, 2}, {1, nan}}, 5, 2), std::runtime_error);
}

// --- Runs on models made by hand: six pool images of two classes, whose feature is the label itself in model 0 and its
// opposite in the test images of model 1

struct Toy {
  Toy() {
    problem.budget.budgets = {1, 3};
    problem.budget.ridge = 1e-12;
    problem.classes = 2;
    problem.pool = learn::ImageSet(torch::zeros({6, 1, 2, 2}, torch::kUInt8), {{0.0}, {1.0}});
    problem.test = learn::ImageSet(torch::zeros({4, 1, 2, 2}, torch::kUInt8), {{0.0}, {1.0}});
    problem.labels = {0, 1, 0, 0, 0, 1};
    problem.test_labels = {0, 1, 1, 0};
    problem.initial = {0, 1};
    problem.unlabelled = {2, 3, 4, 5};
    const auto z = features({0, 1, 0, 0, 0, 1});
    models = {{z, torch::full({6, 2}, 0.5F), features({0, 1, 1, 0})},
              {z, torch::full({6, 2}, 0.5F), features({1, 0, 1, 0})}};
  }

  static torch::Tensor features(const std::vector<float>& values) {
    return torch::stack({torch::tensor(values), torch::ones({static_cast<std::int64_t>(values.size())})}, 1);
  }

  learn::MemoryReporter run(const Answers::Pick& pick) {
    learn::MemoryReporter memory;
    Answers method(pick);
    run_one_shot_with(method, problem, models, Streams(0), memory);
    seen = method.seen;
    return memory;
  }

  OneShotProblem problem;
  std::vector<OneShotModel> models;
  std::vector<OneShotView> seen;
};

TEST(OneShotRun, ScoresTheLastBudgetOverImagesAndModels) {
  Toy toy;
  const auto memory = toy.run(leading);
  // Model 0 is right of all four, model 1 of the last two, with outputs (1, 0) for (0, 1) and the reverse.
  EXPECT_NEAR(memory.metrics.at("accuracy"), 75, 1e-12);
  EXPECT_NEAR(memory.metrics.at("mse"), 0.25, 1e-9);
  EXPECT_EQ(memory.floats("contribution:accuracy"), (std::vector<float>{50, 50, 100, 100}));
  ASSERT_EQ(memory.epochs.size(), 2u);
  EXPECT_NEAR(memory.epochs[0].at("accuracy"), 75, 1e-12);
  EXPECT_NEAR(memory.epochs[1].at("mse"), 0.25, 1e-9);
}

TEST(OneShotRun, CountsTheClassesOfAllLabels) {
  Toy toy;
  EXPECT_EQ(toy.run(leading).metrics.at("class_imbalance"), 4);  // 0 1 | 0 0 0
  const auto memory = toy.run([](const OneShotView& view) {
    return OneShotPick{view.budget == 1 ? Ids{3} : Ids{3, 0, 1}, {}};
  });
  EXPECT_EQ(memory.metrics.at("class_imbalance"), 1.5);  // 0 1 | 1 0 0
  EXPECT_EQ(memory.notes.at("asked_per_class"), Json::parse("[[0, 1], [2, 1]]"));
  toy.problem.labels = {0, 0, 0, 0, 0, 0};
  EXPECT_EQ(toy.run(leading).metrics.at("class_imbalance"), 5);  // a class without labels counts as one
}

TEST(OneShotRun, ShowsAMethodTheUnlabelledByPositionAndTheSameStreamForEveryBudget) {
  Toy toy;
  toy.models[0].features.select(1, 0).copy_(torch::arange(6));
  toy.run(leading);
  ASSERT_EQ(toy.seen.size(), 2u);
  for (const auto& view : toy.seen) {
    EXPECT_EQ(view.size, 4);
    ASSERT_EQ(view.features.size(), 2u);
    EXPECT_TRUE(torch::equal(view.features[0], Toy::features({2, 3, 4, 5})));
    EXPECT_TRUE(torch::equal(view.labelled_features[0], Toy::features({0, 1})));
    EXPECT_EQ(view.probabilities[1].sizes(), (std::vector<std::int64_t>{4, 2}));
  }
  EXPECT_EQ(toy.seen[0].budget, 1);
  EXPECT_EQ(toy.seen[1].budget, 3);
  EXPECT_EQ(toy.seen[0].stream().bits(), toy.seen[1].stream().bits());
}

TEST(OneShotRun, FitsWithTheMethodsWeights) {
  // One feature, constant: the head gives the weighted mean of the targets. Labelled 0 and 1 with weight 1, then three
  // images of class 0 that weigh a third together.
  Toy toy;
  for (auto& model : toy.models) {
    model.features = torch::ones({6, 1});
    model.test = torch::ones({4, 1});
  }
  const auto memory = toy.run([](const OneShotView& view) {
    auto pick = leading(view);
    pick.weights.assign(pick.ids.size(), 1.0 / 9);
    return pick;
  });
  const double zero = (1 + 1.0 / 3) / (2 + 1.0 / 3);
  EXPECT_NEAR(memory.metrics.at("mse"), ((1 - zero) * (1 - zero) + zero * zero) / 2, 1e-9);
}

TEST(OneShotRun, NotesWhatAMethodRecordsAndWhatWasFilledUp) {
  Toy toy;
  const auto memory = toy.run([](const OneShotView& view) {
    view.record("tried", static_cast<double>(view.budget));
    return OneShotPick{{0}, {}};
  });
  EXPECT_EQ(memory.notes.at("per_query"), Json::parse(R"({"tried": [1, 3]})"));
  EXPECT_EQ(memory.notes.at("counts").at("filled_up_at_random"), 2);
  EXPECT_EQ(memory.notes.at("counts").at("asked"), 3);
}

// --- Runs from images

class OneShotFromImages : public testing::Test {
 protected:
  void SetUp() override {
    learn::make_deterministic();
    job_.budget["steps"] = 2;
  }

  std::size_t artefacts() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(job_.artefacts)) {
      count += entry.path().filename().string().size() == 64;
    }
    return count;
  }

  const Images& images_ = synthetic::bars().images;
  synthetic::Jobs jobs_{"one-shot-" + std::to_string(getpid())};
  Job job_ = jobs_.one_shot("random");  // pool of 200, 30 of them labelled
};

TEST_F(OneShotFromImages, ThePoolIsTheLeadingImagesAndTheLabelledOnesAreDrawnFromIt) {
  const auto problem = make_one_shot_problem(images_, job_);
  EXPECT_EQ(problem.pool.size(), 200);
  EXPECT_EQ(problem.test.size(), 100);
  EXPECT_EQ(problem.initial.size(), 30u);
  EXPECT_EQ(std::count(problem.labels.begin(), problem.labels.end(), 7), 20);
  auto all = problem.initial;
  all.insert(all.end(), problem.unlabelled.begin(), problem.unlabelled.end());
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), 200u);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<std::int64_t>(i));
  EXPECT_TRUE(std::is_sorted(problem.unlabelled.begin(), problem.unlabelled.end()));
  job_.seed = 1;
  EXPECT_NE(make_one_shot_problem(images_, job_).initial, problem.initial);
}

TEST_F(OneShotFromImages, TheModelsAreTrainedOncePerSeed) {
  const auto problem = make_one_shot_problem(images_, job_);
  const auto models = obtain_one_shot_models(problem, job_);
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].features.sizes(), (std::vector<std::int64_t>{200, 33}));
  EXPECT_EQ(models[1].test.sizes(), (std::vector<std::int64_t>{100, 49}));
  EXPECT_TRUE(models[1].features.select(1, 48).eq(1).all().item<bool>());
  EXPECT_TRUE(torch::allclose(models[0].probabilities.sum(1), torch::ones({200})));
  EXPECT_EQ(artefacts(), 1u);

  job_.method = "another";
  job_.budget["budgets"] = {5};  // concerns the heads alone
  const auto again = obtain_one_shot_models(make_one_shot_problem(images_, job_), job_);
  EXPECT_TRUE(torch::equal(again[1].features, models[1].features));
  EXPECT_EQ(artefacts(), 1u);

  job_.seed = 1;
  const auto other = obtain_one_shot_models(make_one_shot_problem(images_, job_), job_);
  EXPECT_FALSE(torch::equal(other[1].features, models[1].features));
  EXPECT_EQ(artefacts(), 2u);
}

TEST_F(OneShotFromImages, RefusesBudgetsThatCannotBe) {
  const auto refused = [&](const std::string& key, const Json& value) {
    auto job = job_;
    job.budget[key] = value;
    EXPECT_THROW(make_one_shot_problem(images_, job), DeclarationError) << key << " " << value.dump();
  };
  refused("budgets", Json::array({20, 10}));
  refused("budgets", Json::array({10, 10}));
  refused("budgets", Json::array());
  refused("budgets", Json::array({10, 171}));  // 30 of the 200 are labelled
  refused("widths", Json::array({4, 0}));
  refused("ridge", 0);
  refused("initial", 0);
  refused("other", 1);
}

TEST_F(OneShotFromImages, RefusesAMethodOfOtherProtocols) {
  EXPECT_THROW(synthetic::run(jobs_.one_shot("lfosa")), DeclarationError);
}

}  // namespace
}  // namespace assay::open_set_al
