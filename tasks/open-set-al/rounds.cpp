#include "open-set-al/rounds.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "learn/contributions.hpp"
#include "open-set-al/exhibit.hpp"
#include "open-set-al/feature_spaces.hpp"
#include "open-set-al/first_classifier.hpp"
#include "open-set-al/oracle.hpp"
#include "open-set-al/pool.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

double area_under_budget_curve(const std::vector<double>& accuracy) {
  if (accuracy.size() == 1) return accuracy.front();
  double sum = 0;
  for (std::size_t t = 0; t + 1 < accuracy.size(); ++t) sum += (accuracy[t] + accuracy[t + 1]) / 2;
  return sum / static_cast<double>(accuracy.size() - 1);
}

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kFeatureDimension = 64;

// Shares of rightly classified test images, in percent, and what lies behind them.
struct Tested {
  torch::Tensor right;   // float64 [test]
  torch::Tensor scores;  // float32 [test, K]
  double accuracy() const { return 100 * right.mean().item<double>(); }
};

Tested test(const Classifier& answer, const Pool& pool) {
  constexpr std::int64_t kBlock = 500;
  torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (std::int64_t from = 0; from < pool.test.size(); from += kBlock) {
    const auto x = pool.test.plain(from, std::min(from + kBlock, pool.test.size())).to(pool.ground.device);
    parts.push_back(answer(x).to(torch::kCPU, torch::kFloat32));
  }
  auto scores = torch::cat(parts);
  if (!scores.isfinite().all().item<bool>()) throw NonFinite("a score of the target classifier is not a finite number");
  return {scores.argmax(1).eq(pool.test_labels).to(torch::kFloat64), scores};
}

class PoolRun {
 public:
  PoolRun(const Pool& pool, const PoolBudget& budget, const Job& job, Reporter& reporter)
      : pool_(pool),
        budget_(budget),
        job_(job),
        reporter_(reporter),
        method_(Methods<Method>::make(job.method, job.parameters)),
        selects_(dynamic_cast<PoolMethod*>(method_.get())),
        frozen_(
            make_frozen(job, pool.ground, budget.features, kFeatureDimension, pool.recipe, budget.contrastive_steps)),
        oracle_(pool.labels, pool.seed) {
    if (!selects_) {
      throw DeclarationError({"method " + job.method + " does not play this protocol", "setting " + job.setting,
                              "a method of the pool protocol", job.method, "see bench list methods"});
    }
    for (const auto id : pool.seed) known_.add(id, oracle_.given(id));
    for (std::int64_t id = 0; id < pool.ground.images.size(); ++id) {
      if (!std::binary_search(pool.seed.begin(), pool.seed.end(), id)) unlabelled_.push_back(id);
    }
    known_in_pool_ = std::count_if(pool.labels.begin(), pool.labels.end(),
                                   [&](std::int64_t label) { return label < pool.known_classes; });
  }

  void go() {
    for (std::int64_t t = 0; t < budget_.rounds; ++t) {
      const auto fit = fit_target(t, 0);
      auto values = other_answers(fit);
      accuracy_.push_back(test(fit.answer, pool_).accuracy());
      tell_round(t, std::move(values));
      query(t, fit);
    }
    finish();
  }

 private:
  template <typename View>
  View view_of(std::int64_t round) {
    View view;
    view.ground = &pool_.ground;
    view.schedule = budget_.schedule;
    view.known_classes = pool_.known_classes;
    view.budget = budget_.budget;
    view.rounds = budget_.rounds;
    view.round = round;
    view.known = known_;
    view.unknown = unknown_;
    view.streams = job_.streams();
    view.record = [this](const std::string& name, double value) { recorded_[name].push_back(value); };
    view.frozen = &frozen_;
    view.privileged = Privileged(job_.privileged, &pool_.labels);
    return view;
  }

  Fit common_fit(const FitView& view) const {
    const auto trained = [&] {
      auto net = pool_.ground.network({pool_.known_classes}, view.stream("init", view.repeat));
      train(*net, pool_.ground, known_, budget_.schedule, view.train_streams(view.repeat));
      return net;
    };
    return answer_of_head(view.round == 0 ? obtain_first_classifier(pool_, job_, trained) : trained());
  }

  Fit fit_target(std::int64_t round, std::int64_t repeat) {
    auto view = view_of<FitView>(round);
    view.repeat = repeat;
    auto own = selects_->fit(view);
    own_training_ = own.has_value();
    return own ? *own : common_fit(view);
  }

  std::map<std::string, double> other_answers(const Fit& fit) const {
    std::map<std::string, double> values;
    for (const auto& [name, answer] : fit.also) values["accuracy_" + name] = test(answer, pool_).accuracy();
    return values;
  }

  double recall() const { return 100 * static_cast<double>(known_.size()) / static_cast<double>(known_in_pool_); }

  // Point t of the curves: after t queries.
  void tell_round(std::int64_t t, std::map<std::string, double> values) {
    values["accuracy"] = accuracy_.back();
    values["query_recall"] = recall();
    values["known_labelled"] = static_cast<double>(known_.size());
    if (t > 0) values["query_precision"] = 100 * precisions_.back();
    reporter_.epoch(t + 1, budget_.rounds + 1, values);
  }

