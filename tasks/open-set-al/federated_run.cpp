#include "open-set-al/federated_run.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>

#include "core/errors.hpp"
#include "learn/contributions.hpp"
#include "learn/scores.hpp"
#include "open-set-al/federated.hpp"
#include "open-set-al/federated_problem.hpp"
#include "open-set-al/oracle.hpp"
#include "open-set-al/rounds.hpp"

namespace assay::open_set_al {

namespace {

std::string sub_stream(const std::string& name, std::int64_t stage) { return name + "/" + std::to_string(stage); }

// Clients' labels over the stages.
class Clients {
 public:
  explicit Clients(const Federation& federation) : federation_(federation), oracle_(federation.labels, {}) {
    for (std::size_t k = 0; k < federation.owned.size(); ++k) {
      views_.push_back({{}, federation.owned[k]});
      answer(k, federation.first[k]);
    }
  }

  const std::vector<ClientView>& views() const { return views_; }

  void answer(std::size_t k, const Ids& asked) {
    auto& [labelled, unlabelled] = views_[k];
    for (const auto id : asked) {
      labelled.add(id, oracle_.ask(id));
      unlabelled.erase(std::lower_bound(unlabelled.begin(), unlabelled.end(), id));
    }
  }

  std::vector<Examples> labelled() const {
    std::vector<Examples> all;
    for (const auto& view : views_) all.push_back(view.labelled);
    return all;
  }

  std::vector<std::int64_t> counts() const {  // labels per class
    std::vector<std::int64_t> counts(static_cast<std::size_t>(federation_.classes));
    for (const auto& view : views_) {
      for (const auto label : view.labelled.labels) ++counts[static_cast<std::size_t>(label)];
    }
    return counts;
  }

 private:
  const Federation& federation_;
  LabelOracle oracle_;
  std::vector<ClientView> views_;
};

// The models of one stage. Names of streams as in the pool protocol: what a stage's global model is trained from is the
// same for every method; the clients' own models start from one common network.
class StageModels {
 public:
  StageModels(const Federation& federation, const FederatedSchedule& schedule, Streams streams, std::int64_t stage)
      : federation_(federation), schedule_(schedule), streams_(streams), stage_(stage) {}

  std::shared_ptr<learn::Headed> global(const std::vector<Examples>& clients) const {
    std::vector<TrainStreams> training;
    for (std::size_t k = 0; k < clients.size(); ++k) training.push_back(train_streams("", k));
    return average_federatedly(federation_.ground, federation_.classes, streams_.stream(sub_stream("init", stage_)),
                               clients, schedule_, std::move(training));
  }

  std::shared_ptr<learn::Headed> own(std::size_t k, const Examples& labelled) {
    auto& net = own_[k];
    if (!net) {
      net = federation_.ground.network({federation_.classes}, streams_.stream(sub_stream("init-aux", stage_)));
      train_alone(*net, federation_.ground, labelled, schedule_, train_streams("-aux", k));
    }
    return net;
  }

 private:
  TrainStreams train_streams(const std::string& suffix, std::size_t k) const {
    const auto end = "/" + std::to_string(k);
    return {streams_.stream(sub_stream("order" + suffix, stage_) + end),
            streams_.stream(sub_stream("augment" + suffix, stage_) + end)};
  }

  const Federation& federation_;
  const FederatedSchedule& schedule_;
  Streams streams_;
  std::int64_t stage_;
  std::map<std::size_t, std::shared_ptr<learn::Headed>> own_;
};

// Test scores, curves and notes of the stages.
class StageScorer {
 public:
  StageScorer(const Federation& federation, std::int64_t stages, Reporter& reporter)
      : federation_(federation),
        test_{federation.test, {}, federation.ground.device, federation.ground.body},
        stages_(stages),
        reporter_(reporter) {
    test_ids_.resize(static_cast<std::size_t>(federation.test.size()));
    std::iota(test_ids_.begin(), test_ids_.end(), std::int64_t{0});
  }

  void stage(learn::Headed& global, const std::vector<std::int64_t>& labelled) {
    logits_ = test_.outputs(global, test_ids_).logits.front();
    if (!logits_.isfinite().all().item<bool>()) throw NonFinite("a logit of the global model is not a finite number");
    accuracies_.push_back(learn::percent_equal(logits_.argmax(1), federation_.test_labels));
    labelled_.push_back(labelled);
    const auto count = std::accumulate(labelled.begin(), labelled.end(), std::int64_t{0});
    reporter_.epoch(static_cast<std::int64_t>(accuracies_.size()), stages_,
                    {{"accuracy", accuracies_.back()}, {"labelled", static_cast<double>(count)}});
  }

  void recorded(const std::string& name, double value) { recorded_[name].push_back(value); }

  void filled(std::int64_t stage, std::size_t client, std::int64_t count) {
    if (count > 0) filled_.push_back({{"stage", stage + 1}, {"client", client}, {"images", count}});
  }

