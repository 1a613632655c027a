#include "noisy-labels/corruption.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace assay::noisy_labels {

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

Matrix identity(std::int64_t classes) {
  Matrix t(at(classes), std::vector<double>(at(classes), 0));
  for (std::size_t i = 0; i < t.size(); ++i) t[i][i] = 1;
  return t;
}

Matrix uniform_flips(std::int64_t classes, double stay, double elsewhere) {
  Matrix t(at(classes), std::vector<double>(at(classes), elsewhere));
  for (std::size_t i = 0; i < t.size(); ++i) t[i][i] = stay;
  return t;
}

}  // namespace

Matrix symmetric(std::int64_t classes, double rate) {
  return uniform_flips(classes, 1 - rate, rate / static_cast<double>(classes - 1));
}

Matrix symmetric_inclusive(std::int64_t classes, double rate) {
  const double share = rate / static_cast<double>(classes);
  return uniform_flips(classes, 1 - rate + share, share);
}

Matrix pair_flip(std::int64_t classes, double rate) {
  if (rate >= 0.5) {
    throw DeclarationError(
        {"pair flip", "parameters/rate", "less than 0.5, else the wrong class is the majority", shortest(rate), ""});
  }
  auto t = identity(classes);
  for (std::size_t i = 0; i < t.size(); ++i) {
    t[i][i] = 1 - rate;
    t[i][(i + 1) % t.size()] += rate;
  }
  return t;
}

Matrix asymmetric(std::int64_t classes, double rate, const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs) {
  auto t = identity(classes);
  for (const auto& [from, to] : pairs) {
    t.at(at(from)).at(at(from)) = 1 - rate;
    t.at(at(from)).at(at(to)) = rate;
  }
  return t;
}

Matrix open_classes(const Labels& known, const Matrix& closed) {
  Matrix t;
  for (const auto number : known) {
    const auto columns = closed.size();
    t.push_back(number >= 0 ? closed.at(at(number)) : std::vector<double>(columns, 1.0 / static_cast<double>(columns)));
  }
  return t;
}

namespace {

// How many of n samples get each label: n T_j, rounded down, and the rest to the largest remainders (ties: smaller j).
std::vector<std::int64_t> apportioned(std::int64_t n, const std::vector<double>& row) {
  constexpr double kRounding = 1e-9;  // 500 * 0.6 must be 300, and equal remainders must tie
  std::vector<std::int64_t> counts;
  std::vector<std::pair<double, std::size_t>> remainders;
  for (std::size_t j = 0; j < row.size(); ++j) {
    const double share = static_cast<double>(n) * row[j];
    counts.push_back(static_cast<std::int64_t>(std::floor(share + kRounding)));
    remainders.emplace_back(-std::round((share - static_cast<double>(counts.back())) / kRounding), j);
  }
  std::sort(remainders.begin(), remainders.end());
  auto left = n - std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  for (std::size_t k = 0; left > 0; ++k, --left) ++counts[remainders[k].second];
  return counts;
}

Labels draw_exact(const Labels& classes, const Matrix& transition, Stream& stream) {
  Labels given(classes.size());
  for (std::size_t row = 0; row < transition.size(); ++row) {
    std::vector<std::size_t> members;
    for (std::size_t n = 0; n < classes.size(); ++n) {
      if (at(classes[n]) == row) members.push_back(n);
    }
    stream.shuffle(members);
    const auto counts = apportioned(static_cast<std::int64_t>(members.size()), transition[row]);
    std::size_t next = 0;
    for (std::size_t j = 0; j < counts.size(); ++j) {
      for (std::int64_t k = 0; k < counts[j]; ++k) given[members[next++]] = static_cast<std::int64_t>(j);
    }
  }
  return given;
}

// Inverse of the cumulative distribution at u; rounding cannot lead past the last label that is possible.
template <typename Row>
std::int64_t inverse(const Row& row, std::int64_t columns, double u) {
  double sum = 0;
  std::int64_t last = 0;
  for (std::int64_t j = 0; j < columns; ++j) {
    const double p = row[j];
    if (p > 0) last = j;
    sum += p;
    if (u < sum) return j;
  }
  return last;
}

}  // namespace

