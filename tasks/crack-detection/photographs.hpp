// Real photographs of pavement with pixel labels, from the folders that their data sets are published in.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "vision/grid.hpp"

namespace assay::cracks {

struct Photograph {
  std::string id;  // "train_img/11158": unique within its split
  vision::Grey grey;
  vision::Mask crack;
  vision::Mask ignored;  // pixels that nobody is judged by; an empty grid where there are none
};

struct Photographs {
  std::vector<Photograph> train, test;  // by id
};

// Readers: "cfd" (image/, seg/), "paveseg" (img/, label/), "deepcrack" (train_img/, train_lab/, test_img/, test_lab/),
// "crack500" (traincrop/, testcrop/). `folders`: name as the data set declares it ("image/") -> path. `shrink`: grey values
// are averaged over shrink x shrink pixels, masks take their maximum; rows and columns left over are dropped. DataError
// where a file is damaged, an image has no label or sizes differ.
Photographs read_photographs(const std::string& reader, const std::map<std::string, std::filesystem::path>& folders,
                             std::int64_t shrink);

}  // namespace assay::cracks
