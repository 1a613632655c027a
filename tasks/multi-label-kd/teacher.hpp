// The teacher: trained once for a setting and seed, kept as an artefact with all that it says about the training
// images.
#pragma once

#include <memory>

#include "multi-label-kd/problem.hpp"
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

// Trained with BCE of the main head + 0.4 BCE of the auxiliary one. Its initial weights, order and augmentation come
// from streams of their own ("teacher"), so that no student shares them. Where images have just two variants, plain and
// mirrored, its outputs for both are kept (maps in half precision); otherwise it computes them anew for each batch.
std::unique_ptr<Teacher> obtain_teacher(const View& view, const multi_label::LabelledData& data, const Setting& setting,
                                        const Budget& budget, const Job& job);

}  // namespace assay::multi_label_kd
