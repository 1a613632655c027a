#include "multi-label-kd/teacher.hpp"

#include "data/artefacts.hpp"
#include "multi-label-kd/views.hpp"

namespace assay::multi_label_kd {

namespace {

constexpr double kAuxiliaryWeight = 0.4;
constexpr std::int64_t kChunk = 100;  // images of a forward without gradient

constexpr const char *kWeights = "weights.pt", *kOutputs = "outputs.pt", *kMaps = "maps.pt";

struct Unrecorded final : Recorder {
  void epoch(std::int64_t, std::int64_t, const Predictor&, const Losses&) override {}
};

void train_teacher(View view, const Budget& budget, std::shared_ptr<learn::LabelNet> net) {
  Unrecorded unrecorded;
  view.record = &unrecorded;
  view.schedule = schedule_of(budget, view.train->size(), budget.teacher_epochs, budget.teacher_stop);
  train(view,
        {.student = std::move(net), .taught = false, .loss = [](const Batch& batch, const Taps& own, const Taps&) {
           return Losses{bce(own.z, batch.y) + kAuxiliaryWeight * bce(own.z_aux, batch.y), {}};
         }});
}

// What is said about all images, plain ones first, then mirrored: each [2 * images, ...].
struct Said {
  torch::Tensor z, z_aux, g, e;  // float
  torch::Tensor t1, f;           // half
};

Said ask_everything(learn::LabelNet& net, const View& view) {
  torch::NoGradGuard no_grad;
  std::vector<Taps> parts;
  for (const bool mirror : {false, true}) {
    for (std::int64_t from = 0; from < view.train->size(); from += kChunk) {
      const auto x = multi_label::plain(view.train->pixels.slice(0, from, from + kChunk), view.normalisation);
      parts.push_back(net.forward((mirror ? x.flip({3}) : x).to(view.device)));
    }
  }
  const auto all = [&](torch::Tensor Taps::*tap, torch::ScalarType type) {
    std::vector<torch::Tensor> pieces;
    for (const auto& part : parts) pieces.push_back((part.*tap).to(torch::kCPU, type));
    return torch::cat(pieces);
  };
  return {all(&Taps::z, torch::kFloat), all(&Taps::z_aux, torch::kFloat), all(&Taps::g, torch::kFloat),
          all(&Taps::e, torch::kFloat), all(&Taps::t1, torch::kHalf),     all(&Taps::f, torch::kHalf)};
}

void keep(const Said& said, const std::filesystem::path& folder) {
  torch::save(std::vector<torch::Tensor>{said.z, said.z_aux, said.g, said.e}, (folder / kOutputs).string());
  torch::save(std::vector<torch::Tensor>{said.t1, said.f}, (folder / kMaps).string());
}

class Frozen final : public Teacher {
 public:
  Frozen(std::shared_ptr<learn::LabelNet> net, const View& view)
      : net_(std::move(net)), sizes_(learn::tap_sizes(*net_, view.shape)), device_(view.device) {}

  torch::Tensor logits(const torch::Tensor& x) const override {
    torch::NoGradGuard no_grad;
    return net_->forward(x).z;
  }
  const learn::TapSizes& sizes() const override { return sizes_; }

  Taps of(const Batch& batch, bool maps) const override {
    if (folder_.empty()) {
      torch::NoGradGuard no_grad;
      return net_->forward(batch.x);
    }
    const auto rows = batch.index + batch.mirrored * images_;
    const auto pick = [&](const torch::Tensor& all) { return all.index_select(0, rows).to(device_, torch::kFloat); };
    Taps taps;
    taps.z = pick(said_.z), taps.z_aux = pick(said_.z_aux), taps.g = pick(said_.g), taps.e = pick(said_.e);
    if (!maps) return taps;
    if (!said_.t1.defined()) read_maps();
    taps.t1 = pick(said_.t1), taps.f = pick(said_.f);
    return taps;
  }

  void read_outputs(const std::filesystem::path& folder, std::int64_t images) {
    std::vector<torch::Tensor> kept;
    torch::load(kept, (folder / kOutputs).string());
    said_.z = kept.at(0), said_.z_aux = kept.at(1), said_.g = kept.at(2), said_.e = kept.at(3);
    folder_ = folder;
    images_ = images;
  }

 private:
  void read_maps() const {
    std::vector<torch::Tensor> kept;
    torch::load(kept, (folder_ / kMaps).string());
    said_.t1 = kept.at(0), said_.f = kept.at(1);
  }

  std::shared_ptr<learn::LabelNet> net_;
  learn::TapSizes sizes_;
  torch::Device device_;
  std::filesystem::path folder_;  // of what was kept; empty: nothing is
  std::int64_t images_ = 0;
  mutable Said said_;  // maps are read when a method first asks for them
};

Json recipe_of(const Job& job) {
  Json files = Json::array();
  for (const auto& file : job.files) files.push_back(file.sha256);
  Json setting = job.setting_parameters, budget = job.budget;
  for (const auto* other : {"student", "empty_class_ap", "empty_precision"}) setting.erase(other);
  for (const auto* other : {"test", "epochs"}) budget.erase(other);
  return {{"kind", "multi-label-teacher"},
          {"provenance", job.provenance},
          {"seed", job.seed},
          {"dataset", job.dataset},
          {"data", files},
          {"setting", setting},
          {"budget", budget}};
}

}  // namespace

std::unique_ptr<Teacher> obtain_teacher(const View& view, const multi_label::LabelledData& data, const Setting& setting,
                                        const Budget& budget, const Job& job) {
  View own = view;
  own.streams = Streams(static_cast<std::int64_t>(view.streams.seed_of("teacher")));
  auto net = new_network(setting.teacher, data, job, setting.pretrained, /*auxiliary=*/true, own.stream("init"));
  const auto folder = ArtefactCache(job.artefacts).obtain(recipe_of(job), [&](const std::filesystem::path& made) {
    train_teacher(own, budget, net);
    torch::save(net, (made / kWeights).string());
    net->eval();
    if (!setting.colour_views) keep(ask_everything(*net, own), made);
  });
  torch::load(net, (folder / kWeights).string(), view.device);  // always, so that its maker sees the same bits
  for (auto& weight : net->parameters()) weight.requires_grad_(false);
  net->to(view.device);
  net->eval();
  auto teacher = std::make_unique<Frozen>(net, view);
  if (!setting.colour_views) teacher->read_outputs(folder, view.train->size());
  return teacher;
}

}  // namespace assay::multi_label_kd
