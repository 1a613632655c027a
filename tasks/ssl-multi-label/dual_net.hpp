// The network of D2L-MAT: one trunk and encoder, and four heads. Whole images and patches have heads of their own, and
// so have labelled data (from which pseudo-labels are made) and unlabelled data (which are trained on them).
#pragma once

#include <torch/torch.h>

#include <memory>

#include "learn/label_net.hpp"

namespace assay::ssl_multi_label {

// How heads start: w ~ N(0, 2 / D), and rather no than yes.
void start_head(learn::LabelHead& head, std::int64_t embedding, Stream& init);

// Logits of an image's patches [n, patches, classes] joined: sum over patches p of softmax_p(l) l.
torch::Tensor joint(const torch::Tensor& patch_logits);

class DualNet : public torch::nn::Module {
 public:
  // The net's own head becomes h1.
  DualNet(std::shared_ptr<learn::LabelNet> net, std::int64_t classes, std::int64_t embedding, Stream init);

  torch::Tensor embeddings(const torch::Tensor& x) { return net->forward(x).e; }
  learn::LabelHead h1() { return net->head(); }
  // Of normalised images: (h1(image) + joint of h2(patches)) / 2. What pseudo-labels and answers are made from.
  torch::Tensor logits(const torch::Tensor& x);
  void copy_labelled_heads();  // h1 to h3, h2 to h4

  std::shared_ptr<learn::LabelNet> net;
  learn::LabelHead h2{nullptr}, h3{nullptr}, h4{nullptr};  // patches, labelled; image, unlabelled; patches, unlabelled
};

// Logits of patches [4 n, classes, D] by a head, joined: [n, classes].
torch::Tensor joint_of(learn::LabelHead& head, const torch::Tensor& patch_embeddings);

}  // namespace assay::ssl_multi_label
