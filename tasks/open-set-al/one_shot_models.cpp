#include "open-set-al/one_shot_models.hpp"

#include <numeric>

#include "data/artefacts.hpp"
#include "learn/registry.hpp"
#include "open-set-al/pool.hpp"

namespace assay::open_set_al {

namespace {

Ids all_of(const learn::ImageSet& images) {
  Ids ids(static_cast<std::size_t>(images.size()));
  std::iota(ids.begin(), ids.end(), std::int64_t{0});
  return ids;
}

torch::Tensor with_ones(const torch::Tensor& z) { return torch::cat({z, torch::ones({z.size(0), 1})}, 1); }

OneShotModel train_model(const OneShotProblem& problem, const Job& job, std::size_t number) {
  Ground ground{problem.pool, problem.augmentation, torch::Device(job.device),
                "c5c3-64-w" + std::to_string(problem.budget.widths[number])};
  Examples examples{problem.initial, {}};
  for (const auto id : examples.ids) examples.labels.push_back(problem.labels[static_cast<std::size_t>(id)]);

  const auto stream = [&](const char* name) {
    return job.streams().of_method(name, static_cast<std::int64_t>(number));
  };
  const auto net = ground.network({problem.classes}, stream("init"));
  train(*net, ground, examples, problem.budget.schedule, {stream("order"), stream("augment")});

  const auto of_pool = ground.outputs(*net, all_of(ground.images));
  ground.images = problem.test;
  const auto of_test = ground.outputs(*net, all_of(ground.images));
  return {with_ones(of_pool.z), of_pool.logits.front().softmax(1), with_ones(of_test.z)};
}

// Everything that the models depend on, and no more: other budgets or another ridge keep them.
Json recipe_of(const Job& job) {
  Json data = Json::array();
  for (const auto& file : job.files) data.push_back(file.sha256);
  auto budget = job.budget;
  for (const auto* of_the_heads : {"budgets", "ridge"}) budget.erase(of_the_heads);
  return {{"kind", "one-shot-models"},
          {"provenance", job.provenance},
          {"seed", job.seed},
          {"dataset", job.dataset},
          {"data", data},
          {"budget", budget},
          {"setting", job.setting_parameters}};
}

}  // namespace

std::vector<OneShotModel> obtain_one_shot_models(const OneShotProblem& problem, const Job& job) {
  const auto folder = ArtefactCache(job.artefacts).obtain(recipe_of(job), [&](const std::filesystem::path& made) {
    std::vector<torch::Tensor> parts;
    for (std::size_t number = 0; number < problem.budget.widths.size(); ++number) {
      const auto model = train_model(problem, job, number);
      parts.insert(parts.end(), {model.features, model.probabilities, model.test});
    }
    torch::save(parts, (made / "models.pt").string());
  });
  std::vector<torch::Tensor> parts;
  torch::load(parts, (folder / "models.pt").string());
  std::vector<OneShotModel> models;
  for (std::size_t i = 0; i + 2 < parts.size(); i += 3) models.push_back({parts[i], parts[i + 1], parts[i + 2]});
  for (const auto& part : parts) {
    if (!part.isfinite().all().item<bool>()) throw NonFinite("an output of a model is not a finite number");
  }
  return models;
}

}  // namespace assay::open_set_al
