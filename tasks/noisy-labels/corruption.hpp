// Label noise: who gets which wrong label. All draws come from the run's stream `corruption`, so that every method of a
// seed meets the same noise.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/streams.hpp"
#include "core/strict_json.hpp"
#include "learn/batches.hpp"

namespace assay::noisy_labels {

using Labels = std::vector<std::int64_t>;
using Matrix = std::vector<std::vector<double>>;  // T[i][j] = P(given = j | clean = i); rows sum to 1

Matrix symmetric(std::int64_t classes, double rate);            // a wrong label is any other class
Matrix symmetric_inclusive(std::int64_t classes, double rate);  // DivideMix's way: the draw may hit the right class
Matrix pair_flip(std::int64_t classes, double rate);            // i -> i + 1; DeclarationError from rate 1/2 on
Matrix asymmetric(std::int64_t classes, double rate, const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs);

// Images of unknown classes stay in the training set under labels of known ones, uniformly; known classes get `closed`
// among themselves. `known` says for each class of the data its number among the known ones, or -1.
Matrix open_classes(const Labels& known, const Matrix& closed);

enum class Sampling { kExact, kIndependent };

// `classes` are row numbers of T. kExact: per class, counts by largest remainder, given out in a random order: less
// spread between seeds. kIndependent: one draw per sample, as published generators do.
Labels draw_labels(const Labels& classes, const Matrix& transition, Sampling sampling, Stream stream);

// Instance-dependent noise (Xia et al., NeurIPS 2020, Algorithm 2) from images [n, S]; sub-streams q, labels,
// W/<class>.
struct InstanceNoise {
  std::vector<double> flip_rate;  // q_n, normal around the rate with deviation 0.1, truncated to [0, 1]
  torch::Tensor probability;      // float64 [n, classes]
  Labels given;
};
InstanceNoise instance_noise(const torch::Tensor& images, const Labels& clean, std::int64_t classes, double rate,
                             const Streams& streams);
double mean_flip_rate(double rate);  // of q_n

Matrix counted(const Labels& from, const Labels& to, std::int64_t rows,
               std::int64_t columns);  // rows without samples: 0

// The corruption of one setting, as task.json declares it.
struct Corruption {
  std::string kind;
  Labels clean;       // among the known classes; -1 where the image shows an unknown one
  Labels given;       // among the known classes
  Matrix transition;  // nominal; counted where the noise has no matrix of its own
  double nominal_rate = 0;
  double expected_rate = 0;                 // share of wrong labels that the declaration lets one expect
  std::vector<std::int64_t> known_classes;  // class of the data set for each known class
};

// Draws the noise that `setting` declares for a pool of images. `human`: the further label sets of the data,
// restricted to the pool.
Corruption corrupt(StrictObject setting, const Labels& classes, std::int64_t class_count, const learn::ImageSet& images,
                   const std::map<std::string, Labels>& human, Sampling sampling, const Streams& streams);

// The numbers of the known classes that a setting declares, for the test set: -1 for unknown ones.
Labels known_numbers(const std::vector<std::int64_t>& known_classes, std::int64_t class_count);

}  // namespace assay::noisy_labels
