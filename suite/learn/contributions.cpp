#include "learn/contributions.hpp"

#include <numeric>

namespace assay::learn {

std::vector<double> contributions(std::size_t n, double all,
                                  const std::function<double(std::size_t left_out)>& without) {
  if (n < 2) return std::vector<double>(n, all);
  const auto count = static_cast<double>(n);
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(count * all - (count - 1) * without(i));
  const double shift = all - std::accumulate(values.begin(), values.end(), 0.0) / count;
  for (auto& value : values) value += shift;
  return values;
}

void report_contributions(Reporter& reporter, const std::string& metric, const std::vector<double>& values) {
  const std::vector<float> stored(values.begin(), values.end());
  reporter.prediction("contribution:" + metric, "f32", {static_cast<std::int64_t>(stored.size())},
                      {reinterpret_cast<const char*>(stored.data()), stored.size() * sizeof(float)});
}

}  // namespace assay::learn
