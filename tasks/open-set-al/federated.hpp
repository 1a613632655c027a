// The federated protocol. Images lie at clients, unevenly and with a long tail; all classes are known. In stages, a
// global model is trained from scratch by federated averaging on what is labelled, and every client asks for as many
// labels as the others.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "open-set-al/method.hpp"
#include "open-set-al/protocol.hpp"
#include "open-set-al/training.hpp"

namespace assay::open_set_al {

struct ClientView {
  Examples labelled;  // ids ascending
  Ids unlabelled;     // ascending
};

struct FederatedView {
  const Ground* ground = nullptr;  // images of all clients; a client's method looks at its own ids only
  std::int64_t classes = 0;
  std::int64_t stage = 0, stages = 0;  // counted from 0: of the query before stage 1 .. stages - 1
  std::int64_t budget = 0;             // labels per client and stage
  std::vector<ClientView> clients;
  std::shared_ptr<learn::Headed> global;  // of the last stage
  // Client k's own model: trained on its labels alone, from one common start (once a stage, then kept).
  std::function<std::shared_ptr<learn::Headed>(std::size_t client)> local;
  Streams streams{0};
  Record record;

  Stream stream(const std::string& name, std::size_t client) const;  // "method": of this stage and client
  Outputs outputs(learn::Headed& net, const Ids& ids) const { return ground->outputs(net, ids); }
};

class FederatedMethod : public virtual Method {
 public:
  // Per client `budget` distinct members of its unlabelled (all, if there are fewer). Others, repeated or missing ones
  // are treated as in the pool protocol.
  virtual std::vector<Ids> query(const FederatedView& view) = 0;
};

// Which model the opponents ask: parameter query_model of their cards.
enum class QueryModel { kGlobal, kLocal };
QueryModel read_query_model(StrictObject& card);
// One selection per client that has unlabelled images, each with the model that `from` names.
using ClientSelect = std::function<Ids(const ClientView& client, learn::Headed& model, Stream stream)>;
std::vector<Ids> at_each_client(const FederatedView& view, QueryModel from, const ClientSelect& select);

Ids members(const Ids& ids, std::span<const std::int64_t> positions);  // of `ids`, in the order of the positions

}  // namespace assay::open_set_al
