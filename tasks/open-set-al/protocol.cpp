#include "open-set-al/protocol.hpp"

#include <algorithm>

#include "learn/ranking.hpp"
#include "open-set-al/run.hpp"

namespace assay::open_set_al {

const std::vector<std::int64_t>& Privileged::pool_labels() const {
  granted_.need("pool_labels");
  return *labels_;
}

Examples PoolView::labelled() const {
  auto all = known;
  all.ids.insert(all.ids.end(), unknown.begin(), unknown.end());
  all.labels.resize(all.ids.size(), known_classes);
  return all;
}

Stream PoolView::stream(const std::string& name, std::int64_t i) const {
  for (const auto* own : {"init", "order", "augment", "init-aux", "order-aux", "augment-aux", "method"}) {
    if (name == own) return streams.stream(name + "/" + std::to_string(round) + "/" + std::to_string(i));
  }
  throw std::logic_error("the stream " + name + " belongs to the protocol");
}

TrainStreams PoolView::train_streams(std::int64_t i) const { return {stream("order", i), stream("augment", i)}; }

TrainStreams PoolView::aux_train_streams(std::int64_t i) const {
  return {stream("order-aux", i), stream("augment-aux", i)};
}

Fit answer_of_head(std::shared_ptr<learn::Headed> net, std::size_t head) {
  return {net, [net, head](const torch::Tensor& x) {
            net->eval();
            return net->forward(x).logits.at(head);
          }};
}

Ids best_of(const RoundView& view, const std::vector<double>& score) {
  Ids chosen;
  for (const auto row : learn::top(score, static_cast<std::size_t>(view.budget))) {
    chosen.push_back(view.unlabelled[static_cast<std::size_t>(row)]);
  }
  return chosen;
}

std::vector<double> values_of(const torch::Tensor& scores) {
  const auto values = scores.to(torch::kCPU, torch::kFloat64).contiguous();
  return {values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel()};
}

torch::Tensor rows_of(const Ids& ids) { return torch::tensor(ids, torch::kInt64); }

std::shared_ptr<learn::Headed> train_detector(const RoundView& view, const BatchLoss& loss) {
  auto net = view.ground->network({view.known_classes + 1}, view.stream("init-aux"));
  train(*net, *view.ground, view.labelled(), view.schedule, view.aux_train_streams(), loss);
  return net;
}

namespace {

// Here and not in run.cpp, so that the code fingerprint of every method, which follows includes, covers the whole task.
const RegisterTask open_set_al_registered{Method::kTask, run};

}  // namespace

}  // namespace assay::open_set_al
