#include "ssl-multi-label/warm_up.hpp"

#include <cmath>

#include "data/artefacts.hpp"

namespace assay::ssl_multi_label {

namespace {

constexpr const char* kWeights = "weights.pt";

// Streams of its own, so that what follows does not repeat the warm-up's draws.
Streams warm_streams(const View& view) { return Streams(static_cast<std::int64_t>(view.streams.seed_of("warm-up"))); }

using LossOfRows = std::function<torch::Tensor(const Rows& rows, const torch::Tensor& y)>;

void train_on_labelled(const View& view, torch::nn::Module& module, const LossOfRows& loss_of_rows) {
  const auto& schedule = view.schedule;
  const auto images = static_cast<std::int64_t>(view.labelled.size());
  const auto steps = schedule.warm_epochs * (images / schedule.warm_batch);  // the last incomplete batch is dropped
  learn::OneCycleAdam optimiser(module.parameters(), schedule.recipe(steps));
  auto order = warm_streams(view).of_method("order", 0);
  module.train();
  for (std::int64_t epoch = 0; epoch < schedule.warm_epochs; ++epoch) {
    const auto dealt = order.permutation(images);
    for (auto from = dealt.begin(); dealt.end() - from >= schedule.warm_batch; from += schedule.warm_batch) {
      const Rows positions(from, from + schedule.warm_batch);
      Rows rows;
      for (const auto position : positions) rows.push_back(view.labelled.at(static_cast<std::size_t>(position)));
      const auto y = view.labels.index_select(0, torch::tensor(positions)).to(view.device);
      const auto loss = loss_of_rows(rows, y);
      if (!std::isfinite(loss.item<double>())) throw NonFinite("a loss of the warm-up is not a finite number");
      optimiser.zero_grad();
      loss.backward();
      optimiser.step();
    }
  }
}

Json recipe_of(const Job& job, const std::string& kind) {
  Json data = Json::array();
  for (const auto& file : job.files) data.push_back(file.sha256);
  Json setting = job.setting_parameters, budget = job.budget;
  for (const auto* other : {"empty_class_ap", "empty_precision"}) setting.erase(other);
  for (const auto* later : {"test", "epochs", "steps", "labelled", "unlabelled", "average", "anneal"}) {
    budget.erase(later);
  }
  return {{"kind", kind}, {"provenance", job.provenance}, {"seed", job.seed}, {"dataset", job.dataset},
          {"data", data}, {"setting", setting},           {"budget", budget}};
}

// Fills `net` with what `train` makes of it, or with what an earlier run kept.
template <typename Net, typename Train>
void obtain(std::shared_ptr<Net>& net, const View& view, const Job& job, const std::string& kind, const Train& train) {
  net->to(view.device);
  const auto folder = ArtefactCache(job.artefacts).obtain(recipe_of(job, kind), [&](const std::filesystem::path& made) {
    train();
    torch::save(net, (made / kWeights).string());
  });
  torch::load(net, (folder / kWeights).string(),
              view.device);  // always, so that its maker sees the same bits
}

}  // namespace

std::shared_ptr<learn::LabelNet> warm_net(const View& view, const Network& network, const Job& job) {
  const auto streams = warm_streams(view);
  auto net = new_net(network, view, streams.of_method("init", 0));
  obtain(net, view, job, "ssl-multi-label-warm-up", [&] {
    auto augment = streams.of_method("augment", 0);
    train_on_labelled(view, *net, [&](const Rows& rows, const torch::Tensor& y) {
      return view.loss(net->forward(view.images.strong(rows, augment)).z, y);
    });
  });
  return net;
}

std::shared_ptr<DualNet> warm_dual_net(const View& view, const Network& network, const Job& job) {
  const auto streams = warm_streams(view);
  auto whole = new_net(network, view, streams.of_method("init", 0));
  const auto embedding = learn::tap_sizes(*whole, view.shape).embedding;
  auto net = std::make_shared<DualNet>(whole, view.classes, embedding, streams.of_method("init", 1));
  obtain(net, view, job, "ssl-multi-label-dual-warm-up", [&] {
    auto augment = streams.of_method("augment", 0), augment_patches = streams.of_method("augment", 1);
    train_on_labelled(view, *net, [&](const Rows& rows, const torch::Tensor& y) {
      const auto image = view.loss(net->net->forward(view.images.strong(rows, augment)).z, y);
      const auto patch = net->embeddings(view.images.strong_patches(rows, augment_patches));
      return image + view.loss(joint_of(net->h2, patch), y);
    });
    net->copy_labelled_heads();
  });
  return net;
}

}  // namespace assay::ssl_multi_label
