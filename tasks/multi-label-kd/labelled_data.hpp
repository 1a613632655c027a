// Images with several labels each, for training, validation and test: generated garment scenes, VOC2007, or a folder of
// image files with a label table. Shared by the tasks multi-label-kd and ssl-multi-label.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <string>
#include <vector>

#include "learn/batches.hpp"
#include "learn/job.hpp"

namespace assay::multi_label {

inline constexpr float kUnknown = 0.5F;  // a label that is neither yes (1) nor no (0): left out of losses and scores

struct LabelledImages {
  torch::Tensor pixels;            // uint8 [n, channels, height, width]
  torch::Tensor labels;            // float [n, classes]: 1, 0 or kUnknown
  std::vector<std::string> names;  // [n]: file names, numbers of generated scenes
  std::int64_t size() const { return pixels.size(0); }
};

struct LabelledData {
  LabelledImages train, validation, test;
  std::vector<std::string> classes;
  learn::Normalisation normalisation;
  std::vector<torch::Tensor> memory;  // mapped files that the pixels lie in

  learn::ImageShape shape() const { return {train.pixels.size(1), train.pixels.size(2), train.pixels.size(3)}; }
};

struct SplitSizes {
  std::int64_t train = 0, validation = 0, test = 0;  // generated: as many; others: the first so many, 0 for all
};

// By the job's reader:
//   "idx-gzip"          garment scenes (garment_scenes.hpp) from Fashion-MNIST; setting: "profile", "data_seed"
//   "voc2007"           folder "VOCdevkit/VOC2007/" (voc.hpp); setting: "side", "difficult": positive | negative | mask
//   "labelled-folder"   folder "labelled-images/" with labels.csv (label_table.hpp); setting: "side"
// Made or decoded once, into an artefact. DataError where files are not as they should be. Other fields of the setting
// are not looked at here.
LabelledData load_labelled_data(const Job& job, const SplitSizes& sizes);

// The weights of a pretrained trunk: the data set's file imagenet-weights/<network>.pt. DeclarationError where it has
// none.
std::filesystem::path trunk_file(const Job& job, const std::string& network);

}  // namespace assay::multi_label
