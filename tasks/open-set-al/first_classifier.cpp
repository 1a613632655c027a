#include "open-set-al/first_classifier.hpp"

#include "data/artefacts.hpp"

namespace assay::open_set_al {

namespace {

// Everything that it depends on, and no more: other queries keep it.
Json recipe_of(const Job& job) {
  Json data = Json::array();
  for (const auto& file : job.files) data.push_back(file.sha256);
  auto budget = job.budget;
  for (const auto* of_later :
       {"budget", "rounds", "final_repeats", "features", "contrastive_steps", "test_per_class"}) {
    budget.erase(of_later);
  }
  return {{"kind", "open-set-first-classifier"},
          {"provenance", job.provenance},
          {"seed", job.seed},
          {"dataset", job.dataset},
          {"data", data},
          {"budget", budget},
          {"setting", job.setting_parameters}};
}

}  // namespace

std::shared_ptr<learn::Headed> obtain_first_classifier(const Pool& pool, const Job& job,
                                                       const std::function<std::shared_ptr<learn::Headed>()>& train) {
  constexpr const char* kWeights = "weights.pt";
  const auto folder = ArtefactCache(job.artefacts).obtain(recipe_of(job), [&](const std::filesystem::path& made) {
    torch::save(train(), (made / kWeights).string());
  });
  auto net = pool.ground.network({pool.known_classes}, job.streams().stream("init"));  // whose weights are replaced
  torch::load(net, (folder / kWeights).string(), pool.ground.device);
  return net;
}

}  // namespace assay::open_set_al
