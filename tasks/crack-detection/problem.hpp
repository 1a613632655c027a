// One setting made concrete: which pictures, which truth. The protocol's side of the matter.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "crack-detection/crops.hpp"
#include "crack-detection/photographs.hpp"
#include "crack-detection/pictures.hpp"
#include "learn/job.hpp"

namespace assay::cracks {

struct Budget {
  std::int64_t train = 0, test = 0, side = 0;  // of generated sets
  Schedule schedule;
  std::vector<std::int64_t> widths;
  std::int64_t patch = 0;
};
// The tier's budget; where the setting has a "budget" of its own, its values stand instead.
Budget read_budget(const Json& tier, const Json& setting);

// The pictures of a job: photographs from the data set's folders, or generated ones from the artefact cache.
Photographs load_photographs(const Job& job, const Budget& budget);

struct Split {
  std::vector<Photograph> photographs;
  std::vector<Picture> pictures;
  std::vector<torch::Tensor> truth;  // float [height, width]: 1 crack, 0 none, 0.5 ignored
};
Split make_split(std::vector<Photograph> photographs, bool test);

}  // namespace assay::cracks
