// CCAL (Du, Zhao, Chen, Chai, Chen and Li, ICCV 2021), with selection as MQ-Net's authors rewrote it.
//
// R1  Semantic: s(x) = max over L_k of the cosine, min-max over U; S_sem = tanh(k (s - t) / 2): a gate at s = t.
// R2  Distinctive, for class c and turn r: v1 >= v2 are the two largest cosines of x and the labelled of class c, all
//     turned by r, A and B these two labelled; q = (v1 - v2) + cos(A, B) + v1. Mean over r, min-max over U,
//     S_dis = 1 - that.
// R3  Class after class takes the largest S_sem + S_dis,c that are not taken yet: floor(b / K), the first b mod K
//     classes one more.
// Ours: a class with one labelled example has A = B; one with none has S_dis = 0.
#include <algorithm>
#include <cmath>
#include <limits>

#include "learn/neighbours.hpp"
#include "learn/ranking.hpp"
#include "open-set-al/protocol.hpp"

namespace assay::open_set_al {

double ccal_semantic(double s, double k, double t) { return std::tanh(k * (s - t) / 2); }  // R1

// R2 of one turn: rows of u [n, d] and of one class's labelled [m, d], both L2-normalised.
std::vector<double> ccal_closeness(const torch::Tensor& u, const torch::Tensor& labelled) {
  constexpr std::int64_t kBlock = 4096;  // bounds the memory of the cosines
  const auto l = labelled.to(torch::kFloat64);
  const auto among = l.mm(l.t()).contiguous();
  const auto m = l.size(0);
  const auto* between = among.const_data_ptr<double>();
  std::vector<double> closeness;
  for (std::int64_t from = 0; from < u.size(0); from += kBlock) {
    const auto rows = std::min(kBlock, u.size(0) - from);
    const auto cosines = u.narrow(0, from, rows).to(torch::kFloat64).mm(l.t()).contiguous();
    const auto* row = cosines.const_data_ptr<double>();
    for (std::int64_t i = 0; i < rows; ++i, row += m) {
      const auto a = std::max_element(row, row + m) - row;
      std::int64_t b = m > 1 && a == 0 ? 1 : 0;
      for (std::int64_t j = 0; j < m; ++j) {
        if (j != a && row[j] > row[b]) b = j;
      }
      closeness.push_back(2 * row[a] - row[b] + between[a * m + b]);
    }
  }
  return closeness;
}

// R3: positions, from one score per class and member of U.
std::vector<std::int64_t> ccal_picks(const std::vector<std::vector<double>>& score, std::int64_t budget) {
  const auto classes = static_cast<std::int64_t>(score.size());
  std::vector<bool> taken(score[0].size());
  std::vector<std::int64_t> picks;
  for (std::int64_t c = 0; c < classes; ++c) {
    const auto& of_class = score[static_cast<std::size_t>(c)];
    auto quota = budget / classes + (c < budget % classes ? 1 : 0);
    for (const auto i : learn::top(of_class, of_class.size())) {
      if (quota == 0) break;
      if (taken[static_cast<std::size_t>(i)]) continue;
      taken[static_cast<std::size_t>(i)] = true;
      picks.push_back(i);
      --quota;
    }
  }
  return picks;
}

class Ccal final : public PoolMethod {
 public:
  explicit Ccal(StrictObject& card) : k_(card.real("k")), t_(card.real("t")) {}

  Ids select(const RoundView& view) override {
    const auto u = rows_of(view.unlabelled);
    const auto& features = view.frozen->features();
    const auto similarity =
        learn::largest_cosine(features.index_select(0, u), features.index_select(0, rows_of(view.known.ids)));
    auto semantic = learn::minmax(values_of(similarity));
    for (auto& s : semantic) s = ccal_semantic(s, k_, t_);

    std::vector<std::vector<double>> score;
    for (std::int64_t c = 0; c < view.known_classes; ++c) {
      score.push_back(semantic);
      const auto distinctive = distinctive_of(view, u, c);
      for (std::size_t i = 0; i < distinctive.size(); ++i) score.back()[i] += distinctive[i];
    }
    Ids query;
    for (const auto i : ccal_picks(score, view.budget)) query.push_back(view.unlabelled[static_cast<std::size_t>(i)]);
    return query;
  }

 private:
  // S_dis for a class; empty where nothing of it is labelled.
  static std::vector<double> distinctive_of(const RoundView& view, const torch::Tensor& u, std::int64_t c) {  // R2
    Ids of_class;
    for (std::size_t i = 0; i < view.known.size(); ++i) {
      if (view.known.labels[i] == c) of_class.push_back(view.known.ids[i]);
    }
    if (of_class.empty()) return {};
    const auto l = rows_of(of_class);
    std::vector<double> sum(view.unlabelled.size());
    for (int turn = 0; turn < 4; ++turn) {
      const auto& turned = view.frozen->turned(turn);
      const auto q = ccal_closeness(turned.index_select(0, u), turned.index_select(0, l));
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += q[i];
    }
    auto distinctive = learn::minmax(sum);  // the sum scales like the mean
    for (auto& d : distinctive) d = 1 - d;
    return distinctive;
  }

  double k_, t_;
};

const Register<Ccal> ccal_registered{"ccal"};

}  // namespace assay::open_set_al
