// L2D's parts on numbers worked out by hand, and against loops that follow the paper's sums.
#include <gtest/gtest.h>

#include <cmath>

#include "learn/pairwise_distances.hpp"
#include "multi-label-kd/protocol.hpp"

namespace assay::multi_label_kd {

struct L2dForm {
  bool literal = false;
  learn::DistanceScale scale = learn::DistanceScale::kGroup;
};
struct L2dSettings {
  double lam_mld = 0, lam_cd = 0, lam_id = 0;
  L2dForm form;
  bool sum = false, mld_of_code = false;
};
torch::Tensor l2d_class_aware(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y,
                              const L2dForm& form);
torch::Tensor l2d_instance_aware(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y,
                                 const L2dForm& form);
Losses l2d_losses(const torch::Tensor& y, const Taps& student, const Taps& teacher, const L2dSettings& settings);

namespace {

using learn::DistanceScale;

constexpr L2dForm kGroup{}, kBatch{false, DistanceScale::kBatch}, kNone{false, DistanceScale::kNone},
    kLiteral{true, DistanceScale::kGroup};

double value(const torch::Tensor& scalar) { return scalar.item<double>(); }

torch::Tensor normals(const std::vector<std::int64_t>& sizes, std::uint64_t seed) {
  Stream draws(seed);
  auto values = torch::empty(sizes, torch::kFloat64);
  for (std::int64_t i = 0; i < values.numel(); ++i) values.data_ptr<double>()[i] = draws.normal();
  return values;
}

// 7 examples, 5 classes; classes with 0, 1, 2, 3 and 5 positives, examples with 0 to 4, and some unknown pairs.
torch::Tensor labels() {
  return torch::tensor({{0., 1., 1., 1., 1.},
                        {0., 0., 1., 1., 1.},
                        {.5, 0., 0., 1., 1.},
                        {0., 0., .5, 0., 0.},
                        {0., .5, 0., 0., 1.},
                        {0., 0., 0., 0., 1.},
                        {0., 0., 0., .5, .5}},
                       torch::kFloat64);
}

torch::Tensor line(const std::vector<double>& places) {  // [rows, 1] as one group
  return torch::tensor(places, torch::kFloat64).view({1, static_cast<std::int64_t>(places.size()), 1});
}

double distance(const torch::Tensor& a, const torch::Tensor& b) { return value((a - b).square().sum().sqrt()); }

double huber(double d) { return std::abs(d) < 1 ? d * d / 2 : std::abs(d) - 0.5; }

// The paper's sums, group by group: embeddings [groups, n, width].
double by_loops(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& y,
                const L2dForm& form) {
  struct Pair {
    std::size_t group, members;
    double student, teacher;
  };
  std::vector<Pair> pairs;
  for (std::int64_t g = 0; g < y.size(0); ++g) {
    std::vector<std::int64_t> in;
    for (std::int64_t i = 0; i < y.size(1); ++i) {
      if (value(y[g][i]) == 1) in.push_back(i);
    }
    for (const auto i : in) {
      for (const auto j : in) {
        if (i == j) continue;
        pairs.push_back({static_cast<std::size_t>(g), in.size(), distance(student[g][i], student[g][j]),
                         distance(teacher[g][i], teacher[g][j])});
      }
    }
  }
  double loss = 0;
  for (const auto& pair : pairs) {
    double own = 0, others = 0, count = 0;
    for (const auto& other : pairs) {
      if (form.scale == DistanceScale::kGroup && other.group != pair.group) continue;
      own += other.student;
      others += other.teacher;
      ++count;
    }
    const bool raw = form.literal || form.scale == DistanceScale::kNone;
    const double h = raw ? huber(pair.student - pair.teacher)
                         : huber(pair.student / (own / count) - pair.teacher / (others / count));
    loss += form.literal ? h : h / static_cast<double>(pair.members);
  }
  return loss;
}

Taps taps(const torch::Tensor& e, const torch::Tensor& z) {
  Taps made;
  made.e = e;
  made.z = z;
  return made;
}

// --- Groups

TEST(L2dGroups, AreAsOnTheExample) {
  const auto teacher = line({0, 1, 3}), student = line({0, 1, 2}), all = torch::ones({1, 3}, torch::kBool);
  for (const double scale : {1.0, 7.0}) {
    EXPECT_NEAR(value(learn::distance_losses(scale * student, teacher, all, DistanceScale::kGroup)), .125, 1e-9);
  }
  EXPECT_NEAR(value(learn::distance_losses(student, teacher, all, DistanceScale::kNone)), 2, 1e-9);
  EXPECT_NEAR(value(learn::distance_losses(7 * student, teacher, all, DistanceScale::kNone)), 41, 1e-9);
}

TEST(L2dGroups, OfAClassAreItsExamplesAndOfAnExampleItsLabels) {
  const auto teacher = line({0, 1, 3}), student = line({0, 1, 2}), one = torch::ones({1, 3}, torch::kFloat64);
  EXPECT_NEAR(value(l2d_instance_aware(student, teacher, one, kGroup)), .0416667, 1e-7);
  EXPECT_EQ(value(l2d_class_aware(student, teacher, one, kGroup)), 0);
  const auto turned = [](const torch::Tensor& e) { return e.transpose(0, 1); };  // three examples of one class
  EXPECT_NEAR(value(l2d_class_aware(turned(student), turned(teacher), one.t(), kGroup)), .0416667, 1e-7);
  EXPECT_EQ(value(l2d_instance_aware(turned(student), turned(teacher), one.t(), kGroup)), 0);
  EXPECT_NEAR(value(l2d_instance_aware(student, teacher, one, kLiteral)), 2, 1e-9);
}

TEST(L2dGroups, OfTwoAreDeadUnlessTheMeanIsOfTheBatch) {
  const auto y = torch::tensor({{1., 1., 0.}, {1., 1., 0.}}, torch::kFloat64);
  const auto teacher = normals({2, 3, 4}, 1);
  const auto student = normals({2, 3, 4}, 2).requires_grad_();
  for (const auto& part : {l2d_class_aware, l2d_instance_aware}) {
    const auto loss = part(student, teacher, y, kGroup);
    EXPECT_EQ(value(loss), 0);
    EXPECT_EQ(value(torch::autograd::grad({loss}, {student})[0].abs().sum()), 0);
    EXPECT_GT(value(part(student, teacher, y, kBatch)), 0);
  }
}

TEST(L2dGroups, EqualTheSumsOfThePaper) {
  const auto y = labels(), teacher = normals({7, 5, 6}, 3), student = normals({7, 5, 4}, 4);
  for (const auto& form : {kGroup, kBatch, kNone, kLiteral}) {
    EXPECT_NEAR(value(l2d_instance_aware(student, teacher, y, form)), by_loops(student, teacher, y, form), 1e-9);
    EXPECT_NEAR(value(l2d_class_aware(student, teacher, y, form)),
                by_loops(student.transpose(0, 1), teacher.transpose(0, 1), y.t(), form), 1e-9);
  }
}

// The slope includes that of the student's mean distance.
TEST(L2dGroups, HaveTheSlopeOfTheirValues) {
  const auto y = labels(), teacher = normals({7, 5, 3}, 5);
  const auto student = normals({7, 5, 3}, 6).requires_grad_();
  for (const auto& form : {kGroup, kBatch, kLiteral}) {
    const auto slopes =
        torch::autograd::grad({l2d_class_aware(student, teacher, y, form)}, {student})[0].contiguous().view(-1);
    for (const std::int64_t i : {0, 9, 13, 37, 104}) {
      const auto moved = [&](double by) {
        auto other = student.detach().clone();
        other.view(-1)[i] += by;
        return value(l2d_class_aware(other, teacher, y, form));
      };
      EXPECT_NEAR(value(slopes[i]), (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-6) << i;
    }
  }
}

TEST(L2dGroups, DoNotSeeScaleAndRotation) {
  const auto y = labels(), teacher = normals({7, 5, 4}, 7);
  const auto rotation = std::get<0>(torch::linalg_qr(normals({4, 4}, 8)));
  const auto student = 3.5 * torch::matmul(teacher, rotation);
  EXPECT_NEAR(value(l2d_class_aware(student, teacher, y, kGroup)), 0, 1e-12);
  EXPECT_NEAR(value(l2d_instance_aware(student, teacher, y, kGroup)), 0, 1e-12);
  EXPECT_GT(value(l2d_instance_aware(student, teacher, y, kNone)), 0.1);
}

TEST(L2dGroups, DoNotSeeTheOrderOfExamplesAndClasses) {
  const auto y = labels(), teacher = normals({7, 5, 4}, 9), student = normals({7, 5, 4}, 10);
  const auto rows = torch::tensor({3, 6, 0, 2, 5, 1, 4}), columns = torch::tensor({4, 2, 0, 1, 3});
  const auto moved = [&](const torch::Tensor& x) { return x.index_select(0, rows).index_select(1, columns); };
  for (const auto& form : {kGroup, kBatch, kNone, kLiteral}) {
    for (const auto& part : {l2d_class_aware, l2d_instance_aware}) {
      EXPECT_NEAR(value(part(moved(student), moved(teacher), moved(y), form)), value(part(student, teacher, y, form)),
                  1e-9);
    }
  }
}

TEST(L2dGroups, DoNotSeeUnknownLabels) {
  const auto y = labels(), teacher = normals({7, 5, 4}, 11), student = normals({7, 5, 4}, 12);
  const auto as_no = torch::where(y == multi_label::kUnknown, torch::zeros_like(y), y);
  for (const auto& part : {l2d_class_aware, l2d_instance_aware}) {
    EXPECT_EQ(value(part(student, teacher, y, kBatch)), value(part(student, teacher, as_no, kBatch)));
  }
}

TEST(L2dGroups, HaveFiniteGradientsWhereThereAreNoPairsOrRowsCoincide) {
  const auto teacher = normals({7, 5, 4}, 13).to(torch::kFloat32);
  const auto none = torch::zeros({7, 5});
  for (const auto& form : {kGroup, kBatch, kNone, kLiteral}) {
    for (const auto& part : {l2d_class_aware, l2d_instance_aware}) {
      auto student = normals({7, 5, 4}, 14).to(torch::kFloat32).requires_grad_();
      const auto nothing = part(student, teacher, none, form);
      EXPECT_EQ(value(nothing), 0);
      EXPECT_EQ(value(torch::autograd::grad({nothing}, {student})[0].abs().sum()), 0);
      auto same = torch::ones({7, 5, 4}).requires_grad_();
      const auto loss = part(same, teacher, torch::ones({7, 5}), form);
      EXPECT_TRUE(torch::isfinite(loss).item<bool>());
      EXPECT_TRUE(torch::isfinite(torch::autograd::grad({loss}, {same})[0]).all().item<bool>());
      EXPECT_TRUE(torch::isfinite(part(teacher, torch::ones({7, 5, 4}), torch::ones({7, 5}), form)).item<bool>());
    }
  }
}

// --- The whole loss

TEST(L2dLosses, WeightZeroSwitchesAPartOff) {
  const auto y = labels().to(torch::kFloat32), z = normals({7, 5}, 15).to(torch::kFloat32);
  const auto losses = l2d_losses(y, taps({}, z), {}, {});  // asks for no tap of the teacher
  EXPECT_TRUE(torch::equal(losses.task, bce(z, y)));
  EXPECT_FALSE(losses.distillation.defined());
}

TEST(L2dLosses, OfEqualLogitsIsZero) {
  const auto y = labels(), z = normals({7, 5}, 16);
  EXPECT_NEAR(value(l2d_losses(y, taps({}, z), taps({}, z), {.lam_mld = 10}).distillation), 0, 1e-12);
  const auto one = torch::ones({1, 1});
  EXPECT_NEAR(value(l2d_losses(one, taps({}, 0 * one), taps({}, 2 * one), {.lam_mld = 1}).distillation), .327813, 1e-6);
}

TEST(L2dLosses, WeighTheirPartsAsStated) {
  const auto y = labels();
  const auto student = taps(normals({7, 5, 4}, 17), normals({7, 5}, 18)),
             teacher = taps(normals({7, 5, 6}, 19), normals({7, 5}, 20));
  const double divergence = value(bkl(teacher.z, student.z).sum()) / 7, entropy = value(bce(student.z, y));
  const auto parts = [&](const L2dForm& form) {
    return 3 * value(l2d_class_aware(student.e, teacher.e, y, form)) +
           5 * value(l2d_instance_aware(student.e, teacher.e, y, form));
  };
  L2dSettings settings{.lam_mld = 2, .lam_cd = 3, .lam_id = 5};
  const auto expect = [&](double task, double distillation) {
    const auto losses = l2d_losses(y, student, teacher, settings);
    EXPECT_NEAR(value(losses.task), task, 1e-9);
    EXPECT_NEAR(value(losses.distillation), distillation, 1e-9);
  };
  expect(entropy, 2 * divergence + parts(kGroup) / 7);
  settings.mld_of_code = true;
  expect(entropy, 2 * divergence / 7 + parts(kGroup) / 7);
  settings.sum = true;  // the code's loss, term by term
  expect(7 * entropy, 2 * divergence + parts(kGroup));
  settings.form = kLiteral;
  expect(7 * entropy, 2 * divergence + parts(kLiteral));
  settings.sum = settings.mld_of_code = false;
  expect(entropy, 2 * divergence + parts(kLiteral));
}

}  // namespace
}  // namespace assay::multi_label_kd
