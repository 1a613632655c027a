// Unknown classes found by clustering: scores on a table worked out by hand, searches, and groups that are plain to see.
#include "open-set-al/class_estimation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "core/streams.hpp"

namespace assay::open_set_al {
namespace {

using Counts = std::vector<std::int64_t>;

TEST(ClusterF1, FollowsTheTable) {
  const auto scores = cluster_f1({{8, 0, 2}, {0, 6, 0}, {2, 2, 10}}, {0, 1, 2});
  ASSERT_EQ(scores.size(), 3u);
  EXPECT_NEAR(scores[0], .8, 1e-9);
  EXPECT_NEAR(scores[1], .857143, 1e-6);
  EXPECT_NEAR(scores[2], .769231, 1e-6);
  EXPECT_NEAR(scores[0] * scores[1] * scores[2], .527473, 1e-6);
}

TEST(ClusterF1, CountsEveryClusterWithoutAKnownLabelAsUnknown) {
  const auto split = cluster_f1({{8, 0, 2}, {2, 2, 3}, {0, 6, 0}, {0, 0, 7}}, {0, -1, 1, 2});
  EXPECT_NEAR(split[2], .769231, 1e-6) << "the unknown cluster in two parts";
}

TEST(ClusterF1, IsZeroForALabelThatItsClusterMisses) {
  EXPECT_EQ(cluster_f1({{4, 0, 0}, {0, 0, 3}, {2, 0, 1}}, {0, 1, 2})[1], 0);
}

TEST(Searches, FindTheSmallestOfEqualPeaks) {
  const ClusterScore flat_top = [](std::int64_t c) { return c == 7 || c == 9 ? 2.0 : 1.0 / static_cast<double>(c); };
  EXPECT_EQ(scan(3, 15, flat_top), 7);
  EXPECT_EQ(scan(3, 3, flat_top), 3);
}

TEST(Searches, ByThirdsFindASinglePeakInFewSteps) {
  for (const std::int64_t peak : {4, 5, 77, 500, 999, 1000}) {
    int asked = 0;
    const auto found = ternary_search(4, 1000, [&](std::int64_t c) {
      ++asked;
      return -std::abs(static_cast<double>(c - peak));
    });
    EXPECT_EQ(found, peak);
    EXPECT_LT(asked, 40);
  }
}

// Groups of six points on a line, each 100 apart, with these labels.
struct Groups {
  explicit Groups(const std::vector<std::int64_t>& of) {
    Stream stream(5);
    for (std::size_t g = 0; g < of.size(); ++g) {
      for (int i = 0; i < 6; ++i) {
        points.push_back(static_cast<float>(100 * g) + static_cast<float>(stream.uniform()));
        points.push_back(0);
        labels.push_back(of[g]);
      }
    }
  }
  LabelledFeatures features(std::int64_t known) const { return {points, labels, known}; }

  std::vector<float> points;
  std::vector<std::int64_t> labels;
};

std::uint64_t seed(std::int64_t clusters) { return static_cast<std::uint64_t>(clusters); }

TEST(UnknownClasses, AreAtMostAsManyAsThereAreGroupsAndKeepThemWhole) {
  const Groups groups({0, 2, 1, 2, 2});
  const auto found = estimate_unknown_classes(groups.features(2), {false, 12}, seed);
  EXPECT_GE(found.count, 1);
  EXPECT_LE(found.count, 3);
  ASSERT_EQ(found.label_of.size(), 18u);
  for (const auto label : found.label_of) EXPECT_TRUE(label >= 2 && label < 2 + found.count);
  for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(found.label_of[i], found.label_of[i / 6 * 6]) << "a group stays whole";
}

TEST(UnknownClasses, AreOneWhereOnlyOneIsAllowed) {
  const Groups groups({0, 2, 1, 2});
  const auto found = estimate_unknown_classes(groups.features(2), {false, 1}, seed);
  EXPECT_EQ(found.count, 1);
  EXPECT_EQ(found.label_of, Counts(12, 2));
}

TEST(UnknownClasses, AreNoneWithoutUnknownLabels) {
  const Groups groups({0, 1});
  const auto found = estimate_unknown_classes(groups.features(2), {false, 12}, seed);
  EXPECT_EQ(found.count, 0);
  EXPECT_TRUE(found.label_of.empty());
}

TEST(UnknownClasses, LieNearUnknownCentresOnly) {
  // The last point of class 1's group is labelled unknown: it gets the label of an unknown cluster all the same.
  Groups groups({0, 1, 2, 2});
  groups.labels[11] = 2;
  const auto found = estimate_unknown_classes(groups.features(2), {true, 12}, seed);
  ASSERT_EQ(found.label_of.size(), 13u);
  EXPECT_GE(found.label_of[0], 2);
  EXPECT_LT(found.label_of[0], 2 + found.count);
}

}  // namespace
}  // namespace assay::open_set_al