  void query(std::int64_t t, const Fit& fit) {
    auto view = view_of<RoundView>(t);
    view.unlabelled = unlabelled_;
    view.precisions = precisions_;
    view.target = fit.net;
    const auto begun = Clock::now();
    const double shared_before = frozen_.seconds();
    auto selected = selects_->select(view);
    select_seconds_ += std::chrono::duration<double>(Clock::now() - begun).count();
    select_seconds_ -= frozen_.seconds() - shared_before;  // all methods share them
    const auto settled =
        settle(std::move(selected), unlabelled_, budget_.budget, job_.streams().stream("fill/" + std::to_string(t)));
    std::int64_t found = 0;
    for (const auto id : settled.ids) {
      const auto label = oracle_.ask(id);
      if (label < pool_.known_classes) {
        known_.add(id, label);
        ++found;
      } else {
        unknown_.insert(std::lower_bound(unknown_.begin(), unknown_.end(), id), id);
      }
      unlabelled_.erase(std::lower_bound(unlabelled_.begin(), unlabelled_.end(), id));
    }
    precisions_.push_back(settled.ids.empty() ? 0
                                              : static_cast<double>(found) / static_cast<double>(settled.ids.size()));
    filled_.push_back(settled.filled);
    queries_.push_back(settled.ids);
    reporter_.digest({reinterpret_cast<const char*>(settled.ids.data()), settled.ids.size() * sizeof(std::int64_t)});
  }

  // Mean of right answers over the repeats; the scores of every training enter the digest.
  template <typename Train>
  torch::Tensor repeated(const Train& train_one) {
    auto right = torch::zeros({pool_.test.size()}, torch::kFloat64);
    for (std::int64_t i = 0; i < budget_.final_repeats; ++i) {
      const auto tested = train_one(i);
      const auto scores = tested.scores.contiguous();
      reporter_.digest({reinterpret_cast<const char*>(scores.template const_data_ptr<float>()), scores.nbytes()});
      right += tested.right;
    }
    return right / static_cast<double>(budget_.final_repeats);
  }

  double plain_accuracy() {
    const auto right = repeated([&](std::int64_t i) {
      auto view = view_of<FitView>(budget_.rounds);
      view.repeat = i;
      return test(common_fit(view).answer, pool_);
    });
    return 100 * right.mean().item<double>();
  }

  void finish() {
    std::map<std::string, double> also;
    const auto right = repeated([&](std::int64_t i) {
      const auto fit = fit_target(budget_.rounds, i);
      for (const auto& [name, value] : other_answers(fit))
        also[name] += value / static_cast<double>(budget_.final_repeats);
      return test(fit.answer, pool_);
    });
    accuracy_.push_back(100 * right.mean().item<double>());
    tell_round(budget_.rounds, also);
    reporter_.metric("accuracy", accuracy_.back());
    for (const auto& [name, value] : also) reporter_.metric(name, value);
    // Of methods that see hidden labels it would say nothing.
    if (!own_training_ || job_.privileged.empty()) {
      reporter_.metric("accuracy_plain", own_training_ ? plain_accuracy() : accuracy_.back());
    }
    reporter_.metric("aubc", area_under_budget_curve(accuracy_));
    reporter_.metric("query_precision", 100 * std::accumulate(precisions_.begin(), precisions_.end(), 0.0) /
                                            static_cast<double>(precisions_.size()));
    reporter_.metric("query_recall", recall());
    reporter_.metric("known_labelled", static_cast<double>(known_.size()));
    reporter_.metric("select_seconds", select_seconds_);
    learn::report_contributions(reporter_, "accuracy", values_of(100 * right));
    tell_notes();
    if (job_.pictures_allowed && job_.seed == 0) reporter_.exhibit(exhibit_of(pool_, queries_, reporter_));
  }

  void tell_notes() {
    reporter_.note("counts", {{"pool", pool_.ground.images.size()},
                              {"known_in_pool", known_in_pool_},
                              {"seed_set", pool_.seed.size()},
                              {"asked", oracle_.asked()},
                              {"filled_up_at_random", std::accumulate(filled_.begin(), filled_.end(), std::int64_t{0})},
                              {"test", pool_.test.size()}});
    Json asked = Json::array();  // [query][class of the data set]
    for (const auto& query : queries_) {
      std::vector<std::int64_t> counts(pool_.class_names.size(), 0);
      for (const auto id : query) ++counts[static_cast<std::size_t>(pool_.shown[static_cast<std::size_t>(id)])];
      asked.push_back(counts);
    }
    reporter_.note("asked_per_class", asked);
    if (!recorded_.empty()) reporter_.note("per_query", recorded_);
  }

  const Pool& pool_;
  const PoolBudget& budget_;
  const Job& job_;
  Reporter& reporter_;
  std::unique_ptr<Method> method_;
  PoolMethod* selects_;
  Frozen frozen_;
  LabelOracle oracle_;
  Examples known_;
  Ids unknown_, unlabelled_;
  std::int64_t known_in_pool_ = 0;
  bool own_training_ = false;
  double select_seconds_ = 0;
  std::vector<double> accuracy_, precisions_;  // accuracy in percent; precisions are shares
  std::vector<std::int64_t> filled_;
  std::vector<Ids> queries_;
  std::map<std::string, std::vector<double>> recorded_;
};

}  // namespace

void run_pool(const Images& images, const Job& job, Reporter& reporter) {
  const auto budget = read_pool_budget(job);
  const auto pool = make_pool(images, job, budget);
  PoolRun(pool, budget, job, reporter).go();
}

}  // namespace assay::open_set_al
