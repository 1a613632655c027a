#include "crack-detection/teacher.hpp"

#include "data/artefacts.hpp"

namespace assay::cracks {

namespace {

constexpr double kAuxiliaryWeight = 0.4;

struct Unrecorded final : Recorder {
  void checkpoint(std::int64_t, std::int64_t, const Predictor&, double) override {}
};

void train_teacher(View view, learn::UNet& net) {
  Unrecorded unrecorded;
  view.record = &unrecorded;
  view.streams = Streams(static_cast<std::int64_t>(view.streams.seed_of("teacher")));
  const auto network = network_of(view, net);
  train(view, {.network = network, .loss = [](const Maps& maps, const Batch& batch) {
                 return mean_bce(maps[1], batch.y) + kAuxiliaryWeight * mean_bce(maps[0], batch.y);
               }});
}

}  // namespace

learn::UNet obtain_teacher(const View& view, const Job& job) {
  Json data = Json::array();
  for (const auto& file : job.files) data.push_back(file.sha256);
  const Json recipe{{"kind", "crack-teacher"},
                    {"provenance", job.provenance},
                    {"seed", job.seed},
                    {"dataset", job.dataset},
                    {"data", data},
                    {"budget", job.budget},
                    {"setting", job.setting_parameters}};
  learn::UNet net(view.widths, /*auxiliary=*/true);
  const auto folder = ArtefactCache(job.artefacts).obtain(recipe, [&](const std::filesystem::path& made) {
    train_teacher(view, net);
    torch::save(net, (made / "weights.pt").string());
  });
  torch::load(net, (folder / "weights.pt").string(), view.device);  // always, so that its maker sees the same bits
  for (auto& weight : net->parameters()) weight.requires_grad_(false);
  net->eval();
  return net;
}

}  // namespace assay::cracks
