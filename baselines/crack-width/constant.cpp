// The floor: the same width everywhere.
//
// R1  The mean of the true widths at the check points of the calibration set, whatever the mask shows.
#include <numeric>

#include "crack-width/protocol.hpp"

namespace assay::crack_width {

class Constant final : public Method {
 public:
  explicit Constant(StrictObject&) {}

  void start(const Calibration& calibration) override {
    const auto widths = calibration();
    if (widths.empty()) return;  // a tiny set without check points: the answer stays 0
    mean_ = std::accumulate(widths.begin(), widths.end(), 0.0) / static_cast<double>(widths.size());
  }
  void prepare(const MaskFacts&) override {}
  std::optional<Measurement> measure(const Question&) override { return Measurement{.width = mean_}; }

 private:
  double mean_ = 0;
};

const Register<Constant> constant_registered{"constant"};

}  // namespace assay::crack_width
