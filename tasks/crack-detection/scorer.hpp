// Scores snapshots and the final predictor against the test truth, which it alone holds.
#pragma once

#include <chrono>
#include <vector>

#include "crack-detection/pixel_metrics.hpp"
#include "crack-detection/problem.hpp"
#include "crack-detection/protocol.hpp"
#include "learn/reporter.hpp"

namespace assay::cracks {

class Scorer final : public Recorder {
 public:
  Scorer(const Split& train, const Split& test, Reporter& reporter);

  void checkpoint(std::int64_t number, std::int64_t of, const Predictor& predictor, double train_loss) override;
  double seconds() const;  // since the Scorer was made, without its own work and without what `aside` ran
  template <typename Work>
  auto aside(const Work& work) {  // runs something that is not the method's work
    const Pause pause(*this);
    return work();
  }
  void finish(const Predictor& predictor, const Job& job, std::int64_t patch);

 private:
  using Clock = std::chrono::steady_clock;
  struct Pause {
    explicit Pause(Scorer& scorer) : scorer_(scorer), entered_(Clock::now()) {}
    ~Pause() { scorer_.here_ += Clock::now() - entered_; }
    Scorer& scorer_;
    Clock::time_point entered_;
  };

  void report_pixels(const std::vector<Scored>& test, std::size_t train_k);
  void report_patches(const std::vector<Scored>& test, std::int64_t patch);

  const Split &train_, &test_;
  Reporter& reporter_;
  bool recorded_ = false;
  Clock::time_point begun_;
  Clock::duration here_{};
};

}  // namespace assay::cracks
