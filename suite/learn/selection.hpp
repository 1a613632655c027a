// Draws and choices that several methods share.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace assay::learn {

// The share of a batch that co-teaching keeps in epoch e (from 0): 1 - tau min(e / ramp, 1).
double keep_rate(std::int64_t epoch, double tau, std::int64_t ramp);

// Positions of the n = max(1, floor(rate B)) smallest losses; of equal ones the first. In ascending order of position,
// so that keeping all of a batch is the batch itself, bit for bit.
torch::Tensor smallest(const torch::Tensor& losses, double rate);

// A draw from Beta(a, b) as a ratio of two gamma draws; std::gamma_distribution differs between standard libraries.
double beta_draw(double a, double b, at::Generator& generator);

// A generator of LibTorch's that starts from a draw of a stream.
at::Generator generator(std::uint64_t seed);

// A shuffle of 0..n-1.
torch::Tensor permutation(std::int64_t n, at::Generator& generator);

}  // namespace assay::learn
