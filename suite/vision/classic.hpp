// Classical thresholding and edge detection, by OpenCV with the constants that the caller names.
#pragma once

#include "vision/grid.hpp"

namespace assay::vision {

// Otsu's threshold (IEEE Trans. SMC 1979) of the 256-bin histogram: the smallest t that maximises the between-class
// variance (m_T w - m w_T)^2 / (w (w_T - w)), with cumulative count w and cumulative sum m of the grey values <= t.
int otsu_threshold(const Grey& image);

// Canny's edges (TPAMI 1986) of an image in [0, 1]: Gaussian of `sigma`, Sobel with weights 1, 2, 1 and no division,
// non-maximum suppression in 4 directions, hysteresis between `low` and `high` on the gradient's length, 8-connected.
// Gradients are rounded to 1/6000, so that every machine marks the same pixels.
Mask canny(const Grid<float>& image, double sigma, double low, double high);

}  // namespace assay::vision
