// The pictures of a run: test images with their true labels and the scores that networks give. Metrics and notes of a
// run: label_report.hpp, shared as well.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "learn/reporter.hpp"
#include "multi-label-kd/labelled_data.hpp"

namespace assay::multi_label {

inline constexpr std::int64_t kShown = 4;

// The test images that all methods of a seed show: each with another number of labels, as far as there are such.
std::vector<std::int64_t> shown_rows(const torch::Tensor& labels, Stream stream);

// `answer`, `teacher`: logits [rows, classes] of the rows that shown_rows gave; the teacher's may be undefined.
Json label_exhibit(const LabelledImages& test, const std::vector<std::string>& classes,
                   const std::vector<std::int64_t>& rows, const torch::Tensor& answer, const torch::Tensor& teacher,
                   Reporter& reporter);

}  // namespace assay::multi_label
