#include "open-set-al/feature_spaces.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/errors.hpp"
#include "data/artefacts.hpp"
#include "learn/contrastive.hpp"
#include "learn/hog.hpp"

namespace assay::open_set_al {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNeighbours = 10;
// One seed for all runs: the feature space belongs to the pool, not to a run.
constexpr std::int64_t kContrastiveSeed = 0;

void save_tensor(const torch::Tensor& tensor, const fs::path& file) { torch::save(tensor.contiguous(), file.string()); }

torch::Tensor load_tensor(const fs::path& file) {
  torch::Tensor tensor;
  torch::load(tensor, file.string());
  return tensor;
}

// What is fitted on a pool, and what it makes of the pool's images turned by some quarters.
class Space {
 public:
  virtual ~Space() = default;
  virtual Json recipe() const = 0;
  virtual void fit(const Ground& ground, const fs::path& folder) const = 0;  // writes into the folder
  virtual torch::Tensor rows(const Ground& ground, const fs::path& folder, int quarters) const = 0;
};

class HogSpace final : public Space {
 public:
  explicit HogSpace(std::int64_t dimension) : dimension_(dimension) {}

  Json recipe() const override { return {{"kind", "hog"}, {"dimension", dimension_}}; }

  void fit(const Ground& ground, const fs::path& folder) const override {
    const auto fitted = learn::principal_axes(learn::oriented_histograms(ground.images.pixels()), dimension_);
    save_tensor(fitted.mean, folder / kMean);
    save_tensor(fitted.axes, folder / kAxes);
  }

  torch::Tensor rows(const Ground& ground, const fs::path& folder, int quarters) const override {
    const learn::PrincipalAxes fitted{load_tensor(folder / kMean), load_tensor(folder / kAxes)};
    return fitted.scores(learn::oriented_histograms(torch::rot90(ground.images.pixels(), quarters, {2, 3})));
  }

 private:
  static constexpr const char *kMean = "mean.pt", *kAxes = "axes.pt";

  std::int64_t dimension_;
};

class SimclrSpace final : public Space {
 public:
  SimclrSpace(std::string body, std::int64_t steps) : body_(std::move(body)) { contrastive_.steps = steps; }

  Json recipe() const override {
    return {{"kind", "simclr"},
            {"body", body_},
            {"seed", kContrastiveSeed},
            {"steps", contrastive_.steps},
            {"batch", contrastive_.batch},
            {"projection", contrastive_.projection},
            {"learning_rate", contrastive_.learning_rate},
            {"weight_decay", contrastive_.weight_decay},
            {"temperature", contrastive_.temperature}};
  }

  void fit(const Ground& ground, const fs::path& folder) const override {
    const auto encoder =
        learn::train_contrastive(ground.images, body_, contrastive_, Streams(kContrastiveSeed), ground.device);
    torch::save(encoder, (folder / kEncoder).string());
  }

  torch::Tensor rows(const Ground& ground, const fs::path& folder, int quarters) const override {
    torch::NoGradGuard no_grad;
    auto encoder = learn::make_body(body_, ground.images.shape());
    torch::load(encoder, (folder / kEncoder).string());
    encoder->to(ground.device);
    encoder->eval();
    std::vector<torch::Tensor> blocks;
    for (std::int64_t from = 0; from < ground.images.size(); from += kBlock) {
      const auto x = ground.images.plain(from, std::min(from + kBlock, ground.images.size()));
      blocks.push_back(encoder->forward(torch::rot90(x, quarters, {2, 3}).to(ground.device)).cpu());
    }
    return torch::cat(blocks);
  }

 private:
  static constexpr std::int64_t kBlock = 500;
  static constexpr const char* kEncoder = "encoder.pt";

  std::string body_;
  learn::ContrastiveRecipe contrastive_;
};

std::unique_ptr<Space> space_of(const Ground& ground, const std::string& kind, std::int64_t dimension,
                                std::int64_t contrastive_steps) {
  if (kind == "hog") return std::make_unique<HogSpace>(dimension);
  if (kind == "simclr") return std::make_unique<SimclrSpace>(ground.body, contrastive_steps);
  throw DeclarationError({"unknown feature space", "budget", "hog or simclr", "\"" + kind + "\"", ""});
}

// The artefacts of one space: what is fitted, the features, those of turned images, the neighbours. Each is loaded from its
// files even where it was made a moment ago, so that its maker sees the same bits as all others.
class Spaces {
 public:
  Spaces(const Job& job, const Ground& ground, std::unique_ptr<Space> space, const Json& pool_recipe)
      : cache_(job.artefacts), ground_(ground), space_(std::move(space)) {
    Json data = Json::array();
    for (const auto& file : job.files) data.push_back(file.sha256);
    recipe_ = {{"kind", "open-set-features"}, {"provenance", job.provenance}, {"dataset", job.dataset}, {"data", data},
               {"pool", pool_recipe},         {"space", space_->recipe()}};
  }

  torch::Tensor make(const std::string& name) const {
    if (name == "features" || name == "turned-0") return features(0);
    for (const int quarters : {1, 2, 3}) {
      if (name == "turned-" + std::to_string(quarters)) return features(quarters);
    }
    if (name == "neighbours-index") return load_tensor(neighbours() / kIndex);
    if (name == "neighbours-distance") return load_tensor(neighbours() / kDistance);
    throw std::logic_error("no feature space has \"" + name + "\"");
  }

 private:
  static constexpr const char *kRows = "rows.pt", *kIndex = "index.pt", *kDistance = "distance.pt";

  fs::path obtain(const std::string& name, const std::function<void(const fs::path&)>& make) const {
    auto recipe = recipe_;
    recipe["name"] = name;
    return cache_.obtain(recipe, make);
  }

  torch::Tensor features(int quarters) const {
    const auto name = quarters == 0 ? std::string("features") : "turned-" + std::to_string(quarters);
    const auto folder = obtain(name, [&](const fs::path& made) {
      const auto fitted = obtain("space", [&](const fs::path& to) { space_->fit(ground_, to); });
      save_tensor(learn::normalised(space_->rows(ground_, fitted, quarters)).to(torch::kFloat32), made / kRows);
    });
    return load_tensor(folder / kRows);
  }

  fs::path neighbours() const {
    return obtain("neighbours", [&](const fs::path& made) {
      const auto rows = features(0);
      const auto nearest = learn::nearest_by_l1(rows, std::min(kNeighbours, rows.size(0) - 1));
      save_tensor(nearest.index, made / kIndex);
      save_tensor(nearest.distance, made / kDistance);
    });
  }

  ArtefactCache cache_;
  Ground ground_;
  std::unique_ptr<Space> space_;
  Json recipe_;
};

}  // namespace

Frozen make_frozen(const Job& job, const Ground& ground, const std::string& kind, std::int64_t dimension,
                   const Json& pool_recipe, std::int64_t contrastive_steps) {
  const auto spaces =
      std::make_shared<const Spaces>(job, ground, space_of(ground, kind, dimension, contrastive_steps), pool_recipe);
  return Frozen([spaces](const std::string& name) { return spaces->make(name); });
}

}  // namespace assay::open_set_al
