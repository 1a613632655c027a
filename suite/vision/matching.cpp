#include "vision/matching.hpp"

#include <algorithm>
#include <limits>

namespace assay::vision {

namespace {

constexpr std::int32_t kNobody = -1;
constexpr std::int32_t kFar = std::numeric_limits<std::int32_t>::max();

// One phase is a breadth-first search for the shortest augmenting paths, then a depth-first search for as many disjoint
// ones of that length as there are. Stacks of its own: a path can be as long as the graph.
class HopcroftKarp {
 public:
  HopcroftKarp(const std::vector<std::vector<std::int32_t>>& neighbours, std::size_t right)
      : neighbours_(neighbours),
        partner_of_left_(neighbours.size(), kNobody),
        partner_of_right_(right, kNobody),
        level_(neighbours.size()),
        next_(neighbours.size()) {}

  std::size_t size() {
    std::size_t pairs = 0;
    while (find_levels()) {
      std::fill(next_.begin(), next_.end(), 0);
      for (std::size_t left = 0; left < neighbours_.size(); ++left) {
        if (partner_of_left_[left] == kNobody && augment(static_cast<std::int32_t>(left))) ++pairs;
      }
    }
    return pairs;
  }

 private:
  template <typename T>
  static T& at(std::vector<T>& values, std::int32_t index) {
    return values[static_cast<std::size_t>(index)];
  }

  // The length of the shortest alternating path from a single left one to each left one. False: none leads to a single
  // right one, so that the matching is largest.
  bool find_levels() {
    queue_.clear();
    for (std::size_t left = 0; left < neighbours_.size(); ++left) {
      const bool single = partner_of_left_[left] == kNobody;
      level_[left] = single ? 0 : kFar;
      if (single) queue_.push_back(static_cast<std::int32_t>(left));
    }
    bool found = false;
    for (std::size_t i = 0; i < queue_.size(); ++i) {
      const std::int32_t left = queue_[i];
      for (const std::int32_t right : neighbours_[static_cast<std::size_t>(left)]) {
        const std::int32_t following = at(partner_of_right_, right);
        if (following == kNobody) {
          found = true;
        } else if (at(level_, following) == kFar) {
          at(level_, following) = at(level_, left) + 1;
          queue_.push_back(following);
        }
      }
    }
    return found;
  }

  bool augment(std::int32_t start) {
    path_.assign(1, start);
    while (!path_.empty()) {
      const std::int32_t left = path_.back();
      const auto& choices = neighbours_[static_cast<std::size_t>(left)];
      if (at(next_, left) == choices.size()) {  // nothing leads on from here; its predecessor tries its next choice
        path_.pop_back();
        if (!path_.empty()) ++at(next_, path_.back());
        continue;
      }
      const std::int32_t following = at(partner_of_right_, choices[at(next_, left)]);
      if (following == kNobody) {
        take_path();
        return true;
      }
      if (at(level_, following) == at(level_, left) + 1) {
        path_.push_back(following);
      } else {
        ++at(next_, left);
      }
    }
    return false;
  }

  // Each left one on the path takes the right one that it chose; nobody may choose on this path's left ones again.
  void take_path() {
    for (const std::int32_t left : path_) {
      const std::int32_t right = neighbours_[static_cast<std::size_t>(left)][at(next_, left)];
      at(partner_of_left_, left) = right;
      at(partner_of_right_, right) = left;
      at(level_, left) = kFar;
    }
  }

  const std::vector<std::vector<std::int32_t>>& neighbours_;
  std::vector<std::int32_t> partner_of_left_, partner_of_right_;
  std::vector<std::int32_t> level_;  // of a left one
  std::vector<std::size_t> next_;    // the choice that a left one is at
  std::vector<std::int32_t> queue_, path_;
};

}  // namespace

std::size_t maximum_matching(const std::vector<std::vector<std::int32_t>>& neighbours, std::size_t right) {
  return HopcroftKarp(neighbours, right).size();
}

}  // namespace assay::vision
