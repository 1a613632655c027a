#include "vision/opencv.hpp"

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>

namespace assay::vision {

void prepare_opencv() {
  [[maybe_unused]] static const bool once = [] {
    cv::setNumThreads(0);
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    return true;
  }();
}

}  // namespace assay::vision
