// Scores snapshots on the test images and pseudo-labels against the hidden labels. It alone holds both.
#pragma once

#include <chrono>

#include "learn/reporter.hpp"
#include "ssl-multi-label/problem.hpp"
#include "ssl-multi-label/protocol.hpp"

namespace assay::ssl_multi_label {

class Scorer final : public Recorder {
 public:
  Scorer(const multi_label::LabelledData& data, torch::Tensor hidden_labels, const multi_label::ScoreRules& rules,
         torch::Device device, Reporter& reporter);

  void epoch(std::int64_t number, std::int64_t of, const Snapshot& snapshot) override;
  double seconds() const;  // since the Scorer was made, without its own work and without what `aside` ran
  template <typename Work>
  auto aside(const Work& work) {  // runs something that is not the method's work
    const Pause pause(*this);
    return work();
  }
  void finish(const Job& job);  // reports the last epoch's scores

 private:
  using Clock = std::chrono::steady_clock;
  struct Pause {
    explicit Pause(Scorer& scorer) : scorer_(scorer), entered_(Clock::now()) {}
    ~Pause() { scorer_.here_ += Clock::now() - entered_; }
    Scorer& scorer_;
    Clock::time_point entered_;
  };

  torch::Tensor on_test(const Predictor& predictor) const;  // logits [test images, classes]
  double map_of(const torch::Tensor& logits) const;         // percent

  const multi_label::LabelledData& data_;
  torch::Tensor hidden_labels_;
  multi_label::ScoreRules rules_;
  torch::Device device_;
  Reporter& reporter_;
  torch::Tensor last_;  // the averaged model's logits, once the last epoch is recorded
  Clock::time_point begun_;
  Clock::duration here_{};
};

// Of the pairs that are trained on: how the positive ones agree with the truth, as shares.
learn::LabelScores pseudo_scores(const PseudoLabels& pseudo, const torch::Tensor& truth);

}  // namespace assay::ssl_multi_label
