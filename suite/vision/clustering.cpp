#include "vision/clustering.hpp"

#include <opencv2/core.hpp>
#include <stdexcept>

#include "vision/opencv.hpp"

namespace assay::vision {

Clusters k_means(std::span<const float> points, std::int64_t n, std::int64_t k, std::uint64_t seed, int restarts) {
  if (k < 1 || k > n || points.empty() || points.size() % static_cast<std::size_t>(n) != 0) {
    throw std::invalid_argument("k-means needs 1 <= k <= n points of one width");
  }
  prepare_opencv();
  const auto width = points.size() / static_cast<std::size_t>(n);
  const cv::Mat rows(static_cast<int>(n), static_cast<int>(width), CV_32FC1, const_cast<float*>(points.data()));
  const cv::TermCriteria until_nothing_moves(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 100, 0);
  cv::Mat labels, centres;
  cv::theRNG() = cv::RNG(seed);  // of this thread; cv::kmeans takes no other
  Clusters clusters;
  clusters.inertia =
      cv::kmeans(rows, static_cast<int>(k), labels, until_nothing_moves, restarts, cv::KMEANS_PP_CENTERS, centres);
  clusters.centres.assign(centres.begin<float>(), centres.end<float>());
  clusters.of.assign(labels.begin<int>(), labels.end<int>());
  return clusters;
}

}  // namespace assay::vision
