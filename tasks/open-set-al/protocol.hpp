// The pool protocol. A method sees the images of the whole pool and what it was told: which images show a known class,
// and which; which show none. Labels of what it has not asked for stay behind an oracle that counts (oracle.hpp).
//
//   for t = 0 .. R: a target classifier C_t is trained on the labelled known, and tested; if t = R, stop;
//                   the method selects b images; each costs 1, is answered with its class or "unknown", and leaves the pool
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "learn/granted.hpp"
#include "open-set-al/frozen.hpp"
#include "open-set-al/method.hpp"
#include "open-set-al/training.hpp"

namespace assay::open_set_al {

// What a method may take down beside its answer: goes to the curves and the run's notes.
using Record = std::function<void(const std::string& name, double value)>;

class Privileged {
 public:
  Privileged() = default;
  Privileged(Granted granted, const std::vector<std::int64_t>* labels)
      : granted_(std::move(granted)), labels_(labels) {}

  // Label of every pool image, K for unknown. Needs "pool_labels".
  const std::vector<std::int64_t>& pool_labels() const;

 private:
  Granted granted_;
  const std::vector<std::int64_t>* labels_ = nullptr;
};

// What both views have. Streams "init", "order" and "augment" train C_t, with i = 0; a method's own networks use
// "init-aux", "order-aux" and "augment-aux", its other draws "method". Sub-stream i of round t.
struct PoolView {
  const Ground* ground = nullptr;
  Schedule schedule;                               // of every network
  std::int64_t known_classes = 0;                  // K; label K means "unknown"
  std::int64_t budget = 0, rounds = 0, round = 0;  // b, R, t (0-based)
  Examples known;                                  // L_k, ids ascending
  Ids unknown;                                     // L_u, ids ascending
  Streams streams{0};
  Record record;                   // curves; once a name and round
  const Frozen* frozen = nullptr;  // feature spaces of the whole pool that need no labels
  Privileged privileged;

  std::int64_t size() const { return ground->images.size(); }        // of the pool; ids are 0 .. size - 1
  Examples labelled() const;                                         // L: L_k, then L_u with label K
  Stream stream(const std::string& name, std::int64_t i = 0) const;  // std::logic_error for another name
  TrainStreams train_streams(std::int64_t i = 0) const;              // of C_t
  TrainStreams aux_train_streams(std::int64_t i = 0) const;
};

// A trained target classifier. `answer` gives scores [n, K] of normalised images [n, ...], whose argmax counts; called
// without gradients. `also`: other answers of the same training, tested as "accuracy_<name>".
using Classifier = std::function<torch::Tensor(const torch::Tensor& x)>;
struct Fit {
  std::shared_ptr<learn::Headed> net;
  Classifier answer;
  std::map<std::string, Classifier> also = {};
};
Fit answer_of_head(std::shared_ptr<learn::Headed> net, std::size_t head = 0);

struct FitView : PoolView {
  std::int64_t repeat = 0;  // of the last round's trainings; also the sub-stream to use
};

struct RoundView : PoolView {
  Ids unlabelled;                         // U, ascending
  std::vector<double> precisions;         // of the past queries: share that was known
  std::shared_ptr<learn::Headed> target;  // C_t: head 0 has K outputs unless the method's own fit() made it

  Outputs target_outputs(const Ids& ids) const { return ground->outputs(*target, ids); }
};

class PoolMethod : public virtual Method {
 public:
  // b distinct members of U (all of U, if it is smaller). Fewer are filled up at random, which the page says; others or
  // repeated ones fail the run. The protocol takes the time.
  virtual Ids select(const RoundView& view) = 0;
  // C_t, where the method's paper trains it in its own way. Called before select() of the same round.
  virtual std::optional<Fit> fit(const FitView&) { return std::nullopt; }
};

// --- What several methods share

// Positions of `top` scores among U, as ids. `score`: one per member of U.
Ids best_of(const RoundView& view, const std::vector<double>& score);
std::vector<double> values_of(const torch::Tensor& scores);  // [n] of any type, as float64
torch::Tensor rows_of(const Ids& ids);                       // int64 [n]

// The detector of LfOSA, BUAL and EAOA: a fresh network with K + 1 outputs on all answers, "unknown" being label K.
// Weights from init-aux/t/0.
std::shared_ptr<learn::Headed> train_detector(const RoundView& view, const BatchLoss& loss = cross_entropy);

}  // namespace assay::open_set_al