Labels draw_labels(const Labels& classes, const Matrix& transition, Sampling sampling, Stream stream) {
  if (sampling == Sampling::kExact) return draw_exact(classes, transition, stream);
  Labels given;
  for (const auto label : classes) {
    const auto& row = transition.at(at(label));
    given.push_back(inverse(row.data(), static_cast<std::int64_t>(row.size()), stream.uniform()));
  }
  return given;
}

namespace {

constexpr double kFlipDeviation = 0.1;

double truncated_normal(double mean, Stream& stream) {
  double value = mean + kFlipDeviation * stream.normal();
  while (value < 0 || value > 1) value = mean + kFlipDeviation * stream.normal();
  return value;
}

torch::Tensor normal_matrix(std::int64_t rows, std::int64_t columns, Stream stream) {
  const auto w = torch::empty({rows, columns}, torch::kFloat64);
  for (std::int64_t i = 0; i < w.numel(); ++i) w.data_ptr<double>()[i] = stream.normal();
  return w;
}

}  // namespace

double mean_flip_rate(double rate) {
  const auto density = [](double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi); };
  const auto below = [](double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; };
  const double low = -rate / kFlipDeviation, high = (1 - rate) / kFlipDeviation;
  return rate + kFlipDeviation * (density(low) - density(high)) / (below(high) - below(low));
}

InstanceNoise instance_noise(const torch::Tensor& images, const Labels& clean, std::int64_t classes, double rate,
                             const Streams& streams) {
  InstanceNoise noise;
  const auto n = static_cast<std::int64_t>(clean.size());
  auto q_stream = streams.stream("corruption/idn/q");
  for (std::int64_t i = 0; i < n; ++i) noise.flip_rate.push_back(truncated_normal(rate, q_stream));
  const auto x = images.reshape({n, -1}).to(torch::kFloat64);
  const auto y = torch::tensor(clean, torch::kInt64);
  const auto q = torch::tensor(noise.flip_rate, torch::kFloat64).unsqueeze(1);
  noise.probability = torch::zeros({n, classes}, torch::kFloat64);
  for (std::int64_t c = 0; c < classes; ++c) {
    const auto rows = y.eq(c).nonzero().squeeze(1);
    const auto w = normal_matrix(x.size(1), classes, streams.stream("corruption/idn/W/" + std::to_string(c)));
    auto s = x.index_select(0, rows).matmul(w);
    s.select(1, c).fill_(-std::numeric_limits<double>::infinity());
    const auto q_rows = q.index_select(0, rows);
    auto p = q_rows * s.softmax(1);
    p.select(1, c).copy_(1 - q_rows.squeeze(1));
    noise.probability.index_copy_(0, rows, p);
  }
  auto label_stream = streams.stream("corruption/idn/labels");
  const auto p = noise.probability.accessor<double, 2>();
  for (std::int64_t i = 0; i < n; ++i) noise.given.push_back(inverse(p[i], classes, label_stream.uniform()));
  return noise;
}

Matrix counted(const Labels& from, const Labels& to, std::int64_t rows, std::int64_t columns) {
  Matrix t(at(rows), std::vector<double>(at(columns), 0));
  for (std::size_t n = 0; n < from.size(); ++n) t[at(from[n])][at(to[n])] += 1;
  for (auto& row : t) {
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    if (sum > 0) std::for_each(row.begin(), row.end(), [sum](double& value) { value /= sum; });
  }
  return t;
}

Labels known_numbers(const std::vector<std::int64_t>& known_classes, std::int64_t class_count) {
  Labels numbers(at(class_count), -1);
  for (std::size_t k = 0; k < known_classes.size(); ++k)
    numbers.at(at(known_classes[k])) = static_cast<std::int64_t>(k);
  return numbers;
}