  void finish(double select_seconds) {
    const auto right = logits_.argmax(1).eq(federation_.test_labels).to(torch::kFloat64) * 100;
    reporter_.metric("accuracy", accuracies_.back());
    reporter_.metric("aubc", area_under_budget_curve(accuracies_));
    reporter_.metric("class_imbalance", imbalance(labelled_.back()));
    reporter_.metric("rare_share", rare_share());
    reporter_.metric("select_seconds", select_seconds);
    learn::report_contributions(reporter_, "accuracy", values_of(right));
    const auto logits = logits_.contiguous();
    reporter_.digest({static_cast<const char*>(logits.const_data_ptr()), logits.nbytes()});
    reporter_.note("partition", federation_.counts);
    reporter_.note("labelled", labelled_);
    if (!recorded_.empty()) reporter_.note("per_query", recorded_);
    if (!filled_.empty()) reporter_.note("filled", filled_);
  }

 private:
  static double imbalance(const std::vector<std::int64_t>& counts) {
    const auto [fewest, most] = std::minmax_element(counts.begin(), counts.end());
    return static_cast<double>(*most) / static_cast<double>(std::max<std::int64_t>(*fewest, 1));
  }

  double rare_share() const {  // of the three classes with the fewest images
    std::vector<std::int64_t> images(static_cast<std::size_t>(federation_.classes));
    for (const auto label : federation_.labels) ++images[static_cast<std::size_t>(label)];
    std::vector<std::size_t> rarest(images.size());
    std::iota(rarest.begin(), rarest.end(), std::size_t{0});
    std::stable_sort(rarest.begin(), rarest.end(), [&](auto a, auto b) { return images[a] < images[b]; });
    rarest.resize(std::min<std::size_t>(rarest.size(), 3));
    std::int64_t all = 0, labelled = 0;
    for (const auto c : rarest) all += images[c], labelled += labelled_.back()[c];
    return 100 * static_cast<double>(labelled) / static_cast<double>(all);
  }

  const Federation& federation_;
  Ground test_;
  std::int64_t stages_;
  Reporter& reporter_;
  Ids test_ids_;
  torch::Tensor logits_;  // of the last stage's global model
  std::vector<double> accuracies_;
  std::vector<std::vector<std::int64_t>> labelled_;  // per stage and class
  std::map<std::string, std::vector<double>> recorded_;
  Json filled_ = Json::array();
};

// What the method asks for before the stage, made exactly the budget.
std::vector<Ids> settled(const std::vector<Ids>& answers, const FederatedView& view, StageScorer& scorer) {
  if (answers.size() != view.clients.size()) {
    throw std::runtime_error("the method answered for " + std::to_string(answers.size()) + " clients of " +
                             std::to_string(view.clients.size()));
  }
  std::vector<Ids> asked;
  for (std::size_t k = 0; k < answers.size(); ++k) {
    auto selection = settle(answers[k], view.clients[k].unlabelled, view.budget,
                            view.streams.stream(sub_stream("fill", view.stage) + "/" + std::to_string(k)));
    scorer.filled(view.stage, k, selection.filled);
    asked.push_back(std::move(selection.ids));
  }
  return asked;
}

}  // namespace

void run_federated(const Images& images, const Job& job, Reporter& reporter) {
  const auto made = Methods<Method>::make(job.method, job.parameters);
  auto* method = dynamic_cast<FederatedMethod*>(made.get());
  if (!method) {
    throw DeclarationError({"method " + job.method + " does not play this protocol", "setting " + job.setting,
                            "a method of the federated protocol", job.method, "see bench list methods"});
  }
  run_stages(images, job, *method, reporter);
}

void run_stages(const Images& images, const Job& job, FederatedMethod& method, Reporter& reporter) {
  const auto budget = read_federated_budget(job);
  const auto federation = make_federation(images, job, budget);
  Clients clients(federation);
  StageScorer scorer(federation, budget.stages, reporter);
  double select_seconds = 0;
  for (std::int64_t stage = 0; stage < budget.stages; ++stage) {
    StageModels models(federation, budget.schedule, job.streams(), stage);
    const auto global = models.global(clients.labelled());
    scorer.stage(*global, clients.counts());
    if (stage + 1 == budget.stages) break;

    FederatedView view;
    view.ground = &federation.ground;
    view.classes = federation.classes;
    view.stage = stage + 1;
    view.stages = budget.stages;
    view.budget = federation.per_stage;
    view.clients = clients.views();
    view.global = global;
    view.local = [&](std::size_t k) { return models.own(k, view.clients.at(k).labelled); };
    view.streams = job.streams();
    view.record = [&](const std::string& name, double value) { scorer.recorded(name, value); };
    const auto begun = std::chrono::steady_clock::now();
    const auto answers = method.query(view);
    select_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    const auto asked = settled(answers, view, scorer);
    for (std::size_t k = 0; k < asked.size(); ++k) clients.answer(k, asked[k]);
  }
  scorer.finish(select_seconds);
}

}  // namespace assay::open_set_al
