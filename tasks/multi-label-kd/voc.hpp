// PASCAL VOC2007 (Everingham, Van Gool, Williams, Winn and Zisserman, IJCV 2010): which of 20 classes an image shows.
#pragma once

#include <filesystem>

#include "multi-label-kd/image_list.hpp"

namespace assay::multi_label {

// What an object counts that its annotator marked as difficult: as any other (L2D's code), as nothing (the lists of
// VOC), or neither way: its class is unknown then (the VOC devkit). Beside another object of the same class it never
// matters.
enum class Difficult { kPositive, kNegative, kMask };

// The folder VOC2007 as its archives unpack: ImageSets/Main/{trainval,test}.txt name the images, Annotations/ID.xml
// their objects, JPEGImages/ID.jpg is the image. There is no validation split: trainval trains. DataError where the
// folder is not whole or an annotation is not as it should be.
ImageList read_voc(const std::filesystem::path& folder, Difficult difficult);

}  // namespace assay::multi_label
