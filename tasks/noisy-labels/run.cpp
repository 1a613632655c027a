// Runs one job of the task: problem, view, method, report.
#include "noisy-labels/run.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "learn/determinism.hpp"
#include "noisy-labels/problem.hpp"
#include "noisy-labels/protocol.hpp"
#include "noisy-labels/scorer.hpp"

namespace assay::noisy_labels {

namespace {

View make_view(const Problem& problem, const Job& job, const Budget& budget) {
  View view;
  view.images = problem.train;
  view.labels = problem.given;
  view.validation = problem.validation;
  view.validation_labels = problem.validation_given;
  view.classes = static_cast<std::int64_t>(problem.classes.size());
  view.augmentation = problem.augmentation;
  view.recipe = budget.recipe;
  view.network_id = budget.network;
  view.device = torch::Device(job.device);
  view.privileged = {job.privileged, problem.corruption.expected_rate, problem.clean};
  view.work = std::make_shared<learn::Work>();
  view.streams = job.streams();
  return view;
}

// Seconds of one plain SGD step on this machine now: a scratch network on the same data, from streams of its own.
double sgd_step_seconds(View view) {
  constexpr std::int64_t kUntimed = 2, kTimed = 8;
  view.streams = Streams(view.streams.seed() + 1);
  view.work = std::make_shared<learn::Work>();
  const auto net = view.network();
  learn::PlainRule rule(*net, view.recipe);
  auto loader = view.loader();
  const learn::Score score = [&](const Batch& batch) {
    return learn::Scored{cross_entropy(net->forward(batch.x).logits, batch), {}};
  };
  auto begun = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < kUntimed + kTimed; ++i) {
    if (i == kUntimed) begun = std::chrono::steady_clock::now();
    rule.step(score, loader.next(), {0, 0, 1, view.recipe.learning_rate});
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count() / kTimed;
}

}  // namespace

void run(const Job& job, Reporter& reporter) {
  std::map<std::string, std::filesystem::path> files;
  std::map<std::string, std::string> checksums;
  for (const auto& file : job.files) {
    files[file.name] = file.path;
    checksums[file.name] = file.sha256;
  }
  auto images = load_images(job.reader, files, checksums, ArtefactCache(job.artefacts));
  if (!job.classes.empty()) images.class_names = job.classes;
  run_on(images, job, reporter);
}

void run_on(const Images& images, const Job& job, Reporter& reporter) {
  learn::keep_freed_memory();
  const auto budget = read_budget(job.budget);
  const auto problem = make_problem(images, job, budget);
  const auto method = Methods<Method>::make(job.method, job.parameters);
  auto view = make_view(problem, job, budget);
  const double step_before = sgd_step_seconds(view);

  Scorer scorer(problem, view.device, *view.work, reporter);
  view.record = &scorer;
  const auto fit = method->fit(view);
  const double seconds = scorer.seconds();
  scorer.finish(fit, job);

  // In units of the recipe's plain SGD: the same number of epochs and steps, one pass each.
  const auto sgd_steps = static_cast<double>(budget.recipe.epochs * (budget.train / budget.recipe.batch));
  const double sgd_step = (step_before + sgd_step_seconds(view)) / 2;
  reporter.metric("train_seconds", seconds);
  reporter.metric("passes", view.work->passes() / (sgd_steps * static_cast<double>(budget.recipe.batch)));
  reporter.metric("seconds_per_step", seconds / sgd_steps / sgd_step);
}

}  // namespace assay::noisy_labels
