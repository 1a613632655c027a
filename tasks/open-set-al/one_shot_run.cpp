#include "open-set-al/one_shot_run.hpp"

#include <algorithm>
#include <map>

#include "core/errors.hpp"
#include "learn/contributions.hpp"
#include "open-set-al/one_shot_heads.hpp"
#include "open-set-al/one_shot_query.hpp"

namespace assay::open_set_al {

namespace {

Ids positions_in_pool(const OneShotProblem& problem, const Ids& unlabelled) {
  Ids positions;
  for (const auto id : unlabelled) positions.push_back(problem.unlabelled[static_cast<std::size_t>(id)]);
  return positions;
}

// The images labelled at first, with weight 1, and those asked for.
WeightedRows labelled_rows(const OneShotProblem& problem, const Ids& asked, const std::vector<double>& weights) {
  WeightedRows rows{problem.initial, std::vector<double>(problem.initial.size(), 1)};
  rows.ids.insert(rows.ids.end(), asked.begin(), asked.end());
  rows.weights.insert(rows.weights.end(), weights.begin(), weights.end());
  return rows;
}

std::vector<std::int64_t> class_counts(const OneShotProblem& problem, const Ids& ids) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(problem.classes), 0);
  for (const auto id : ids) ++counts[static_cast<std::size_t>(problem.labels[static_cast<std::size_t>(id)])];
  return counts;
}

double imbalance(const std::vector<std::int64_t>& counts) {
  const auto [fewest, most] = std::minmax_element(counts.begin(), counts.end());
  return static_cast<double>(*most) / static_cast<double>(std::max<std::int64_t>(*fewest, 1));
}

void digest(const std::vector<torch::Tensor>& outputs, Reporter& reporter) {
  for (const auto& output : outputs) {
    const auto packed = output.contiguous();
    reporter.digest({reinterpret_cast<const char*>(packed.const_data_ptr<double>()), packed.nbytes()});
  }
}

}  // namespace

void run_one_shot_with(OneShotMethod& method, const OneShotProblem& problem, const std::vector<OneShotModel>& models,
                       const Streams& streams, Reporter& reporter) {
  std::map<std::string, std::vector<double>> recorded;
  auto view = make_one_shot_view(problem, models, streams);
  view.record = [&](const std::string& name, double value) { recorded[name].push_back(value); };

  const auto& budgets = problem.budget.budgets;
  Json asked_per_class = Json::array();  // [budget][class]
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    view.budget = budgets[i];
    const auto answer = ask(method, view);
    const auto asked = positions_in_pool(problem, answer.pick.ids);
    const auto rows = labelled_rows(problem, asked, answer.pick.weights);
    const auto scores = fit_heads(problem, models, rows);
    asked_per_class.push_back(class_counts(problem, asked));
    digest(scores.outputs, reporter);
    reporter.epoch(static_cast<std::int64_t>(i) + 1, static_cast<std::int64_t>(budgets.size()),
                   {{"accuracy", scores.accuracy}, {"mse", scores.mse}});
    if (i + 1 < budgets.size()) continue;

    reporter.metric("accuracy", scores.accuracy);
    reporter.metric("mse", scores.mse);
    reporter.metric("class_imbalance", imbalance(class_counts(problem, rows.ids)));
    reporter.metric("select_seconds", answer.seconds);
    learn::report_contributions(reporter, "accuracy", scores.right);
    reporter.note("counts", {{"pool", problem.pool.size()},
                             {"seed_set", problem.initial.size()},
                             {"asked", asked.size()},
                             {"filled_up_at_random", answer.filled},
                             {"test", problem.test.size()}});
  }
  reporter.note("asked_per_class", asked_per_class);
  if (!recorded.empty()) reporter.note("per_query", recorded);
}

void run_one_shot(const Images& images, const Job& job, Reporter& reporter) {
  const auto problem = make_one_shot_problem(images, job);
  const auto method = Methods<Method>::make(job.method, job.parameters);
  auto* one_shot = dynamic_cast<OneShotMethod*>(method.get());
  if (one_shot == nullptr) {
    throw DeclarationError({"method " + job.method + " does not play this protocol", "setting " + job.setting,
                            "a method of the one-shot protocol", job.method, "see bench list methods"});
  }
  run_one_shot_with(*one_shot, problem, obtain_one_shot_models(problem, job), job.streams(), reporter);
}

}  // namespace assay::open_set_al
