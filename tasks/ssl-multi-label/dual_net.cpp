#include "ssl-multi-label/dual_net.hpp"

#include "ssl-multi-label/views.hpp"

namespace assay::ssl_multi_label {

void start_head(learn::LabelHead& head, std::int64_t embedding, Stream& init) {
  head->initialise(2 / static_cast<double>(embedding), /*bias=*/-1, init);
}

torch::Tensor joint(const torch::Tensor& patch_logits) { return (patch_logits.softmax(1) * patch_logits).sum(1); }

torch::Tensor joint_of(learn::LabelHead& head, const torch::Tensor& patch_embeddings) {
  const auto logits = head->forward(patch_embeddings);
  return joint(logits.view({-1, kPatches, logits.size(1)}));
}

DualNet::DualNet(std::shared_ptr<learn::LabelNet> whole, std::int64_t classes, std::int64_t embedding, Stream init)
    : net(register_module("net", std::move(whole))) {
  const auto made = [&](const std::string& name) {
    learn::LabelHead head = register_module(name, learn::LabelHead(classes, embedding));
    start_head(head, embedding, init);
    return head;
  };
  h2 = made("h2");
  h3 = made("h3");
  h4 = made("h4");
}

torch::Tensor DualNet::logits(const torch::Tensor& x) {
  return (net->forward(x).z + joint_of(h2, embeddings(patches(x)))) / 2;
}

void DualNet::copy_labelled_heads() {
  torch::NoGradGuard no_grad;
  const auto copy = [](const torch::nn::Module& from, const torch::nn::Module& to) {
    const auto weights = from.parameters(), copies = to.parameters();
    for (std::size_t i = 0; i < weights.size(); ++i) copies[i].detach().copy_(weights[i]);
  };
  copy(*h1(), *h3);
  copy(*h2, *h4);
}

}  // namespace assay::ssl_multi_label
