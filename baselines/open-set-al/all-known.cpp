// The ceiling: a classifier that has the label of every image of a known class in the pool. Sees what no method may
// see.
//
// R1  C_t is trained by the common trainer on all of them, whatever was asked; its streams are C_t's own.
// R2  Queries are drawn at random among the truly known, so that precision and recall are at their best, too.
#include <algorithm>
#include <iterator>

#include "learn/ranking.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

class AllKnown final : public PoolMethod {
 public:
  explicit AllKnown(StrictObject&) {}

  std::optional<Fit> fit(const FitView& view) override {
    const auto& labels = view.privileged.pool_labels();
    Examples known;
    for (std::int64_t id = 0; id < view.size(); ++id) {
      const auto label = labels[static_cast<std::size_t>(id)];
      if (label < view.known_classes) known.add(id, label);
    }
    auto net = view.ground->network({view.known_classes}, view.stream("init", view.repeat));
    train(*net, *view.ground, known, view.schedule, view.train_streams(view.repeat));
    return answer_of_head(std::move(net));
  }

  Ids select(const RoundView& view) override {
    const auto& labels = view.privileged.pool_labels();
    Ids known;
    std::copy_if(view.unlabelled.begin(), view.unlabelled.end(), std::back_inserter(known),
                 [&](std::int64_t id) { return labels[static_cast<std::size_t>(id)] < view.known_classes; });
    auto draws = view.stream("method");
    return learn::draw(std::move(known), static_cast<std::size_t>(view.budget), draws);
  }
};

const Register<AllKnown> all_known_registered{"all-known"};

}  // namespace assay::open_set_al
