// Tiny-ImageNet: 200 classes of 64x64 photographs, from the folder that its archive unpacks to.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "data/images.hpp"
#include "learn/job.hpp"

namespace assay::open_set_al {

struct OwnedImages {
  Images images;                      // its splits point into the memory below
  std::vector<torch::Tensor> memory;  // mapped files of the artefact
};

struct TinyImageNetSize {
  std::int64_t classes = 200, train_per_class = 500, test_per_class = 50;
};

// The folder "tiny-imagenet-200/" of the job: wnids.txt (the class is the line), words.txt (their names), train/<wnid>/images
// (class by class, by file name), val/val_annotations.txt and val/images (in the order of the lines): the test split,
// since the official one has no labels. RGB; grey photographs have three equal channels. Decoded once, into an
// artefact. DataError where the folder is not whole.
OwnedImages read_tiny_imagenet(const Job& job, const TinyImageNetSize& size = {});

}  // namespace assay::open_set_al
