#include "open-set-al/federated.hpp"

namespace assay::open_set_al {

Stream FederatedView::stream(const std::string& name, std::size_t client) const {
  if (name == "method") return streams.stream(name + "/" + std::to_string(stage) + "/" + std::to_string(client));
  throw std::logic_error("the stream " + name + " belongs to the protocol");
}

QueryModel read_query_model(StrictObject& card) {
  return card.choice("query_model", {"global", "local"}) == "global" ? QueryModel::kGlobal : QueryModel::kLocal;
}

std::vector<Ids> at_each_client(const FederatedView& view, QueryModel from, const ClientSelect& select) {
  std::vector<Ids> answers;
  for (std::size_t k = 0; k < view.clients.size(); ++k) {
    if (view.clients[k].unlabelled.empty()) {
      answers.emplace_back();
      continue;
    }
    const auto model = from == QueryModel::kGlobal ? view.global : view.local(k);
    answers.push_back(select(view.clients[k], *model, view.stream("method", k)));
  }
  return answers;
}

Ids members(const Ids& ids, std::span<const std::int64_t> rows) {
  Ids chosen;
  for (const auto row : rows) chosen.push_back(ids.at(static_cast<std::size_t>(row)));
  return chosen;
}

}  // namespace assay::open_set_al
