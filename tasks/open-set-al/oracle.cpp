#include "open-set-al/oracle.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "learn/ranking.hpp"

namespace assay::open_set_al {

LabelOracle::LabelOracle(std::vector<std::int64_t> labels, const Ids& given)
    : labels_(std::move(labels)), told_(labels_.size(), false) {
  for (const auto id : given) told_.at(static_cast<std::size_t>(id)) = true;
}

std::int64_t LabelOracle::ask(std::int64_t id) {
  auto told = told_.begin() + id;
  if (id < 0 || id >= static_cast<std::int64_t>(told_.size()) || *told) {
    throw std::logic_error("image " + std::to_string(id) + " cannot be asked for: it is labelled, or none");
  }
  *told = true;
  ++asked_;
  return labels_[static_cast<std::size_t>(id)];
}

std::int64_t LabelOracle::given(std::int64_t id) const {
  if (!told_.at(static_cast<std::size_t>(id)))
    throw std::logic_error("image " + std::to_string(id) + " is not labelled");
  return labels_[static_cast<std::size_t>(id)];
}

Selection settle(Ids selected, const Ids& unlabelled, std::int64_t budget, Stream fill) {
  std::set<std::int64_t> open(unlabelled.begin(), unlabelled.end());
  const auto wanted = std::min(static_cast<std::size_t>(budget), unlabelled.size());
  if (selected.size() > wanted) {
    throw std::runtime_error("the method selected " + std::to_string(selected.size()) + " images of " +
                             std::to_string(wanted));
  }
  for (const auto id : selected) {
    if (open.erase(id) == 0) {
      throw std::runtime_error("the method selected image " + std::to_string(id) +
                               ", which is labelled or selected twice");
    }
  }
  Selection settled{std::move(selected), 0};
  settled.filled = static_cast<std::int64_t>(wanted - settled.ids.size());
  for (const auto id : learn::draw(Ids(open.begin(), open.end()), static_cast<std::size_t>(settled.filled), fill)) {
    settled.ids.push_back(id);
  }
  return settled;
}

}  // namespace assay::open_set_al
