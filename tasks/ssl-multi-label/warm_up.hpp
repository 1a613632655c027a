// The models that methods start from: trained on the strong views of the labelled part alone, once per setting and
// seed, kept as artefacts.
#pragma once

#include "learn/job.hpp"
#include "ssl-multi-label/problem.hpp"
#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

std::shared_ptr<learn::LabelNet> warm_net(const View& view, const Network& network, const Job& job);

// D2L-MAT's: loss(h1(image)) + loss(joint of h2(patches)) on the same rows in the same views and from the same weights;
// then h3 and h4 are copies of h1 and h2.
std::shared_ptr<DualNet> warm_dual_net(const View& view, const Network& network, const Job& job);

}  // namespace assay::ssl_multi_label
