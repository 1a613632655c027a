// What purity alone can give: queries among the images that truly show a known class. Sees what no method may see.
//
// R1  by = random: uniform among them. by = margin: the smallest gaps between C_t's two largest probabilities.
// R2  Every query is known while there are any left; what is missing is the protocol's to fill.
#include <algorithm>
#include <iterator>

#include "learn/ranking.hpp"
#include "learn/uncertainty.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

class OracleKnown final : public PoolMethod {
 public:
  explicit OracleKnown(StrictObject& card) : by_margin_(card.choice("by", {"random", "margin"}) == "margin") {}

  Ids select(const RoundView& view) override {
    const auto& labels = view.privileged.pool_labels();
    Ids known;
    std::copy_if(view.unlabelled.begin(), view.unlabelled.end(), std::back_inserter(known),
                 [&](std::int64_t id) { return labels[static_cast<std::size_t>(id)] < view.known_classes; });
    const auto budget = static_cast<std::size_t>(view.budget);
    if (!by_margin_) {
      auto draws = view.stream("method");
      return learn::draw(std::move(known), budget, draws);
    }
    if (known.empty()) return {};
    const auto logits = view.target_outputs(known).logits[0].to(torch::kFloat64);
    Ids query;
    for (const auto i : learn::top(values_of(learn::margin_uncertainty(logits.softmax(1))), budget)) {
      query.push_back(known[static_cast<std::size_t>(i)]);
    }
    return query;
  }

 private:
  bool by_margin_;
};

const Register<OracleKnown> oracle_known_registered{"oracle-known"};

}  // namespace assay::open_set_al
