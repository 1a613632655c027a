#include "open-set-al/one_shot_query.hpp"

#include <chrono>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "open-set-al/oracle.hpp"

namespace assay::open_set_al {

namespace {

void check_weights(const OneShotPick& pick) {
  if (!pick.weights.empty() && pick.weights.size() != pick.ids.size()) {
    throw std::runtime_error("the method gave " + std::to_string(pick.weights.size()) + " weights for " +
                             std::to_string(pick.ids.size()) + " images");
  }
  for (const double weight : pick.weights) {
    if (std::isfinite(weight) && weight > 0) continue;
    throw std::runtime_error("the method gave an image the weight " + std::to_string(weight));
  }
}

}  // namespace

OneShotView make_one_shot_view(const OneShotProblem& problem, const std::vector<OneShotModel>& models,
                               const Streams& streams) {
  OneShotView view;
  view.size = static_cast<std::int64_t>(problem.unlabelled.size());
  view.streams = streams;
  const auto unlabelled = rows_of(problem.unlabelled), labelled = rows_of(problem.initial);
  for (const auto& model : models) {
    view.features.push_back(model.features.index_select(0, unlabelled));
    view.probabilities.push_back(model.probabilities.index_select(0, unlabelled));
    view.labelled_features.push_back(model.features.index_select(0, labelled));
  }
  return view;
}

OneShotAnswer ask(OneShotMethod& method, const OneShotView& view) {
  using Clock = std::chrono::steady_clock;
  const auto begun = Clock::now();
  auto pick = method.pick(view);
  const std::chrono::duration<double> taken = Clock::now() - begun;

  check_weights(pick);
  if (pick.weights.empty()) pick.weights.assign(pick.ids.size(), 1);
  Ids all(static_cast<std::size_t>(view.size));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  auto settled = settle(std::move(pick.ids), all, view.budget, view.streams.stream("fill"));
  pick.weights.resize(settled.ids.size(), 1);
  return {{std::move(settled.ids), std::move(pick.weights)}, settled.filled, taken.count()};
}

}  // namespace assay::open_set_al
