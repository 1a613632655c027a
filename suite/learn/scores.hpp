// Numbers that describe predictions.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace assay::learn {

double percent_equal(const torch::Tensor& a, const torch::Tensor& b);  // 0..100

// Expected calibration error over equally wide bins of the confidence, the largest probability of each row. 0..1.
double calibration_error(const torch::Tensor& probabilities, const torch::Tensor& labels, std::int64_t bins = 15);

// Area under the ROC curve of `score` as a sign of `positive` (bool); ties count half. NaN where one class is empty.
double roc_area(const torch::Tensor& score, const torch::Tensor& positive);

}  // namespace assay::learn