namespace {

std::vector<std::pair<std::int64_t, std::int64_t>> read_pairs(StrictObject& setting, std::int64_t classes) {
  const Json& list = setting.any("pairs");
  const auto is_class = [&](const Json& value) {
    return value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() < classes;
  };
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
  for (const auto& pair : list) {
    if (!pair.is_array() || pair.size() != 2 || !is_class(pair[0]) || !is_class(pair[1])) {
      setting.wrong("pairs", "[from, to] pairs of class numbers", list.dump());
    }
    pairs.emplace_back(pair[0], pair[1]);
  }
  return pairs;
}

// Share of wrong labels under T where the classes are equally frequent. Row i belongs to the known class known[i].
double wrong_share(const Matrix& transition, const Labels& known) {
  double right = 0;
  for (std::size_t i = 0; i < transition.size(); ++i) {
    if (known[i] >= 0) right += transition[i][at(known[i])];
  }
  return 1 - right / static_cast<double>(transition.size());
}

std::vector<std::int64_t> known_classes(StrictObject& setting, std::int64_t class_count) {
  std::vector<std::int64_t> unknown;
  for (const auto& value : setting.any("unknown")) unknown.push_back(value.get<std::int64_t>());
  std::vector<std::int64_t> known;
  for (std::int64_t c = 0; c < class_count; ++c) {
    if (std::find(unknown.begin(), unknown.end(), c) == unknown.end()) known.push_back(c);
  }
  return known;
}

}  // namespace

Corruption corrupt(StrictObject setting, const Labels& classes, std::int64_t class_count, const learn::ImageSet& images,
                   const std::map<std::string, Labels>& human, Sampling sampling, const Streams& streams) {
  Corruption result;
  result.kind = setting.choice(
      "kind", {"none", "symmetric", "symmetric-inclusive", "pair-flip", "asymmetric", "instance", "open-set", "human"});
  result.known_classes.resize(at(class_count));
  std::iota(result.known_classes.begin(), result.known_classes.end(), std::int64_t{0});
  result.nominal_rate = result.kind == "none" ? 0 : setting.real("rate");
  const double rate = result.nominal_rate;

  if (result.kind == "instance") {
    result.given = instance_noise(images.plain(0, images.size()), classes, class_count, rate, streams).given;
    result.expected_rate = mean_flip_rate(rate);
  } else if (result.kind == "human") {
    const auto set = setting.text("labels");
    const auto found = human.find(set);
    if (found == human.end()) setting.wrong("labels", "a label set of the data set", "\"" + set + "\"");
    result.given = found->second;
    result.expected_rate = rate;
  } else {
    Matrix closed;
    if (result.kind == "open-set") {
      result.known_classes = known_classes(setting, class_count);
      closed = symmetric(static_cast<std::int64_t>(result.known_classes.size()), rate);
    } else if (result.kind == "symmetric-inclusive") {
      closed = symmetric_inclusive(class_count, rate);
    } else if (result.kind == "pair-flip") {
      closed = pair_flip(class_count, rate);
    } else if (result.kind == "asymmetric") {
      closed = asymmetric(class_count, rate, read_pairs(setting, class_count));
    } else {
      closed = symmetric(class_count, rate);
    }
    const auto known = known_numbers(result.known_classes, class_count);
    result.transition = open_classes(known, closed);
    result.expected_rate = wrong_share(result.transition, known);
    result.given = draw_labels(classes, result.transition, sampling, streams.stream("corruption/" + result.kind));
  }
  setting.done();

  const auto known = known_numbers(result.known_classes, class_count);
  for (const auto label : classes) result.clean.push_back(known[at(label)]);
  const auto columns = static_cast<std::int64_t>(result.known_classes.size());
  if (result.transition.empty()) result.transition = counted(classes, result.given, class_count, columns);
  return result;
}

}  // namespace assay::noisy_labels
