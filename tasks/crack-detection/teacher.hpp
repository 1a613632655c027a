// The teacher of the distilling methods: a U-Net of the setting's widths with an auxiliary head, trained once per setting
// and seed, kept as an artefact.
#pragma once

#include "crack-detection/protocol.hpp"
#include "learn/job.hpp"

namespace assay::cracks {

// Trained by the recipe of the view: mean BCE of the main head + 0.4 mean BCE of the auxiliary one (Zhao et al., PSPNet, CVPR
// 2017, as RDD's teachers are). Frozen, in evaluation mode. Its initial weights, order and crops come from streams of
// their own ("teacher/..."), so that no student shares them.
learn::UNet obtain_teacher(const View& view, const Job& job);

}  // namespace assay::cracks
