// Scores snapshots of a running method and, at the end, reports the run. Everything that a method must not see is here.
#pragma once

#include <torch/torch.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "learn/reporter.hpp"
#include "noisy-labels/problem.hpp"
#include "noisy-labels/protocol.hpp"

namespace assay::noisy_labels {

// Counts over the training samples: what became of the wrong labels, and of the right ones.
struct Memory {
  double memorised = 0,
         recovered = 0;  // shares of the samples with a wrong label of a known class; NaN if there is none
};
Memory memory_of(const torch::Tensor& predicted, const torch::Tensor& given, const torch::Tensor& clean);

struct Selection {
  double precision = 0, recall = 0;  // of the rightly labelled samples; 0 and 0 for an empty selection
};
Selection selection_of(const torch::Tensor& selected, const torch::Tensor& given, const torch::Tensor& clean);

// Mean over the last max(3, round(0.025 T)) epochs, or all if there are fewer.
double last_mean(const std::vector<double>& per_epoch);

class Scorer final : public Recorder {
 public:
  Scorer(const Problem& problem, torch::Device device, learn::Work& work, Reporter& reporter);

  void epoch(std::int64_t epoch, std::int64_t of, const Classifier& classifier, const EpochFacts& facts) override;
  double seconds() const;                       // since construction, less the time spent here
  void finish(const Fit& fit, const Job& job);  // metrics, predictions, digest, exhibit, notes

 private:
  torch::Tensor probabilities(const Classifier& classifier, const learn::ImageSet& images) const;
  void report_notes() const;
  Json exhibit(const Job& job) const;

  using Clock = std::chrono::steady_clock;

  const Problem& problem_;
  torch::Device device_;
  learn::Work& work_;
  Reporter& reporter_;
  Clock::time_point begun_;
  Clock::duration here_{};
  std::vector<double> accuracy_, validation_accuracy_;  // per epoch
  torch::Tensor test_, train_;                          // probabilities of the last epoch
  torch::Tensor selected_;                              // of the last epoch
};

}  // namespace assay::noisy_labels
