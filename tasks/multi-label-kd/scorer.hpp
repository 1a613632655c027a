// Scores snapshots and the final predictor on the test images, whose labels it alone holds.
#pragma once

#include <chrono>

#include "learn/reporter.hpp"
#include "multi-label-kd/label_report.hpp"
#include "multi-label-kd/labelled_data.hpp"
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

class Scorer final : public Recorder {
 public:
  Scorer(const multi_label::LabelledData& data, const multi_label::ScoreRules& rules, torch::Device device,
         Reporter& reporter);

  void epoch(std::int64_t number, std::int64_t of, const Predictor& predictor, const Losses& losses) override;
  double seconds() const;  // since the Scorer was made, without its own work and without what `aside` ran
  template <typename Work>
  auto aside(const Work& work) {  // runs something that is not the method's work
    const Pause pause(*this);
    return work();
  }
  void finish(const Predictor& predictor, const Job& job, const std::function<const Teacher&()>& teacher);

 private:
  using Clock = std::chrono::steady_clock;
  struct Pause {
    explicit Pause(Scorer& scorer) : scorer_(scorer), entered_(Clock::now()) {}
    ~Pause() { scorer_.here_ += Clock::now() - entered_; }
    Scorer& scorer_;
    Clock::time_point entered_;
  };

  torch::Tensor on_test(const Predictor& predictor) const;  // logits [test images, classes]

  const multi_label::LabelledData& data_;
  multi_label::ScoreRules rules_;
  torch::Device device_;
  Reporter& reporter_;
  bool recorded_ = false;
  Clock::time_point begun_;
  Clock::duration here_{};
};

}  // namespace assay::multi_label_kd
